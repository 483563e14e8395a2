//! The page that the link in an invitation opens. Reading it changes nothing: scanners open links before people do. The
//! form posts to the page's own address, token and all, and works without JavaScript.

use crate::{
    connect::components::Refused,
    error::AppError,
    identity::model::password_rules,
    organizations::{
        components::role_allows,
        members::{
            model::{InvitePage, InviteStanding},
            server_fns::load_invitation,
        },
    },
    paths,
    ui::{Avatar, Banner, ClientFrame, ErrorSummary, Field, MailLink, Tone, site::use_site, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The invitation that the token in the address is about.
#[component]
pub fn InvitationScreen() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.read().get("token").unwrap_or_default();
    let error = use_form_reply().error();
    let page = Resource::new(token, load_invitation);
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || {
                    let error = error.clone();
                    Suspend::new(async move {
                        match page.await {
                            Ok(Some(page)) => {
                                let token = params.read_untracked().get("token").unwrap_or_default();
                                view! { <Invitation page action=paths::invitation(&token) error /> }.into_any()
                            }
                            Ok(None) => view! { <DeadInvitation /> }.into_any(),
                            Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </ClientFrame>
    }
}

/// Who invites, into what, as what, and what is left to do.
#[component]
fn Invitation(
    /// The invitation.
    page: InvitePage,
    /// This page's own address.
    action: String,
    /// Why its form was refused, if it was.
    error: Option<AppError>,
) -> impl IntoView {
    let fresh = error.is_none();
    let mend = error.as_ref().and_then(|error| error.for_field("password"));
    let InvitePage { organization, invited_by, email, role, standing } = page;
    let by = match invited_by {
        Some(inviter) => view! { <bdi>{inviter}</bdi> " invites you to join " }.into_any(),
        None => "You are invited to join ".into_any(),
    };
    let title = if fresh { format!("Join {organization}") } else { format!("Not joined: {organization}") };
    // A refusal that the page says anyway is said once.
    let summary = error
        .filter(|error| !matches!((error, &standing), (AppError::InvitedOther, InviteStanding::SignedInAsOther { .. })))
        .map(|error| view! { <ErrorSummary error /> });
    view! {
        <Title text=title />
        <div class="sheet">
            <p class="request-who">
                <Avatar name=organization.clone() />
                <bdi>{organization.clone()}</bdi>
            </p>
            <h1 class="request-heading">{by} <bdi>{organization.clone()}</bdi></h1>
            <p class="invited-as">
                "Your role: " <strong>{role.title()}</strong> ". " {role_allows(role)}
            </p>
            {summary}
            <Answer standing organization email action mend fresh />
            <p class="small">"You did not expect this? Then do nothing: you join only by pressing the button."</p>
        </div>
    }
}

/// What is left to do.
#[component]
fn Answer(
    /// How the browser stands towards the invitation.
    standing: InviteStanding,
    /// Name of the organization.
    organization: String,
    /// Who is invited.
    email: String,
    /// This page's own address.
    action: String,
    /// What to mend in the password.
    mend: Option<String>,
    /// Whether nothing was refused yet.
    fresh: bool,
) -> impl IntoView {
    match standing {
        InviteStanding::NewPerson => view! {
            <form class="form" method="post" action=action novalidate>
                <InvitedAddress email hint="You sign in with it, and clients see it beside your requests." />
                <Field
                    label="Password"
                    name="password"
                    kind="password"
                    hint=password_rules::HINT
                    error=mend
                    autocomplete="new-password"
                    required=true
                    autofocus=fresh
                />
                <button type="submit" class="button button-primary">
                    "Create account and join"
                </button>
            </form>
        }
        .into_any(),
        InviteStanding::KnownPerson => view! {
            <form class="form" method="post" action=action novalidate>
                <InvitedAddress email hint="You have an account with this address." />
                <Field
                    label="Password"
                    name="password"
                    kind="password"
                    error=mend
                    autocomplete="current-password"
                    required=true
                    autofocus=fresh
                />
                <button type="submit" class="button button-primary">
                    "Sign in and join"
                </button>
            </form>
            <p class="small">
                <a href=paths::FORGOT_PASSWORD>"Forgot your password?"</a>
                " Set a new one, then open the link in your mail once more."
            </p>
        }
        .into_any(),
        InviteStanding::SignedIn => view! {
            <p>"You are signed in as " <bdi>{email}</bdi> "."</p>
            <form method="post" action=action>
                <button type="submit" class="button button-primary">
                    <span>"Join " <bdi>{organization}</bdi></span>
                </button>
            </form>
        }
        .into_any(),
        InviteStanding::SignedInAsOther { email: other } => view! {
            <Banner tone=Tone::Warning role="alert">
                <p>
                    "This invitation is for " <strong>
                        <bdi>{email}</bdi>
                    </strong> ", and you are signed in as " <strong>
                        <bdi>{other}</bdi>
                    </strong> "."
                </p>
                <p>"Sign out, then open the link in the mail once more."</p>
            </Banner>
            <form method="post" action=paths::SIGN_OUT>
                <button type="submit" class="button button-primary">
                    "Sign out"
                </button>
            </form>
        }
        .into_any(),
    }
}

/// The address that is invited. It cannot be changed; password managers find it here.
#[component]
fn InvitedAddress(
    /// The address.
    email: String,
    /// What to know about it.
    hint: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field-label" for="field-invited">
                "Email"
            </label>
            <p class="field-hint" id="field-invited-hint">
                {hint}
            </p>
            <input
                class="input"
                id="field-invited"
                type="email"
                readonly
                autocomplete="username"
                value=email
                aria-describedby="field-invited-hint"
            />
        </div>
    }
}

/// The invitation was used, taken back, ran out, or never was: the same words for all.
#[component]
fn DeadInvitation() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::GONE);
    let support = use_site()
        .support_email
        .map(|email| view! { <p class="small">"Still stuck? Write to " <MailLink email=email /> "."</p> });
    view! {
        <Title text="Invitation no longer works" />
        <div class="outcome" role="alert">
            <h1>"This invitation no longer works"</h1>
            <p>
                "It can be used once, and only for a while; whoever sent it may also have taken it back. Ask them to send it again. If you have joined already, sign in."
            </p>
            {support}
            <a class="button button-secondary" href=paths::SIGN_IN>
                "Go to sign in"
            </a>
        </div>
    }
}
