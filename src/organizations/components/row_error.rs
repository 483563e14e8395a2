//! Why something was not done, below the row of a list that asked for it.

use crate::{error::AppError, ui::ErrorView};
use leptos::prelude::*;

/// The reason, as wide as the row.
#[component]
pub fn RowError(
    /// Why.
    error: AppError,
) -> impl IntoView {
    view! {
        <div class="row-error">
            <ErrorView error />
        </div>
    }
}
