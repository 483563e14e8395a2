//! Asks once before a link is deleted, and names it (U21, U23).

use super::title;
use crate::{
    links::{model::LinkView, server_fns::RevokeLink},
    organizations::components::WindowField,
    paths,
    ui::{Answers, When},
};
use leptos::prelude::*;

/// The question and its two answers.
#[component]
pub fn DeleteLinkForm(
    /// Which link.
    link: LinkView,
    /// Deletes it.
    action: ServerAction<RevokeLink>,
) -> impl IntoView {
    let name = title(&link);
    let LinkView { id, created_at, created_by, .. } = link;
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    view! {
        <p>
            <strong>{name}</strong>
            ", created " <When moment=created_at /> {format!(" by {created_by}")}
        </p>
        <p>
            "The link stops working at once, for everyone who has it. Accounts connected through it stay connected. It cannot be brought back; you can generate a new one at any time."
        </p>
        <Answers close_path=paths::CONNECT_LINKS error>
            <ActionForm action>
                <WindowField />
                <input type="hidden" name="id" value=id.to_string() />
                <button
                    class="button button-danger"
                    type="submit"
                    aria-busy=move || action.pending().get().then_some("true")
                >
                    "Delete link"
                </button>
            </ActionForm>
        </Answers>
    }
}
