//! There is nothing at this address. The server sets the status of the response.

use crate::{paths, ui::ClientFrame};
use leptos::prelude::*;
use leptos_meta::Title;

/// What stands where there is no page.
#[component]
pub fn NotFoundScreen() -> impl IntoView {
    view! {
        <Title text="Not found" />
        <ClientFrame>
            <div class="outcome">
                <h1>"There is nothing at this address"</h1>
                <p>
                    "Part of it may be missing. If you were sent a link, copy the whole of it from the message once more."
                </p>
                <a class="button button-secondary" href=paths::HOME rel="external">
                    "Go to your accounts"
                </a>
            </div>
        </ClientFrame>
    }
}
