//! Makes an organization and its owner. A refused form comes back with what was typed and what to mend.

use crate::{
    identity::model::password_rules,
    paths,
    ui::{ClientFrame, ErrorSummary, Field, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Signing up.
#[component]
pub fn SignUpScreen() -> impl IntoView {
    let reply = use_form_reply();
    let fresh = reply.error().is_none();
    view! {
        <Title text=if fresh { "Create an account" } else { "Account not created" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Create an account"</h1>
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
                <p>"Already have one? " <a href=paths::SIGN_IN>"Sign in"</a></p>
            </div>
        </ClientFrame>
    }
}
