//! Makes an organization and its owner. A refused form comes back with what was typed and what to mend.

use crate::{
    identity::model::{FormReply, password_rules},
    paths,
    ui::{ClientFrame, ErrorSummary, Field},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Signing up.
#[component]
pub fn SignUpScreen() -> impl IntoView {
    let FormReply { organization, email, error } =
        SharedValue::new(|| use_context::<FormReply>().unwrap_or_default()).into_inner();
    let mend = |name: &str| error.as_ref().and_then(|error| error.for_field(name));
    let (organization_error, email_error, password_error) = (mend("organization"), mend("email"), mend("password"));
    let fresh = error.is_none();
    view! {
        <Title text=if fresh { "Create an account" } else { "Account not created" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Create an account"</h1>
                <p>"Ask clients for access to their Instagram accounts, without anyone sharing a password."</p>
                {error.map(|error| view! { <ErrorSummary error /> })}
                <form class="form" method="post" action=paths::SIGN_UP novalidate>
                    <Field
                        label="Organization"
                        name="organization"
                        value=organization
                        hint="Your clients read this name when you ask them to connect."
                        error=organization_error
                        autocomplete="organization"
                        required=true
                        autofocus=fresh
                    />
                    <Field
                        label="Email"
                        name="email"
                        kind="email"
                        value=email
                        hint="You sign in with it, and clients see it beside your requests."
                        error=email_error
                        autocomplete="username"
                        required=true
                    />
                    <Field
                        label="Password"
                        name="password"
                        kind="password"
                        hint=password_rules::HINT
                        error=password_error
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
