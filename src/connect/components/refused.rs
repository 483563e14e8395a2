//! In place of a client's page that could not be given. The response carries the status that says the same.

use super::outcome::{Outcome, TryAgain};
use crate::{
    error::AppError,
    ui::{ErrorView, PageReference},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

/// Why there is no page, and what to do.
#[component]
pub fn Refused(
    /// What was to be shown, and was not.
    heading: &'static str,
    /// Why.
    error: AppError,
) -> impl IntoView {
    answer_with(&error);
    let location = use_location();
    let here = location.pathname.get_untracked()
        + &location.search.with_untracked(|search| {
            if search.is_empty() { String::new() } else { format!("?{}", search.trim_start_matches('?')) }
        });
    view! {
        <Title text=heading />
        <div class="sheet">
            <h1>{heading}</h1>
            <ErrorView error=error.clone() />
            <PageReference error />
            <TryAgain path=Some(here) />
        </div>
    }
}

/// An attempt of another browser, or none at all: the two look alike.
#[component]
pub fn NotForThisBrowser() -> impl IntoView {
    answer_with(&AppError::NotFound);
    view! {
        <Outcome heading="There is nothing to see here" icon="lock">
            <p>
                "Only the browser that started a connection can see how it went. If you want to connect an account, open the link you were sent once more."
            </p>
        </Outcome>
    }
}

/// Says the same to a program while the server renders; in the browser there is no response to say it with.
fn answer_with(error: &AppError) {
    #[cfg(feature = "ssr")]
    crate::server::door::refuse(error);
    #[cfg(not(feature = "ssr"))]
    let _ = error;
}
