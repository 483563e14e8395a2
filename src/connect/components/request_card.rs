//! The client's page: who asks, what happens, what they will be able to do, and one button.
//! A client has ten seconds to decide whether this is phishing; everything needed for that comes before the button.

use super::{in_app_notice::InAppNotice, withdraw::Withdraw};
use crate::{
    connect::model::{CONSENT, CONSENT_VERSION, Invitation},
    organizations::settings::components::{BrandMark, Branded, Questions},
    ui::{Badge, Icon, MailLink, Tone, site::use_site},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// A request for access to an Instagram account.
#[component]
pub fn RequestCard(
    /// Who asks, and for what.
    invitation: Invitation,
    /// Told when the person goes on to Instagram.
    #[prop(into)]
    on_continue: Callback<()>,
) -> impl IntoView {
    let Invitation {
        organization,
        brand,
        creator_email,
        requested,
        creator_verified,
        start_path,
        instagram_host,
        in_app_browser,
        page_url,
    } = invitation;
    // One accent for the next thing to do: inside another app, that is to leave it.
    let emphasis = if in_app_browser.is_some() { "button-secondary" } else { "button-primary" };
    let report = use_site().support_email.map(|email| {
        view! {
            <p>
                "To report this link, write to " <MailLink email=email /> "."
            </p>
        }
    });
    let what = match &requested {
        Some(handle) => Either::Left(view! { <bdi class="request-handle">{format!("@{handle}")}</bdi> }),
        None => Either::Right("an Instagram account"),
    };
    // A request opens Instagram in a window of its own (T16), without JavaScript, too. A connect-link goes on in this one.
    let target = requested.is_some().then_some("_blank");
    view! {
        <Title text=format!("{organization} asks to connect Instagram") />
        <Branded accent=brand.accent>
            <section class="request" aria-label="Connection request">
                <BrandMark name=organization.clone() logo=brand.logo />
                <h1 class="request-heading">
                    <bdi>{creator_email.clone()}</bdi> " asks you to connect " {what}
                </h1>
                {(!creator_verified)
                    .then(|| {
                        view! {
                            <p>
                                <Badge tone=Tone::Warning>"Address not verified"</Badge>
                            </p>
                        }
                    })}
                {in_app_browser.map(|app| view! { <InAppNotice app=app page_url=page_url /> })}
                <ol class="steps">
                    <li>
                        <span>"You sign in on " <strong>{instagram_host.clone()}</strong> "."</span>
                    </li>
                    <li>"You choose what to allow."</li>
                    <li>"You come back here."</li>
                </ol>
                <Scope />
                <form method="post" action=start_path target=target on:submit=move |_| on_continue.run(())>
                    <input type="hidden" name="consent" value=CONSENT_VERSION.to_string() />
                    <button type="submit" class=format!("button button-wide {emphasis}")>
                        "Continue to Instagram"
                    </button>
                </form>
                <Questions organization=organization.clone() support=brand.support />
            </section>
            <div>
                <ProfessionalAccount />
                <details class="fold">
                    <summary>"How to take the access back later"</summary>
                    <Withdraw organization=organization contact=creator_email.clone() />
                </details>
                <details class="fold">
                    <summary>"Is this request genuine?"</summary>
                    <p>
                        "Anyone can write a name on a page like this. If you did not expect the request, ask "
                        <bdi>{creator_email}</bdi>
                        " first, by phone or in a conversation you already have with them. Type your password only where the address bar says "
                        <strong>{instagram_host}</strong> "."
                    </p>
                    {report}
                </details>
            </div>
        </Branded>
    }
}

/// What the organization will be able to do, and what not (U02).
#[component]
fn Scope() -> impl IntoView {
    let [can, cannot, password] = CONSENT;
    view! {
        <ul class="scope" aria-label="What they can and cannot do">
            <li class="scope-can">
                <Icon name="check" />
                <span>{can}</span>
            </li>
            <li>
                <Icon name="close" />
                <span>{cannot}</span>
            </li>
            <li>
                <Icon name="lock" />
                <span>{password}</span>
            </li>
        </ul>
    }
}

/// Which accounts can be connected, and how to make one of the others fit.
#[component]
fn ProfessionalAccount() -> impl IntoView {
    view! {
        <details class="fold">
            <summary>"Needs a Business or Creator account"</summary>
            <p>"A personal account has to be switched first. It is free, and you can switch back."</p>
            <SwitchSteps />
        </details>
    }
}

/// How to switch a personal account in Instagram's app (U08).
#[component]
pub fn SwitchSteps() -> impl IntoView {
    view! {
        <ol>
            <li>"In the Instagram app, open Settings → Account type and tools."</li>
            <li>"Choose “Switch to professional account”."</li>
            <li>"Choose Creator or Business, and come back here."</li>
        </ol>
        <p class="small">"A Business or Creator account is always public, never private."</p>
    }
}
