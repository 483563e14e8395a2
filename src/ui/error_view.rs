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
    let upgrade = match error {
        AppError::PlanLimit { limit, .. } => Some(limit.heading()),
        _ => None,
    };
    view! {
        <div class="banner tone-danger" role="alert">
            <Icon name="warning" />
            <div class="banner-text">
                {upgrade
                    .map(|heading| {
                        view! {
                            <p>
                                <strong>{heading}</strong>
                            </p>
                        }
                    })}
                <p>{error.message()}</p>
                {upgrade
                    .map(|_| {
                        view! {
                            <p>
                                <a href=paths::PLAN>"See the plans"</a>
                            </p>
                        }
                    })}
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
            </div>
        </div>
    }
}

/// What to quote to support when the page itself could not be given: the id of its request, which the log has as well
/// (U34). Not for what a page asks for later, whose request is another one; an internal fault names its own reference.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]
#[component]
pub fn PageReference(
    /// Why there is no page.
    error: AppError,
) -> impl IntoView {
    let id = use_site().request_id;
    (!id.is_empty() && !matches!(error, AppError::Internal { .. }))
        .then(|| view! { <p class="small">"Reference: " <code>{id}</code></p> })
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
