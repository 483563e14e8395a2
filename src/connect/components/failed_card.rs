//! Why an attempt ended without a connection: each reason has its own words, and one thing to do.

use super::{
    outcome::{Outcome, TryAgain},
    request_card::SwitchSteps,
};
use crate::{
    connect::model::FailedAttempt,
    ui::{CopyField, MailLink, Tone, site::use_site},
};
use leptos::prelude::*;

/// An attempt that ended without a connection.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]
#[component]
pub fn FailedCard(
    /// Why.
    failure: FailedAttempt,
    /// The link's page, when this browser may know it.
    retry_path: Option<String>,
    /// The link in full, to be carried to another browser.
    link_url: Option<String>,
) -> impl IntoView {
    let Words { heading, sentence, tone, icon } = words(&failure);
    let more = match &failure {
        FailedAttempt::PersonalAccount { .. } => Some(view! { <SwitchSteps /> }.into_any()),
        FailedAttempt::OtherBrowser => {
            link_url.map(|url| view! { <CopyField label="Your link" value=Signal::stored(url) /> }.into_any())
        }
        FailedAttempt::Internal { reference } => Some(view! { <Reference reference=reference.clone() /> }.into_any()),
        _ => None,
    };
    view! {
        <Outcome heading=heading tone=tone icon=icon>
            <p>{sentence}</p>
            {more}
            <TryAgain path=retry_path />
        </Outcome>
    }
}

struct Words {
    heading: String,
    sentence: String,
    tone: Tone,
    icon: &'static str,
}

/// All wording in one place. Only what the client can mend is a warning; a free decision is no error (U06).
fn words(failure: &FailedAttempt) -> Words {
    let (heading, sentence, tone, icon) = match failure {
        FailedAttempt::Cancelled => (
            "Nothing was shared",
            "You did not give access at Instagram. That is fine: nothing has changed.",
            Tone::Neutral,
            "close",
        ),
        FailedAttempt::PersonalAccount { username } if username.is_empty() => {
            ("This is a personal account", PERSONAL, Tone::Warning, "person")
        }
        FailedAttempt::PersonalAccount { username } => {
            return Words {
                heading: format!("@{username} is a personal account"),
                sentence: PERSONAL.to_owned(),
                tone: Tone::Warning,
                icon: "person",
            };
        }
        FailedAttempt::WrongAccount { expected, got } => {
            return Words {
                heading: format!("That was @{got}"),
                sentence: format!(
                    "This request is for @{expected}. Nothing was stored. Try again, and choose @{expected} when Instagram asks you to sign in."
                ),
                tone: Tone::Warning,
                icon: "person",
            };
        }
        FailedAttempt::AlreadyUsed => (
            "This request is done already",
            "The account was connected a moment ago, by you or by somebody else with the same link. Nothing more was stored.",
            Tone::Neutral,
            "check",
        ),
        FailedAttempt::PermissionMissing => (
            "A permission was left out",
            "It is the permission to see the profile and the posts. Without it the account cannot be connected, so nothing was stored. Try again, and leave it switched on when Instagram asks.",
            Tone::Warning,
            "warning",
        ),
        FailedAttempt::TooLate => (
            "This took too long",
            "To keep you safe, Instagram has to send you back within thirty minutes. Nothing was stored, and your link still works.",
            Tone::Warning,
            "clock",
        ),
        FailedAttempt::LinkInactive => (
            "This link is not active right now",
            "Ask the person who sent it to you. Nothing was stored.",
            Tone::Neutral,
            "link",
        ),
        FailedAttempt::OtherBrowser => (
            "You came back in another browser",
            "Start and finish in the same one: open your link in Safari or Chrome, not inside another app, and allow cookies for this site. Nothing was stored, and your link still works.",
            Tone::Warning,
            "external",
        ),
        FailedAttempt::InstagramUnavailable => (
            "Instagram did not answer",
            "Instagram seems to be in trouble. Nothing was stored, and your link still works. Try again in a few minutes.",
            Tone::Warning,
            "clock",
        ),
        FailedAttempt::RateLimited => (
            "Instagram asks us to wait",
            "Too many people are connecting at once. Nothing was stored, and your link still works. Try again in a few minutes.",
            Tone::Warning,
            "clock",
        ),
        FailedAttempt::NotAllowedForAccount => (
            "Instagram does not allow this account yet",
            "Instagram has to admit this account before it can be connected. Tell the person who sent you the link; once they have arranged it, try again. Nothing was stored.",
            Tone::Warning,
            "lock",
        ),
        FailedAttempt::NotCompleted => (
            "The connection was not completed",
            "Instagram stopped on the way. Nothing was stored, and your link still works.",
            Tone::Warning,
            "warning",
        ),
        FailedAttempt::Internal { .. } => (
            "Something went wrong on our side",
            "It was not your doing. Nothing was stored, and your link still works.",
            Tone::Danger,
            "warning",
        ),
    };
    Words { heading: heading.to_owned(), sentence: sentence.to_owned(), tone, icon }
}

const PERSONAL: &str = "Only Business and Creator accounts can be connected. Switching is free, and you can switch back. Nothing was stored, and your link still works.";

/// What to quote to support, and where.
#[component]
fn Reference(
    /// What stands in the log beside the cause; empty when there is none.
    reference: String,
) -> impl IntoView {
    let site = use_site();
    let reference = (!reference.is_empty()).then_some(reference);
    view! {
        {site
            .support_email
            .map(|email| view! { <p class="small">"If it happens again, write to " <MailLink email=email /> "."</p> })}
        {reference.map(|reference| view! { <p class="small">"Reference: " <code>{reference}</code></p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: fn() -> [FailedAttempt; 13] = || {
        [
            FailedAttempt::Cancelled,
            FailedAttempt::PersonalAccount { username: "nora".into() },
            FailedAttempt::WrongAccount { expected: "nora".into(), got: "studio.nora".into() },
            FailedAttempt::AlreadyUsed,
            FailedAttempt::PermissionMissing,
            FailedAttempt::TooLate,
            FailedAttempt::LinkInactive,
            FailedAttempt::OtherBrowser,
            FailedAttempt::InstagramUnavailable,
            FailedAttempt::RateLimited,
            FailedAttempt::NotAllowedForAccount,
            FailedAttempt::NotCompleted,
            FailedAttempt::Internal { reference: String::new() },
        ]
    };

    #[test]
    fn u06_only_a_cancelled_attempt_says_that_nothing_was_shared() {
        for failure in ALL() {
            let heading = words(&failure).heading;
            assert_eq!(heading == "Nothing was shared", failure == FailedAttempt::Cancelled, "{heading}");
        }
    }

    #[test]
    fn u09_every_failure_has_its_own_heading_and_blames_nobody() {
        let mut headings = std::collections::BTreeSet::new();
        for failure in ALL() {
            let Words { heading, sentence, .. } = words(&failure);
            for word in ["token", "OAuth", "redirect", "nvalid", "subscription", "is connected"] {
                assert!(!heading.contains(word) && !sentence.contains(word), "{heading}: {sentence}");
            }
            assert!(headings.insert(heading));
        }
    }
}
