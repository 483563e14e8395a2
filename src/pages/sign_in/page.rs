//! Starts a session. A refused form comes back with what was typed and what to mend.

use crate::{
    paths,
    ui::{ClientFrame, ErrorSummary, Field, MailLink, site::use_site, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Signing in.
#[component]
pub fn SignInScreen() -> impl IntoView {
    let reply = use_form_reply();
    let fresh = reply.error().is_none();
    let support = use_site().support_email.map(|email| view! { " Or write to " <MailLink email=email /> "." });
    view! {
        <Title text=if fresh { "Sign in" } else { "Not signed in" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Sign in"</h1>
                {reply.error().map(|error| view! { <ErrorSummary error /> })}
                <form class="form" method="post" action=paths::SIGN_IN novalidate>
                    <Field
                        label="Email"
                        name="email"
                        kind="email"
                        value=reply.typed("email")
                        error=reply.mend("email")
                        autocomplete="username"
                        required=true
                        autofocus=fresh
                    />
                    <Field
                        label="Password"
                        name="password"
                        kind="password"
                        error=reply.mend("password")
                        autocomplete="current-password"
                        required=true
                    />
                    <button type="submit" class="button button-primary">
                        "Sign in"
                    </button>
                </form>
                <p>"New here? " <a href=paths::SIGN_UP>"Create an account"</a></p>
                <p class="small">
                    "Forgot your password? Ask whoever runs Grantlink for you: they can send you a link to set a new one."
                    {support}
                </p>
            </div>
        </ClientFrame>
    }
}
