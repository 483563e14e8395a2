//! Makes an organization and its owner. A refused form comes back with what was typed and what to mend. Where nobody may
//! come without an invitation, the page says so in place of the form.

use crate::{
    error::AppError,
    identity::model::password_rules,
    paths,
    ui::{ClientFrame, ErrorSummary, Field, FormReply, site::use_site, use_form_reply},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// Signing up.
#[component]
pub fn SignUpScreen() -> impl IntoView {
    let reply = use_form_reply();
    let fresh = reply.error().is_none();
    let by_invitation = use_site().by_invitation;
    let content = if by_invitation {
        Either::Left(view! { <p>{AppError::InvitationNeeded.message()}</p> })
    } else {
        Either::Right(sign_up_form(&reply))
    };
    view! {
        <Title text=if fresh || by_invitation { "Create an account" } else { "Account not created" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Create an account"</h1>
                {content}
                <p>"Already have one? " <a href=paths::SIGN_IN>"Sign in"</a></p>
            </div>
        </ClientFrame>
    }
}

/// The form, where anybody may come, with what was typed before and what to mend.
fn sign_up_form(reply: &FormReply) -> impl IntoView + use<> {
    let fresh = reply.error().is_none();
    view! {
        <p>"Ask clients for access to their Instagram accounts, without anyone sharing a password."</p>
        {reply.error().map(|error| view! { <ErrorSummary error /> })}
        <form class="form" method="post" action=paths::SIGN_UP novalidate>
            <Field
                label="Organization"
                name="organization"
                value=reply.typed("organization")
                hint="Your clients read this name when you ask them to connect."
                error=reply.mend("organization")
                autocomplete="organization"
                required=true
                autofocus=fresh
            />
            <Field
                label="Email"
                name="email"
                kind="email"
                value=reply.typed("email")
                hint="You sign in with it, and clients see it beside your requests."
                error=reply.mend("email")
                autocomplete="username"
                required=true
            />
            <Field
                label="Password"
                name="password"
                kind="password"
                hint=password_rules::HINT
                error=reply.mend("password")
                autocomplete="new-password"
                required=true
            />
            <button type="submit" class="button button-primary">
                "Create account"
            </button>
        </form>
    }
}
