//! The form for a forgotten password, and the sentence after it: the same for every address, because who has an account
//! is nobody else's business.

use crate::{
    paths,
    ui::{ClientFrame, ErrorSummary, Field, MailLink, site::use_site, use_form_reply},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Asking for a new password.
#[component]
pub fn ForgotPasswordScreen() -> impl IntoView {
    let reply = use_form_reply();
    let sent = use_query_map().with_untracked(|query| query.get_str("sent").is_some()) && reply.error().is_none();
    if sent {
        return Either::Left(view! { <Sent /> });
    }
    let fresh = reply.error().is_none();
    Either::Right(view! {
        <Title text=if fresh { "Forgot your password?" } else { "No mail was sent" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Forgot your password?"</h1>
                <p>"Enter the address you sign in with. We send you a link to set a new password."</p>
                {reply.error().map(|error| view! { <ErrorSummary error /> })}
                <form class="form" method="post" action=paths::FORGOT_PASSWORD novalidate>
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
                    <button type="submit" class="button button-primary">
                        "Send the link"
                    </button>
                </form>
                <p>
                    <a href=paths::SIGN_IN>"Back to sign in"</a>
                </p>
            </div>
        </ClientFrame>
    })
}

/// What everybody reads who asked.
#[component]
fn Sent() -> impl IntoView {
    let support = use_site().support_email.map(|email| {
        view! {
            <p class="small">
                "Still nothing? Write to " <MailLink email=email /> "."
            </p>
        }
    });
    view! {
        <Title text="Look into your mailbox" />
        <ClientFrame>
            <div class="outcome" role="status">
                <h1>"Look into your mailbox"</h1>
                <p>
                    "If there is an account for this address, a mail with a link is on its way to it. The link works once, for one hour."
                </p>
                <p class="small">"Nothing after a few minutes? Look into the folder for spam, and check the address."</p>
                {support}
                <a class="button button-secondary" href=paths::SIGN_IN>
                    "Go to sign in"
                </a>
            </div>
        </ClientFrame>
    }
}
