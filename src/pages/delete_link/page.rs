//! The question's screen: which link, what ends, "Delete link" or "Cancel".

use crate::{
    error::AppError,
    ids::LinkId,
    links::{
        components::{DeleteLinkForm, LINKS_HEADING},
        server_fns::RevokeLink,
    },
    pages::connect_links::board::LinksBoard,
    paths,
    ui::{CancelButton, Dialog, ErrorView, focus_soon},
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};

const HEADING: &str = "Delete this connect-link?";

/// The question, over the connect-link dialog.
#[component]
pub fn DeleteLinkScreen() -> impl IntoView {
    let board = expect_context::<LinksBoard>();
    let id: Option<LinkId> = use_params_map().with_untracked(|params| params.get_str("id")?.parse().ok());
    let action = ServerAction::<RevokeLink>::new();
    let navigate = use_navigate();
    let leave = move |()| {
        navigate(paths::CONNECT_LINKS, NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() });
    };
    board.news.set(None);

    Effect::new({
        let leave = leave.clone();
        move |_| {
            if let (Some(Ok(())), Some(id)) = (action.value().get(), id) {
                board.deleted(id);
                leave(());
                focus_soon(LINKS_HEADING);
            }
        }
    });

    view! {
        <Title text=HEADING />
        <Dialog
            heading=HEADING
            open=Signal::stored(true)
            on_close=Callback::new(leave)
            alert=true
            close_path=paths::CONNECT_LINKS
        >
            <Suspense fallback=|| view! { <p role="status">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    let link = match id {
                        Some(id) => board.find(id).await,
                        None => Ok(None),
                    };
                    match link {
                        Ok(Some(link)) => EitherOf3::A(view! { <DeleteLinkForm link action /> }),
                        Ok(None) => EitherOf3::B(view! { <Gone /> }),
                        Err(error) => EitherOf3::C(view! { <Failed error /> }),
                    }
                })}
            </Suspense>
        </Dialog>
    }
}

/// There is no such link (any more).
#[component]
fn Gone() -> impl IntoView {
    view! {
        <p>"This link has been deleted already. Nothing is left to do."</p>
        <CancelButton close_path=paths::CONNECT_LINKS />
    }
}

/// The link could not be looked up.
#[component]
fn Failed(
    /// Why.
    error: AppError,
) -> impl IntoView {
    view! {
        <ErrorView error />
        <CancelButton close_path=paths::CONNECT_LINKS />
    }
}
