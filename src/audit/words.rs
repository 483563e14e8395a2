//! Entries in plain words: who, on what, and the sentence more. The words of the actions stand in the table of `model`.
//! A word that this version does not know is shown as it was stored, so that nothing is hidden. No I/O.

use super::model::{Action, Actor};
use crate::{plan::Plan, token_death::TokenDeath};

/// Somebody who does not belong to the organization any more: what they are called now is not for its members to know.
const FORMER_MEMBER: &str = "A former member";

/// Who did it. `email` is the address of a member, where they still are one.
pub fn who(actor: Option<Actor>, email: Option<&str>) -> String {
    match actor {
        Some(Actor::Member(_)) => email.unwrap_or(FORMER_MEMBER).to_owned(),
        Some(Actor::Client) => "A client".to_owned(),
        Some(Actor::Operator) => "The operator".to_owned(),
        Some(Actor::Instagram) => "Instagram".to_owned(),
        Some(Actor::Stripe) => "Stripe".to_owned(),
        Some(Actor::Grantlink) => "Grantlink".to_owned(),
        None => "Unknown".to_owned(),
    }
}

/// On what: what the entry says itself, as it was then, or else what its subject is called now.
pub fn about(action: Action, detail: &str, name: Option<&str>) -> Option<String> {
    let first = detail.split(' ').next().filter(|word| !word.is_empty());
    match action {
        Action::AccountConnected
        | Action::AccountDisconnected
        | Action::AccessRequested
        | Action::AccessLost
        | Action::ClientRevoked => first.map(|handle| format!("@{handle}")).or_else(|| name.map(str::to_owned)),
        Action::OrganizationCreated => Some(format!("“{detail}”")),
        Action::MemberRemoved | Action::MemberLeft => {
            let then = detail.split_once(' ').map(|(_, email)| email).filter(|email| !email.is_empty());
            Some(then.or(name).unwrap_or(FORMER_MEMBER).to_owned())
        }
        _ if action.is_about_a_person() => Some(name.unwrap_or(FORMER_MEMBER).to_owned()),
        _ => name.map(str::to_owned),
    }
}

/// The sentence more; `None` where there is nothing to say.
pub fn note(action: Option<Action>, detail: &str) -> Option<String> {
    match action {
        Some(
            Action::AccountConnected
            | Action::AccountDisconnected
            | Action::AccessRequested
            | Action::OrganizationCreated,
        ) => None,
        Some(Action::AccessLost | Action::ClientRevoked) => {
            let (_, reason) = detail.split_once(' ')?;
            Some(TokenDeath::parse(reason)?.sentence().to_owned())
        }
        Some(Action::ClientStarted) => Some(consent(detail)),
        Some(Action::ClientReturned | Action::ClientRefused) => Some(outcome(detail)),
        Some(Action::SubscriptionSet) => Some(subscription(detail)),
        Some(Action::MemberInvited | Action::MemberJoined) => said(detail, |role| format!("As {role}.")),
        Some(Action::RoleChanged) => said(detail, |change| format!("From {change}.")),
        Some(Action::MemberRemoved | Action::MemberLeft | Action::OwnershipTransferred) => {
            let role = detail.split(' ').next().unwrap_or_default();
            said(role, |role| format!("They had been {role}."))
        }
        Some(Action::SettingsChanged) => said(detail, |fields| format!("Changed: {fields}.")),
        // Nobody has to be signed in for it: mails are passed on.
        Some(Action::RemindersStopped | Action::RemindersResumed) => {
            Some("By whoever has the link in a reminder.".to_owned())
        }
        _ => said(detail, str::to_owned),
    }
}

/// What a detail says, where it says something.
fn said(detail: &str, sentence: impl FnOnce(&str) -> String) -> Option<String> {
    (!detail.is_empty()).then(|| sentence(detail))
}

/// What a subscription is from then on: the word for its state, and the one for its plan where it has one.
fn subscription(detail: &str) -> String {
    let (state, plan) = detail.split_once(' ').unwrap_or((detail, ""));
    let state = state.replace('_', " ");
    match Plan::parse(plan) {
        Some(plan) => format!("It is {state} now, with the plan {}.", plan.title()),
        None => format!("It is {state} now."),
    }
}

/// What somebody was shown before they went to Instagram.
fn consent(version: &str) -> String {
    if version.is_empty() {
        "The page with the consent text was not what led there.".to_owned()
    } else {
        format!("Consent text {version} was shown.")
    }
}

/// How an attempt ended without a connection: its code and what it is about, as an attempt stores them.
fn outcome(detail: &str) -> String {
    let (code, about) = detail.split_once(' ').unwrap_or((detail, ""));
    match code {
        "cancelled" => "They said no at Instagram.".to_owned(),
        "personal_account" => format!("@{about} is a personal account."),
        "wrong_account" => {
            let (expected, got) = about.split_once(' ').unwrap_or((about, ""));
            format!("Asked for was @{expected}, and it was @{got}.")
        }
        "already_used" => "The connection it was for had been made already.".to_owned(),
        "permission_missing" => "A permission that is needed was left out.".to_owned(),
        "too_late" => "They took longer than half an hour.".to_owned(),
        "link_inactive" => "The link did not work any more.".to_owned(),
        "no_room" => "The plan includes no more accounts.".to_owned(),
        "instagram_unavailable" => "Instagram did not answer.".to_owned(),
        "rate_limited" => "Instagram asked to slow down.".to_owned(),
        "not_allowed_for_account" => "Instagram does not let this installation's app serve the account.".to_owned(),
        "not_completed" => "Instagram did not complete it.".to_owned(),
        "interrupted" => "Grantlink was interrupted; they were asked to try again.".to_owned(),
        "internal" if about.is_empty() => "Something went wrong on our side.".to_owned(),
        "internal" => format!("Something went wrong on our side. Reference: {about}."),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_on_what_as_it_was_then_or_as_it_is_called_now() {
        let at = |action, detail| about(action, detail, Some("@renamed"));
        assert_eq!(at(Action::AccountConnected, "studio.nora").as_deref(), Some("@studio.nora"));
        assert_eq!(at(Action::AccessLost, "studio.nora expired").as_deref(), Some("@studio.nora"));
        assert_eq!(at(Action::RequestWithdrawn, "").as_deref(), Some("@renamed"));
        assert_eq!(about(Action::LinkRevoked, "", None), None);
    }

    #[test]
    fn of_whoever_left_only_what_was_written_down_then_is_told() {
        assert_eq!(who(Some(Actor::Member("0198f000000070008000000000000000".parse().unwrap())), None), FORMER_MEMBER);
        assert_eq!(about(Action::MemberRemoved, "member ben@x.example", None).as_deref(), Some("ben@x.example"));
        assert_eq!(about(Action::MemberLeft, "viewer", None).as_deref(), Some(FORMER_MEMBER));
        assert_eq!(about(Action::RoleChanged, "member to admin", None).as_deref(), Some(FORMER_MEMBER));
        assert_eq!(about(Action::RemindersStopped, "", None).as_deref(), Some(FORMER_MEMBER));
        let note = note(Some(Action::MemberRemoved), "member ben@x.example");
        assert_eq!(note.as_deref(), Some("They had been member."));
    }

    #[test]
    fn entries_are_told_in_sentences() {
        for (action, detail, sentence) in [
            (Action::ClientStarted, "1", "Consent text 1 was shown."),
            (Action::ClientReturned, "cancelled", "They said no at Instagram."),
            (Action::ClientRefused, "wrong_account nora cafe", "Asked for was @nora, and it was @cafe."),
            (Action::ClientRefused, "personal_account mia", "@mia is a personal account."),
            (Action::AccessLost, "nora expired", TokenDeath::Expired.sentence()),
            (Action::ClientReturned, "newer_word", "newer_word"),
            (Action::RoleChanged, "member to admin", "From member to admin."),
            (Action::MemberJoined, "viewer", "As viewer."),
            (Action::SubscriptionSet, "lapsed", "It is lapsed now."),
            (Action::SubscriptionSet, "past_due studio", "It is past due now, with the plan Studio."),
            (Action::ClientRefused, "no_room", "The plan includes no more accounts."),
            (Action::SettingsChanged, "name, logo", "Changed: name, logo."),
            (Action::RemindersStopped, "", "By whoever has the link in a reminder."),
        ] {
            assert_eq!(note(Some(action), detail).as_deref(), Some(sentence));
        }
        assert_eq!(note(Some(Action::AccessLost), "nora"), None, "entries of earlier versions say no reason");
        assert_eq!(note(None, "whatever").as_deref(), Some("whatever"));
    }
}
