//! The client's page. Reading it changes nothing: the button is a plain form, and the attempt begins with its POST.

use super::load::load_connect;
use crate::{
    connect::{
        components::{InactiveLink, Refused, RequestCard, UnknownLink},
        model::LinkPage,
    },
    ui::ClientFrame,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// What a link opens.
#[component]
pub fn ConnectScreen() -> impl IntoView {
    let params = use_params_map();
    let page = Resource::new(move || params.read().get("token").unwrap_or_default(), load_connect);
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(LinkPage::Open(invitation)) => view! { <RequestCard invitation /> }.into_any(),
                        Ok(LinkPage::Unknown) => view! { <UnknownLink /> }.into_any(),
                        Ok(LinkPage::Inactive) => view! { <InactiveLink /> }.into_any(),
                        Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any()
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}
