//! What did not go through, in words: what happened, what to do, and whom to ask (S42, U34).

use super::{Icon, MailLink, site::use_site};
use crate::{
    error::{AppError, FieldError},
    paths,
};
use leptos::prelude::*;

/// An error that stands for the content it replaces.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]
#[component]
pub fn ErrorView(
    /// What happened.
    error: AppError,
) -> impl IntoView {
    let site = use_site();
    let sign_in = matches!(error, AppError::SignInNeeded);
    // An internal error already carries the reference of the request that failed.
    let reference =
        (!matches!(error, AppError::Internal { .. }) && !site.request_id.is_empty()).then_some(site.request_id);
    view! {
        <div class="banner tone-danger" role="alert">
            <Icon name="warning" />
            <div class="banner-text">
                <p>{error.message()}</p>
                {sign_in
                    .then(|| {
                        view! {
                            <p>
                                <a class="button button-primary" href=paths::SIGN_IN>
                                    "Sign in"
                                </a>
                            </p>
                        }
                    })}
                {site
                    .support_email
                    .map(|email| {
                        view! {
                            <p class="small">
                                "Need help? Write to " <MailLink email=email /> "."
                            </p>
                        }
                    })}
                {reference
                    .map(|reference| view! { <p class="small">"Reference: " <code>{reference}</code></p> })}
            </div>
        </div>
    }
}

/// Above a form that was refused: what to mend, each a link to its field. It takes the focus (U18).
#[component]
pub fn ErrorSummary(
    /// Why the form was refused.
    error: AppError,
) -> impl IntoView {
    let (sentence, fields) = match error {
        AppError::Fields(fields) => ("Please correct this and try again:".to_owned(), fields),
        other => (other.message(), Vec::new()),
    };
    view! {
        <div class="banner tone-danger" role="alert" tabindex="-1" autofocus>
            <Icon name="warning" />
            <div class="banner-text">
                <p>{sentence}</p>
                {(!fields.is_empty())
                    .then(|| {
                        let links = fields
                            .into_iter()
                            .map(|FieldError { field, message }| {
                                view! {
                                    <li>
                                        <a href=format!("#field-{field}") rel="external">
                                            {message}
                                        </a>
                                    </li>
                                }
                            })
                            .collect_view();
                        view! { <ul class="plain-list">{links}</ul> }
                    })}
            </div>
        </div>
    }
}
