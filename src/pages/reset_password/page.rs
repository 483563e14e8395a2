//! Sets a new password through a one-time link. The form posts to its own address, token and all.

use crate::{
    error::AppError,
    identity::model::password_rules,
    paths,
    ui::{ClientFrame, ErrorSummary, Field, MailLink, site::use_site, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// Setting a new password.
#[component]
pub fn ResetPasswordScreen() -> impl IntoView {
    let error = use_form_reply().error();
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    view! {
        <ClientFrame>
            {if error == Some(AppError::NotFound) {
                view! { <DeadLink /> }.into_any()
            } else {
                view! { <PasswordForm action=paths::reset_password(&token) error /> }.into_any()
            }}
        </ClientFrame>
    }
}

/// The form.
#[component]
fn PasswordForm(
    /// This page's own address.
    action: String,
    /// Why the form was refused.
    error: Option<AppError>,
) -> impl IntoView {
    let password_error = error.as_ref().and_then(|error| error.for_field("password"));
    let fresh = error.is_none();
    view! {
        <Title text=if fresh { "Set a new password" } else { "Password not set" } />
        <div class="sheet">
            <h1>"Set a new password"</h1>
            {error.map(|error| view! { <ErrorSummary error /> })}
            <form class="form" method="post" action=action novalidate>
                <Field
                    label="New password"
                    name="password"
                    kind="password"
                    hint=password_rules::HINT
                    error=password_error
                    autocomplete="new-password"
                    required=true
                    autofocus=fresh
                />
                <button type="submit" class="button button-primary">
                    "Set password"
                </button>
            </form>
        </div>
    }
}

/// The link was used, is too old, or never was.
#[component]
fn DeadLink() -> impl IntoView {
    let support = use_site().support_email.map(|email| view! { <p>"Write to " <MailLink email=email /> "."</p> });
    view! {
        <Title text="Link no longer works" />
        <div class="outcome" role="alert">
            <h1>"This link no longer works"</h1>
            <p>"It can be used once, and only for a while."</p>
            {support}
            <a class="button button-primary" href=paths::FORGOT_PASSWORD>
                "Ask for a new link"
            </a>
            <a class="button button-secondary" href=paths::SIGN_IN>
                "Go to sign in"
            </a>
        </div>
    }
}
