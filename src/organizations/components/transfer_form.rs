//! Asks once before an organization is handed over, names both, and wants the password (U36, A50).

use super::{WindowField, password_field::PasswordField};
use crate::{
    error::AppError,
    organizations::members::{model::MemberView, server_fns::TransferOwnership},
    paths,
    ui::Answers,
};
use leptos::prelude::*;

/// The id of the form.
const FORM: &str = "transfer";

/// The question and its two answers.
#[component]
pub fn TransferForm(
    /// Who gets it.
    member: MemberView,
    /// What they get.
    organization: String,
    /// Hands it over.
    action: ServerAction<TransferOwnership>,
) -> impl IntoView {
    let failure = move || action.value().get().and_then(Result::err);
    let password_error = Signal::derive(move || failure().and_then(|error| error.for_field("password")));
    let error = Signal::derive(move || failure().filter(|error| !matches!(error, AppError::Fields(_))));
    let MemberView { user_id, email, .. } = member;
    view! {
        <p>
            <strong>
                <bdi>{email}</bdi>
            </strong> " becomes an owner of " <bdi>{organization}</bdi> ", and you become an admin."
        </p>
        <p>"You can then no longer make or unmake owners, or delete the organization. Only an owner can give that back to you."</p>
        <ActionForm action attr:id=FORM>
            <WindowField />
            <input type="hidden" name="user" value=user_id.to_string() />
            <PasswordField error=password_error />
        </ActionForm>
        <Answers close_path=paths::MEMBERS error>
            // Beside "Cancel", which is a form of its own.
            <button
                class="button button-danger"
                type="submit"
                form=FORM
                formnovalidate=true
                aria-busy=move || action.pending().get().then_some("true")
            >
                "Transfer ownership"
            </button>
        </Answers>
    }
}
