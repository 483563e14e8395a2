//! The page behind the link in a mail that asks whose an address is: the address, the one that it replaces, and one
//! button, for whoever is signed in as the person. Only the POST of its plain form changes anything: mail scanners open
//! links before people do.

use crate::{
    error::AppError,
    paths,
    ui::{ClientFrame, ErrorSummary, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// Confirming an address.
#[component]
pub fn VerifyEmailScreen() -> impl IntoView {
    let reply = use_form_reply();
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    let path = paths::verify_email(&token);
    let content = match reply.error() {
        _ if path == paths::EMAIL_VERIFIED => done().into_any(),
        Some(AppError::NotFound) => dead_link().into_any(),
        Some(AppError::SignInNeeded) => sign_in_first(path, reply.typed("email")).into_any(),
        error => question(path, reply.typed("email"), reply.typed("replaces"), error).into_any(),
    };
    view! { <ClientFrame>{content}</ClientFrame> }
}

fn question(path: String, email: String, replaces: String, error: Option<AppError>) -> impl IntoView + use<> {
    let title = if error.is_none() { "Confirm your email address" } else { "Address not confirmed" };
    view! {
        <Title text=title />
        <div class="sheet">
            <h1>"Confirm your email address"</h1>
            {error.map(|error| view! { <ErrorSummary error /> })}
            {(!email.is_empty())
                .then(|| {
                    view! {
                        <p>
                            <strong>
                                <bdi>{email}</bdi>
                            </strong>
                        </p>
                    }
                })}
            {(!replaces.is_empty())
                .then(|| {
                    view! {
                        <p>
                            "You sign in with it from then on. It replaces " <bdi>{replaces}</bdi>
                            ", which no longer works then. Not what you asked for? Leave this page."
                        </p>
                    }
                })}
            <form method="post" action=path>
                <button type="submit" class="button button-primary">
                    "Confirm this address"
                </button>
            </form>
        </div>
    }
}

fn done() -> impl IntoView + use<> {
    view! {
        <Title text="Address confirmed" />
        <div class="outcome" role="status">
            <h1>"Your email address is confirmed"</h1>
            <p>"You can close this window, or go on working."</p>
            <a class="button button-secondary" href=paths::HOME rel="external">
                "Go to Grantlink"
            </a>
        </div>
    }
}

fn sign_in_first(path: String, email: String) -> impl IntoView + use<> {
    view! {
        <Title text="Sign in to confirm your address" />
        <div class="outcome" role="alert">
            <h1>"Sign in first"</h1>
            {(!email.is_empty()).then(|| view! { <p>"To confirm " <bdi>{email}</bdi> ":"</p> })}
            <p>
                "Sign in to the account it belongs to, in this browser. Signing in opens in a new window; come back to this page then. If you have no account here, somebody mistyped their address: there is nothing to do."
            </p>
            <a class="button button-primary" href=paths::SIGN_IN target="_blank">
                "Sign in"
            </a>
            <a class="button button-secondary" href=path rel="external">
                "I am signed in now"
            </a>
        </div>
    }
}

fn dead_link() -> impl IntoView + use<> {
    view! {
        <Title text="This link no longer confirms anything" />
        <div class="outcome" role="alert">
            <h1>"This link no longer works"</h1>
            <p>
                "If you have pressed its button before, your address is confirmed and nothing is left to do. Otherwise let us send you a new mail: the button for it is on the page of your account."
            </p>
            <a class="button button-secondary" href=paths::YOU rel="external">
                "Go to your account"
            </a>
        </div>
    }
}
