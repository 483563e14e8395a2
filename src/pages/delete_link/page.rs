//! The question's screen: which link, what ends, "Delete link" or "Cancel".

use crate::{
    ids::LinkId,
    links::{
        components::{DeleteLinkForm, LINKS_HEADING},
        server_fns::RevokeLink,
    },
    pages::connect_links::board::LinksBoard,
    paths,
    ui::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The question, over the connect-link dialog.
#[component]
pub fn DeleteLinkScreen() -> impl IntoView {
    let board = expect_context::<LinksBoard>();
    let id: Option<LinkId> = use_params_map().with_untracked(|params| params.get_str("id")?.parse().ok());
    let action = ServerAction::<RevokeLink>::new();
    board.news.set(None);
    view! {
        <Question
            heading="Delete this connect-link?"
            close_path=paths::CONNECT_LINKS
            find=move || board.find(id)
            gone=gone
            ask=move |link| view! { <DeleteLinkForm link action /> }
            done=Signal::derive(move || matches!(action.value().get(), Some(Ok(()))))
            on_done=move |()| id.into_iter().for_each(|id| board.deleted(id))
            focus_after=LINKS_HEADING
        />
    }
}

/// There is no such link (any more).
fn gone() -> &'static str {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::NOT_FOUND);
    "This link has been deleted already. Nothing is left to do."
}
