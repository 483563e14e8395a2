//! The end that everybody hopes for: which account, who has it now, what comes next, and how to undo it (U04, U05).

use super::{outcome::Outcome, withdraw::Withdraw};
use crate::{
    connect::model::Connection,
    ui::{Avatar, Facts, MailLink, Tone, When},
};
use leptos::prelude::*;

/// A finished connection.
#[component]
pub fn ConnectedCard(
    /// What was connected.
    connection: Connection,
    /// The link's page, for connecting another account.
    retry_path: Option<String>,
    /// The dashboard, for a member.
    dashboard_path: Option<String>,
) -> impl IntoView {
    let Connection { username, display_name, instagram_id, organization, creator_email, connected_at, take_back_path } =
        connection;
    let (given_to, taken_from, handle) = (organization.clone(), organization.clone(), format!("@{username}"));
    view! {
        <div class="sheet">
            <Outcome heading=format!("@{username} is connected") tone=Tone::Success icon="check">
                <p>"You can close this window."</p>
                {dashboard_path
                    .map(|path| {
                        view! {
                            <a class="button button-primary" href=path rel="external">
                                "Go to your accounts"
                            </a>
                        }
                    })}
            </Outcome>
            <Facts>
                <dt>"Account"</dt>
                // Initials, not the picture: pictures are for members, and a client has no session.
                <dd class="facts-account">
                    <Avatar name=username.clone() />
                    <span>
                        <bdi>{format!("@{username}")}</bdi>
                        {display_name.map(|name| view! { <br /><bdi class="small">{name}</bdi> })}
                    </span>
                </dd>
                <dt>"Instagram ID"</dt>
                <dd>{instagram_id}</dd>
                <dt>"Given to"</dt>
                <dd>
                    <bdi>{given_to}</bdi>
                </dd>
                <dt>"When"</dt>
                <dd>
                    <When moment=connected_at />
                </dd>
            </Facts>
            <p>
                <strong>"What happens next: "</strong>
                <bdi>{organization.clone()}</bdi>
                " can now see the profile and the posts of this account. There is nothing more for you to do."
            </p>
            <div>
                <details class="fold">
                    <summary>"How to disconnect"</summary>
                    {take_back_path
                        .map(|path| {
                            view! {
                                <form method="post" action=path class="stack">
                                    <p>
                                        "For one day you can do it here, in this browser. " <bdi>{taken_from}</bdi>
                                        " loses its access at once, and is told so."
                                    </p>
                                    <button class="button button-danger" type="submit">
                                        <span>"Disconnect " <bdi>{handle}</bdi></span>
                                    </button>
                                </form>
                            }
                        })}
                    <Withdraw organization=organization contact=creator_email.clone() />
                </details>
                <details class="fold">
                    <summary>"Not the right account?"</summary>
                    <p>
                        "Disconnect this one as described above. Then connect the right one: Instagram asks you to sign in again, and there you can switch to another account."
                    </p>
                    {retry_path
                        .map(|path| {
                            view! {
                                <p>
                                    <a class="button button-secondary" href=path rel="external">
                                        "Connect another account"
                                    </a>
                                </p>
                            }
                        })}
                </details>
            </div>
            <p class="small">"Questions? Write to " <MailLink email=creator_email /> "."</p>
        </div>
    }
}
