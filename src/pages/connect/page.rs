//! The client's page. Reading it changes nothing: the button is a plain form, and the attempt begins with its POST.

use super::load::load_connect;
use crate::{
    connect::{
        components::{ConnectedCard, FulfilledLink, InactiveLink, Refused, RequestCard, UnknownLink},
        model::{Connection, Invitation, LinkPage},
    },
    ui::{ClientFrame, Status},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::time::Duration;

/// How often the page looks whether the account was connected in the window it opened.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// After so many looks, about half an hour, the page is left alone: nobody is coming back to it.
const MOST_LOOKS: u32 = 600;

/// What a link opens.
#[component]
pub fn ConnectScreen() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.read().get("token").unwrap_or_default();
    let page = Resource::new(token, load_connect);
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(LinkPage::Open(invitation)) if invitation.requested.is_some() => {
                            view! { <Request invitation=*invitation token=params.read_untracked().get("token").unwrap_or_default() /> }
                                .into_any()
                        }
                        Ok(LinkPage::Open(invitation)) => view! { <RequestCard invitation=*invitation on_continue=|()| {} /> }.into_any(),
                        Ok(page) => view! { <Ended page /> }.into_any(),
                        Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any()
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}

/// The request for one account. Instagram opens in a window of its own; this page stays behind, looks from time to time,
/// and turns to "connected" by itself (T16, T17). It looks whether its button was seen to be pressed or not: somebody in
/// a hurry presses before the page is hydrated.
#[component]
fn Request(
    /// Who asks, and for which account.
    invitation: Invitation,
    /// The private part of the link.
    token: String,
) -> impl IntoView {
    let waiting = RwSignal::new(false);
    let ended = RwSignal::new(None::<LinkPage>);
    let looks = StoredValue::new(0_u32);
    let look = Action::new(move |(): &()| {
        let token = token.clone();
        async move {
            match load_connect(token).await {
                Ok(LinkPage::Open(_)) | Err(_) => {}
                Ok(page) => ended.set(Some(page)),
            }
        }
    });
    Effect::new(move |_| {
        if ended.with(Option::is_some) {
            return;
        }
        let handle = set_interval(
            move || {
                looks.update_value(|looks| *looks += 1);
                if looks.get_value() <= MOST_LOOKS && !look.pending().get_untracked() {
                    look.dispatch(());
                }
            },
            LOOK_EVERY,
        );
        on_cleanup(move || {
            if let Ok(handle) = handle {
                handle.clear();
            }
        });
    });
    let news = Signal::derive(move || {
        if waiting.get() {
            "Go on in the window that has just opened. This page tells you when it is done.".to_owned()
        } else {
            String::new()
        }
    });
    move || match ended.get() {
        Some(page) => view! { <Ended page /> }.into_any(),
        None => view! {
            <RequestCard invitation=invitation.clone() on_continue=move |()| waiting.set(true) />
            <p class="small">
                <Status text=news />
            </p>
        }
        .into_any(),
    }
}

/// A link that cannot be used, any more or at all.
#[component]
fn Ended(
    /// What stands at its address.
    page: LinkPage,
) -> impl IntoView {
    match page {
        LinkPage::Fulfilled(Some(connection)) => view! { <Connected connection=*connection /> }.into_any(),
        LinkPage::Fulfilled(None) => view! { <FulfilledLink /> }.into_any(),
        LinkPage::Unknown => view! { <UnknownLink /> }.into_any(),
        LinkPage::Inactive | LinkPage::Open(_) => view! { <InactiveLink /> }.into_any(),
    }
}

/// The account is connected, and the link is done.
#[component]
fn Connected(
    /// Which account.
    connection: Connection,
) -> impl IntoView {
    view! { <ConnectedCard connection retry_path=None dashboard_path=None /> }
}
