//! The screen of a request that was refused or failed before it had a page of its own. The server renders it in
//! place, whatever the address; no script takes it over, because the browser would look for another page there.

use crate::{
    error::AppError,
    paths,
    ui::{ClientFrame, ErrorView},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// What went wrong, from the context the server provides.
#[component]
pub fn TroubleScreen() -> impl IntoView {
    let error = use_context::<AppError>().unwrap_or(AppError::NotFound);
    let heading = heading(&error);
    view! {
        <Title text=heading />
        <ClientFrame>
            <div class="outcome">
                <h1>{heading}</h1>
                <ErrorView error />
                <a class="button button-secondary" href=paths::HOME rel="external">
                    "Go to your accounts"
                </a>
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
