//! Why an attempt ended without a connection: each reason has its own words, and one thing to do. A member's own log-in
//! (T05) reads differently where the others are told of the link they were sent.

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
#[component]
pub fn FailedCard(
    /// Why.
    failure: FailedAttempt,
    /// The link's page, when this browser may know it.
    retry_path: Option<String>,
    /// The link in full, to be carried to another browser.
    link_url: Option<String>,
    /// The dashboard, for a member's own log-in.
    dashboard_path: Option<String>,
) -> impl IntoView {
    let Words { heading, sentence, tone, icon } = words(&failure, dashboard_path.is_some());
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
            <WayOn failure retry_path dashboard_path />
        </Outcome>
    }
}

/// The one thing to do. A link that is spent, or an account that has changed, leads nowhere a second time.
#[component]
fn WayOn(
    /// Why the attempt ended.
    failure: FailedAttempt,
    /// Where to begin anew, when this browser may know it.
    retry_path: Option<String>,
    /// The dashboard, for a member's own log-in.
    dashboard_path: Option<String>,
) -> impl IntoView {
    match (failure, dashboard_path, retry_path) {
        (FailedAttempt::AlreadyUsed | FailedAttempt::LinkInactive | FailedAttempt::NoRoom, Some(path), _)
        | (_, Some(path), None) => view! {
            <a class="button button-primary" href=path rel="external">
                "Go to your accounts"
            </a>
        }
        .into_any(),
        (FailedAttempt::AlreadyUsed, None, _) => view! { <p>"You can close this window."</p> }.into_any(),
        (_, _, path) => view! { <TryAgain path /> }.into_any(),
    }
}

struct Words {
    heading: String,
    sentence: String,
    tone: Tone,
    icon: &'static str,
}

/// All wording in one place. Only what the client can mend is a warning; a free decision is no error (U06).
fn words(failure: &FailedAttempt, own: bool) -> Words {
    if let Some(words) = own.then(|| own_words(failure)).flatten() {
        return words;
    }
    let kept = if own { "Nothing was stored, and you can try again." } else { KEPT };
    let (heading, sentence, tone, icon) = match failure {
        FailedAttempt::Cancelled => (
            "Nothing was shared",
            "You did not give access at Instagram. That is fine: nothing has changed.".to_owned(),
            Tone::Neutral,
            "close",
        ),
        FailedAttempt::PersonalAccount { username } if username.is_empty() => {
            ("This is a personal account", format!("{PERSONAL} {kept}"), Tone::Warning, "person")
        }
        FailedAttempt::PersonalAccount { username } => {
            return Words {
                heading: format!("@{username} is a personal account"),
                sentence: format!("{PERSONAL} {kept}"),
                tone: Tone::Warning,
                icon: "person",
            };
        }
        FailedAttempt::WrongAccount { expected, got } => {
            return Words {
                heading: format!("That was @{got}"),
                sentence: format!(
                    "Only @{expected} can be connected here. Nothing was stored. Try again, and choose @{expected} when Instagram asks you to sign in."
                ),
                tone: Tone::Warning,
                icon: "person",
            };
        }
        FailedAttempt::AlreadyUsed => (
            "This request is done already",
            "The account was connected a moment ago, by you or by somebody else with the same link. Nothing more was stored.".to_owned(),
            Tone::Neutral,
            "check",
        ),
        FailedAttempt::PermissionMissing => (
            "A permission was left out",
            "It is the permission to see the profile and the posts. Without it the account cannot be connected, so nothing was stored. Try again, and leave it switched on when Instagram asks.".to_owned(),
            Tone::Warning,
            "warning",
        ),
        FailedAttempt::TooLate => (
            "This took too long",
            format!("To keep you safe, Instagram has to send you back within thirty minutes. {kept}"),
            Tone::Warning,
            "clock",
        ),
        FailedAttempt::LinkInactive => (
            "This link is not active right now",
            "Ask the person who sent it to you. Nothing was stored.".to_owned(),
            Tone::Neutral,
            "link",
        ),
        FailedAttempt::NoRoom => (
            "Your account could not be added",
            "It was not your doing. Tell the person who sent you the link; once they have made room for it, try again. Nothing was stored.".to_owned(),
            Tone::Neutral,
            "link",
        ),
        FailedAttempt::OtherBrowser => (
            "You came back in another browser",
            format!("Start and finish in the same one: open your link in Safari or Chrome, not inside another app, and allow cookies for this site. {kept}"),
            Tone::Warning,
            "external",
        ),
        FailedAttempt::InstagramUnavailable => (
            "Instagram did not answer",
            format!("Instagram seems to be in trouble. {kept} Give it a few minutes."),
            Tone::Warning,
            "clock",
        ),
        FailedAttempt::RateLimited => (
            "Instagram asks us to wait",
            format!("Too many people are connecting at once. {kept} Give it a few minutes."),
            Tone::Warning,
            "clock",
        ),
        FailedAttempt::NotAllowedForAccount => (
            "Instagram does not allow this account yet",
            "Instagram has to admit this account before it can be connected. Tell the person who sent you the link; once they have arranged it, try again. Nothing was stored.".to_owned(),
            Tone::Warning,
            "lock",
        ),
        FailedAttempt::NotCompleted => (
            "The connection was not completed",
            format!("Instagram stopped on the way. {kept}"),
            Tone::Warning,
            "warning",
        ),
        FailedAttempt::Internal { .. } => (
            "Something went wrong on our side",
            format!("It was not your doing. {kept}"),
            Tone::Danger,
            "warning",
        ),
    };
    Words { heading: heading.to_owned(), sentence, tone, icon }
}

/// What a member reads of their own log-in where the words for the others speak of a link, or of who sent it.
fn own_words(failure: &FailedAttempt) -> Option<Words> {
    let (heading, sentence, tone, icon) = match failure {
        FailedAttempt::AlreadyUsed => (
            "This log-in is done already",
            "The account was connected a moment ago. Nothing more was stored.",
            Tone::Neutral,
            "check",
        ),
        FailedAttempt::LinkInactive => (
            "This log-in has come to nothing",
            "Something about the account changed while you were at Instagram. Nothing was stored. Your accounts show how it stands now.",
            Tone::Neutral,
            "warning",
        ),
        FailedAttempt::NoRoom => (
            "Your plan has no room for this account",
            "It includes no more Instagram accounts, so nothing was stored. Those you have stay connected. An owner can choose a larger plan.",
            Tone::Neutral,
            "accounts",
        ),
        FailedAttempt::OtherBrowser => (
            "You came back in another browser",
            "Start and finish in the same one: sign in here in Safari or Chrome, not inside another app, and allow cookies for this site. Nothing was stored, and you can try again.",
            Tone::Warning,
            "external",
        ),
        FailedAttempt::NotAllowedForAccount => (
            "Instagram does not allow this account yet",
            "Instagram has to admit this account before it can be connected. Tell whoever runs this site; once they have arranged it, try again. Nothing was stored.",
            Tone::Warning,
            "lock",
        ),
        _ => return None,
    };
    Some(Words { heading: heading.to_owned(), sentence: sentence.to_owned(), tone, icon })
}

/// What is true after most failures.
const KEPT: &str = "Nothing was stored, and your link still works.";

const PERSONAL: &str =
    "Only Business and Creator accounts can be connected. Switching is free, and you can switch back.";

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

    const ALL: fn() -> [FailedAttempt; 14] = || {
        [
            FailedAttempt::Cancelled,
            FailedAttempt::PersonalAccount { username: "nora".into() },
            FailedAttempt::WrongAccount { expected: "nora".into(), got: "studio.nora".into() },
            FailedAttempt::AlreadyUsed,
            FailedAttempt::PermissionMissing,
            FailedAttempt::TooLate,
            FailedAttempt::LinkInactive,
            FailedAttempt::NoRoom,
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
            for own in [false, true] {
                let heading = words(&failure, own).heading;
                assert_eq!(heading == "Nothing was shared", failure == FailedAttempt::Cancelled, "{heading}");
            }
        }
    }

    #[test]
    fn u09_every_failure_has_its_own_heading_and_blames_nobody() {
        for own in [false, true] {
            let mut headings = std::collections::BTreeSet::new();
            for failure in ALL() {
                let Words { heading, sentence, .. } = words(&failure, own);
                for word in ["token", "OAuth", "redirect", "nvalid", "subscription", "is connected"] {
                    assert!(!heading.contains(word) && !sentence.contains(word), "{heading}: {sentence}");
                }
                assert!(headings.insert(heading));
            }
        }
    }

    #[test]
    fn t05_a_members_own_log_in_is_told_of_no_link_and_of_nobody_who_sent_one() {
        for failure in ALL() {
            let Words { heading, sentence, .. } = words(&failure, true);
            for word in ["link", "sent", "request"] {
                assert!(!heading.contains(word) && !sentence.contains(word), "{heading}: {sentence}");
            }
        }
    }
}
