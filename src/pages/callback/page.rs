//! Where Instagram sends the client back to. Most visitors never read this page: a known attempt answers with a
//! redirect to an address of its own, which no longer carries what Instagram sent along.

use crate::{
    connect::{
        components::{AttemptCard, Refused},
        model::CallbackParams,
        server_fns::redeem_connection,
    },
    ui::ClientFrame,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The answer to a callback.
#[component]
pub fn CallbackScreen() -> impl IntoView {
    let query = use_query_map();
    let params = move || {
        let query = query.read();
        CallbackParams { state: query.get("state"), code: query.get("code"), error: query.get("error") }
    };
    let page = Resource::new(params, redeem_connection);
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => view! { <AttemptCard page /> }.into_any(),
                        Err(error) => view! { <Refused heading="The connection was not completed" error /> }.into_any()
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}
