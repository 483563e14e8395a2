//! The end of a connection that was made: nobody has the access any more, and what is left to do at Instagram.

use super::outcome::Outcome;
use leptos::prelude::*;

/// A connection that is over, whoever ended it.
#[component]
pub fn EndedCard(
    /// The handle, without "@"; `None` when everything about the account was deleted.
    username: Option<String>,
    /// Who had it.
    organization: String,
    /// The link's page, for connecting again.
    retry_path: Option<String>,
    /// The dashboard, for a member.
    dashboard_path: Option<String>,
) -> impl IntoView {
    let who = username.map_or_else(|| "This account".to_owned(), |username| format!("@{username}"));
    let (path, words) = match (dashboard_path, retry_path) {
        (Some(path), _) => (Some(path), "Go to your accounts"),
        (None, path) => (path, "Connect an account again"),
    };
    view! {
        <Outcome heading=format!("{who} is no longer connected") icon="close">
            <p>
                <bdi>{organization}</bdi>
                " has no access to it any more. Instagram may go on listing the connection: open Settings → Apps and websites there, choose it and press Remove."
            </p>
            <p>"You can close this window."</p>
            {path
                .map(|path| {
                    view! {
                        <a class="button button-secondary" href=path rel="external">
                            {words}
                        </a>
                    }
                })}
        </Outcome>
    }
}
