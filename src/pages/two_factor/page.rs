//! Asks somebody who gave the right password for a code.

use crate::{
    paths,
    ui::{ClientFrame, ErrorSummary, Field, MailLink, site::use_site, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The second step.
#[component]
pub fn TwoFactorScreen() -> impl IntoView {
    let reply = use_form_reply();
    let fresh = reply.error().is_none();
    let support = use_site().support_email.map(|email| view! { " Or write to " <MailLink email=email /> "." });
    view! {
        <Title text=if fresh { "Enter your code" } else { "The code was not taken" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Enter your code"</h1>
                {reply.error().map(|error| view! { <ErrorSummary error /> })}
                <form class="form" method="post" action=paths::SECOND_STEP novalidate>
                    <Field
                        label="Code"
                        name="code"
                        hint="The six digits in your authenticator app, or one of your recovery codes."
                        error=reply.mend("code")
                        autocomplete="one-time-code"
                        required=true
                        autofocus=fresh
                    />
                    <button type="submit" class="button button-primary">
                        "Sign in"
                    </button>
                </form>
                <p>
                    <a href=paths::SIGN_IN>"Start again"</a>
                </p>
                <p class="small">"No phone and no recovery code? Ask whoever runs Grantlink for you." {support}</p>
            </div>
        </ClientFrame>
    }
}
