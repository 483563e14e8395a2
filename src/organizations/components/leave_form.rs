//! Asks once before somebody leaves an organization, and names it (U36).

use super::WindowField;
use crate::{organizations::members::server_fns::LeaveOrganization, paths, ui::Answers};
use leptos::prelude::*;

/// The question and its two answers.
#[component]
pub fn LeaveForm(
    /// Which organization.
    organization: String,
    /// Leaves it.
    action: ServerAction<LeaveOrganization>,
) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    view! {
        <p>
            "You lose every access to " <strong>
                <bdi>{organization}</bdi>
            </strong> " at once, and are signed out. To come back you need an invitation."
        </p>
        <p>
            "Links you made go on working; clients then read an owner's address in place of yours. Open invitations you sent are revoked."
        </p>
        <Answers close_path=paths::MEMBERS error>
            <ActionForm action>
                <WindowField />
                <button
                    class="button button-danger"
                    type="submit"
                    aria-busy=move || action.pending().get().then_some("true")
                >
                    "Leave"
                </button>
            </ActionForm>
        </Answers>
    }
}
