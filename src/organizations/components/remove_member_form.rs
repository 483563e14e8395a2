//! Asks once before a member is removed, and names them (U36).

use super::WindowField;
use crate::{
    organizations::members::{model::MemberView, server_fns::RemoveMember},
    paths,
    ui::Answers,
};
use leptos::prelude::*;

/// The question and its two answers.
#[component]
pub fn RemoveMemberForm(
    /// Who.
    member: MemberView,
    /// From which organization.
    organization: String,
    /// Removes them.
    action: ServerAction<RemoveMember>,
) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let MemberView { user_id, email, .. } = member;
    view! {
        <p>
            <strong>
                <bdi>{email}</bdi>
            </strong> " loses every access to " <bdi>{organization}</bdi> " at once, wherever they are signed in."
        </p>
        <p>
            "Links they made go on working; clients then read an owner's address in place of theirs. Open invitations they sent are revoked. You can invite them again at any time."
        </p>
        <Answers close_path=paths::MEMBERS error>
            <ActionForm action>
                <WindowField />
                <input type="hidden" name="user" value=user_id.to_string() />
                <button
                    class="button button-danger"
                    type="submit"
                    aria-busy=move || action.pending().get().then_some("true")
                >
                    "Remove"
                </button>
            </ActionForm>
        </Answers>
    }
}
