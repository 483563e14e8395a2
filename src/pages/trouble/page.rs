//! The screen of a request that was refused or failed before it had a page of its own. The server renders it in
//! place of another page; no script takes it over there, because the browser would look for that one.

use crate::{
    connect::components::TryAgain,
    error::AppError,
    paths,
    ui::{ClientFrame, ErrorView, PageReference},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// Where a client may try again, from the context the server provides.
#[derive(Clone, Debug)]
pub struct RetryPath(pub Option<String>);

/// What went wrong, from the context the server provides.
#[component]
pub fn TroubleScreen() -> impl IntoView {
    let error = use_context::<AppError>().unwrap_or(AppError::NotFound);
    let heading = heading(&error);
    let way_on = match use_context::<RetryPath>().and_then(|RetryPath(path)| path) {
        Some(path) => Either::Left(view! { <TryAgain path=Some(path) /> }),
        None => Either::Right(view! {
            <a class="button button-secondary" href=paths::HOME rel="external">
                "Go to your accounts"
            </a>
        }),
    };
    view! {
        <Title text=heading />
        <ClientFrame>
            <div class="outcome">
                <h1>{heading}</h1>
                <ErrorView error=error.clone() />
                <PageReference error />
                {way_on}
            </div>
        </ClientFrame>
    }
}

/// What happened, in a few words; the error itself says what to do.
fn heading(error: &AppError) -> &'static str {
    match error {
        AppError::NotFound => "There is nothing at this address",
        AppError::TooMany { .. } => "That was tried too often",
        AppError::Busy => "There is a lot going on right now",
        AppError::SignInNeeded => "You have been signed out",
        AppError::Internal { .. } => "Something went wrong on our side",
        _ => "That did not go through",
    }
}
