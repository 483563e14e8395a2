//! What can be done about a pending account: a new URL for its request, or none any more (T23, T24).

use super::request_url::{MakeRequestUrl, RequestUrl};
use crate::{ids::AccountId, links::server_fns::RegenerateRequest, paths, ui::Go};
use leptos::prelude::*;

/// "Regenerate request link" and "Withdraw request". The new URL appears here and is copied at once.
#[component]
pub fn RequestActions(
    /// The pending account.
    account: AccountId,
    /// Its request's URL, where the page was opened to show it.
    #[prop(into)]
    shown: Signal<Option<String>>,
    /// The id of the element that names the account.
    named_by: String,
) -> impl IntoView {
    let action = ServerAction::<RegenerateRequest>::new();
    view! {
        <div class="row-actions">
            <MakeRequestUrl
                account
                action
                icon="refresh"
                words=Signal::stored("Regenerate request link")
                named_by=named_by.clone()
            />
            <Go path=paths::withdraw_request(account) class="button button-quiet button-danger" described_by=named_by>
                "Withdraw request"
            </Go>
        </div>
        <RequestUrl action shown />
    }
}
