//! How one attempt stands. The address is safe to reload and to come back to: nothing happens by looking.

use crate::{
    connect::{
        components::{AttemptCard, NotForThisBrowser, Refused},
        server_fns::pending_status,
    },
    error::AppError,
    ids::AttemptId,
    ui::ClientFrame,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The page of an attempt.
#[component]
pub fn AttemptScreen() -> impl IntoView {
    let params = use_params_map();
    let page = Resource::new(
        move || params.read().get("id").and_then(|id| id.parse::<AttemptId>().ok()),
        async |id| match id {
            Some(id) => pending_status(id).await,
            None => Err(AppError::NotFound),
        },
    );
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => view! { <AttemptCard page /> }.into_any(),
                        Err(AppError::NotFound) => view! { <NotForThisBrowser /> }.into_any(),
                        Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any()
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}
