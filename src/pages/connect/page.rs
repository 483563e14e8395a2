//! The client's page. Reading it changes nothing: the button is a plain form, and the attempt begins with its POST.

use super::load::load_connect;
use crate::{
    connect::{
        components::{ConnectedCard, FulfilledLink, InactiveLink, Refused, RequestCard, UnknownLink},
        model::{Connection, Invitation, LinkPage},
    },
    ui::{ClientFrame, Status},
};
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::use_params_map;
use std::time::Duration;

/// How often the page looks whether the account was connected in the window it opened.
const LOOK_EVERY: Duration = Duration::from_secs(2);

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
                            view! { <Request invitation token=params.read_untracked().get("token").unwrap_or_default() /> }
                                .into_any()
                        }
                        Ok(LinkPage::Open(invitation)) => view! { <RequestCard invitation on_continue=|()| {} /> }.into_any(),
                        Ok(LinkPage::Fulfilled(Some(connection))) => view! { <Connected connection=*connection /> }.into_any(),
                        Ok(LinkPage::Fulfilled(None)) => view! { <FulfilledLink /> }.into_any(),
                        Ok(LinkPage::Unknown) => view! { <UnknownLink /> }.into_any(),
                        Ok(LinkPage::Inactive) => view! { <InactiveLink /> }.into_any(),
                        Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any()
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}

/// The request for one account. Instagram opens in a window of its own; this page stays behind, and turns to
/// "connected" by itself (T16, T17).
#[component]
fn Request(
    /// Who asks, and for which account.
    invitation: Invitation,
    /// The private part of the link.
    token: String,
) -> impl IntoView {
    let waiting = RwSignal::new(false);
    let connected = RwSignal::new(None::<Connection>);
    let look = Action::new(move |(): &()| {
        let token = token.clone();
        async move {
            if let Ok(LinkPage::Fulfilled(Some(connection))) = load_connect(token).await {
                connected.set(Some(*connection));
            }
        }
    });
    Effect::new(move |_| {
        if !waiting.get() || connected.with(Option::is_some) {
            return;
        }
        let handle = set_interval(
            move || {
                look.dispatch(());
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
            "Go on in the window that has just opened. This page says when the account is connected.".to_owned()
        } else {
            String::new()
        }
    });
    move || match connected.get() {
        Some(connection) => Either::Left(view! { <Connected connection /> }),
        None => Either::Right(view! {
            <RequestCard invitation=invitation.clone() on_continue=move |()| waiting.set(true) />
            <p class="small">
                <Status text=news />
            </p>
        }),
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
