//! How an attempt stands, whichever way the page was reached.

use super::{
    connected_card::ConnectedCard,
    ended_card::EndedCard,
    failed_card::FailedCard,
    outcome::{Outcome, TryAgain},
};
use crate::{
    connect::model::{Asker, AttemptPage, AttemptState},
    organizations::settings::components::{BrandMark, Branded, Questions},
};
use leptos::prelude::*;

/// The page of an attempt.
#[component]
pub fn AttemptCard(
    /// How it stands, and the way back.
    page: AttemptPage,
) -> impl IntoView {
    let AttemptPage { state, path, retry_path, link_url, dashboard_path, asker } = page;
    let path = path.unwrap_or_default();
    let card = match state {
        AttemptState::Started { organization } => view! {
            <Outcome heading="Waiting for Instagram" icon="clock">
                <p>
                    "You were sent to Instagram to give " <bdi>{organization}</bdi>
                    " access, and have not come back from there yet. Go on in Instagram's window, or start anew."
                </p>
                <TryAgain path=retry_path />
            </Outcome>
        }
        .into_any(),
        AttemptState::Connecting => view! {
            <Outcome heading="Connecting…" icon="clock">
                <p class="cluster">
                    <span class="spinner"></span>
                    "Instagram is slow right now. This page looks again by itself every two seconds."
                </p>
                <a class="button button-secondary" href=path rel="external">
                    "Look again now"
                </a>
            </Outcome>
        }
        .into_any(),
        AttemptState::Connected(connection) => {
            view! { <ConnectedCard connection retry_path dashboard_path /> }.into_any()
        }
        AttemptState::Ended { username, organization } => {
            view! { <EndedCard username organization retry_path dashboard_path /> }.into_any()
        }
        AttemptState::Failed(failure) => view! { <FailedCard failure retry_path link_url dashboard_path /> }.into_any(),
    };
    match asker {
        Some(Asker { organization, brand }) => view! {
            <Branded accent=brand.accent>
                <BrandMark name=organization.clone() logo=brand.logo />
                {card}
                <Questions organization support=brand.support />
            </Branded>
        }
        .into_any(),
        None => card,
    }
}
