//! The page that a person reads who had their data deleted: when, what is gone, and what remains.

use crate::{
    accounts::{model::DeletionView, server_fns::deletion_status},
    connect::components::Refused,
    ui::{ClientFrame, Facts, When},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// What became of the request with the code in the address.
#[component]
pub fn DeletionScreen() -> impl IntoView {
    let params = use_params_map();
    let code = move || params.read().get("code").unwrap_or_default();
    let status = Resource::new(code, deletion_status);
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || Suspend::new(async move {
                    match status.await {
                        Ok(Some(deletion)) => view! { <Deleted deletion /> }.into_any(),
                        Ok(None) => view! { <NoRequest /> }.into_any(),
                        Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any(),
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}

/// The data is deleted.
#[component]
fn Deleted(
    /// When.
    deletion: DeletionView,
) -> impl IntoView {
    let DeletionView { requested_at, completed_at } = deletion;
    view! {
        <Title text=DELETED />
        <div class="sheet">
            <h1>{DELETED}</h1>
            <p>"Instagram told us that you want the data of your account deleted. That is done."</p>
            <Facts>
                <dt>"Asked for"</dt>
                <dd>
                    <When moment=requested_at />
                </dd>
                <dt>"Done"</dt>
                <dd>
                    <When moment=completed_at />
                </dd>
            </Facts>
            <h2>"What was deleted"</h2>
            <ul>
                <li>"The connection to your Instagram account, with all access to it."</li>
                <li>"The posts that were collected from it, and their pictures."</li>
            </ul>
            <h2>"What remains"</h2>
            <p>
                "The organization you had connected the account to keeps its own record that there was a connection. It holds none of your posts and pictures."
            </p>
        </div>
    }
}

const DELETED: &str = "Your data is deleted";

/// Nobody asked under this code.
#[component]
fn NoRequest() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text=NO_REQUEST />
        <div class="outcome">
            <h1>{NO_REQUEST}</h1>
            <p>"Part of the address may be missing. Copy the whole of it once more, as Instagram showed it to you."</p>
        </div>
    }
}

const NO_REQUEST: &str = "There is no such request";
