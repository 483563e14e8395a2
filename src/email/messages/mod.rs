//! What each mail says, one file for each. All wording of mails stands here, so that it can be translated; who gets one
//! and when is the jobs' business. A builder takes names as they come and cuts what is too long to be one.

mod collecting;
mod confirm_email;
mod expires_soon;
mod invitation;
mod needs_reconnection;
mod reset_password;
mod sign_in_notice;
mod test_message;

pub use collecting::{Collecting, collecting};
pub use confirm_email::{ConfirmEmail, confirm_email};
pub use expires_soon::{ExpiresSoon, expires_soon};
pub use invitation::{Invitation, invitation};
pub use needs_reconnection::{NeedsReconnection, needs_reconnection};
pub use reset_password::{ResetPassword, reset_password};
pub use sign_in_notice::{SignInNotice, sign_in_notice};
pub use test_message::test_message;

use super::message::{Action, one_line};
use url::Url;

/// Characters of the name of an organization or a person.
const MAX_NAME: usize = 80;
/// Characters of a handle; Instagram's have 30.
const MAX_HANDLE: usize = 40;

/// A handle as it is shown.
fn at(handle: &str) -> String {
    format!("@{}", one_line(handle.trim_start_matches('@'), MAX_HANDLE))
}

fn name(name: &str) -> String {
    one_line(name, MAX_NAME)
}

fn open_account(handle: &str, account_url: &Url) -> Action {
    Action { label: format!("Open {handle} in Grantlink"), url: account_url.clone() }
}

/// Why this mail came, and whom to ask.
fn closing(organization: &str, support: Option<&str>) -> Vec<String> {
    let mut lines = vec![format!("You get this email because you work with {organization} on Grantlink.")];
    lines.extend(support.map(|support| format!("Questions? Write to {}.", one_line(support, 254))));
    lines
}

/// The same, where it is about a person and no organization.
fn personal_closing(email: &str, support: Option<&str>) -> Vec<String> {
    let mut lines = vec![format!("You get this email because {email} is written into an account on Grantlink.")];
    lines.extend(support.map(|support| format!("Questions? Write to {}.", one_line(support, 254))));
    lines
}

#[cfg(test)]
mod tests {
    use super::{super::Message, *};

    fn url() -> Url {
        Url::parse("https://connect.example/accounts/0198").unwrap()
    }

    fn all(organization: &str, handle: &str) -> [Message; 3] {
        let account_url = url();
        let (account_url, support) = (&account_url, Some("help@connect.example"));
        [
            collecting(&Collecting {
                handle,
                organization,
                requested_by: Some("ann@agency.example"),
                posts_collected: 12,
                account_url,
                support,
            }),
            needs_reconnection(&NeedsReconnection {
                handle,
                organization,
                reason: "The password of the account was changed.",
                account_url,
                support,
            }),
            expires_soon(&ExpiresSoon {
                handle,
                organization,
                days: 5,
                last_error: Some("Instagram did not answer."),
                account_url,
                support,
            }),
        ]
    }

    #[test]
    fn u27_each_mail_names_organization_and_handle_and_leads_to_the_account() {
        for message in all("Bright & Bold", "bakery_huber") {
            let text = message.text(None);
            for words in ["@bakery_huber", "Bright & Bold"] {
                assert!(message.subject.contains(words) && text.contains(words), "{}: {text}", message.subject);
            }
            assert!(message.heading.starts_with("@bakery_huber"), "{}", message.heading);
            let action = message.action.unwrap();
            assert_eq!((action.label.as_str(), action.url), ("Open @bakery_huber in Grantlink", url()));
            assert!(text.contains("help@connect.example"), "{text}");
        }
    }

    #[test]
    fn each_mail_keeps_to_the_words_of_the_product() {
        for message in all("Bright & Bold", "bakery_huber") {
            let text = format!("{}\n{}", message.subject, message.text(None)).to_lowercase();
            for word in ["token", "oauth", "redirect", "invalid", "credential", "error", "sorry", "@@", "!"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
            assert!(message.paragraphs.iter().all(|paragraph| paragraph.ends_with('.')), "{text}");
        }
    }

    #[test]
    fn a61_long_names_leave_room_for_the_rest() {
        for message in all(&"Long ".repeat(2_000), &"h".repeat(10_000)) {
            assert!(message.subject.chars().count() <= 200, "{}", message.subject);
            assert!(message.subject.contains("Long") && message.subject.contains("@hhh"), "{}", message.subject);
            assert!(message.text(None).len() < 2_500, "{}", message.text(None));
        }
    }

    #[test]
    fn mails_about_signing_in_name_the_person_lead_to_one_page_and_keep_to_the_words_of_the_product() {
        let (url, email, support) = (url(), "ann@agency.example", Some("help@connect.example"));
        let confirm = |is_change| confirm_email(&ConfirmEmail { email, is_change, url: &url, support });
        let reset = reset_password(&ResetPassword { email, url: &url, support });
        for message in [confirm(false), confirm(true), reset] {
            let text = format!("{}\n{}", message.subject, message.text(None));
            assert!(text.contains(email) && text.contains(url.as_str()), "{text}");
            assert!(text.contains("If it was not you, there is nothing to do"), "{text}");
            let lower = text.to_lowercase();
            for word in ["token", "oauth", "redirect", "invalid", "credential", "error", "sorry", "!"] {
                assert!(!lower.contains(word), "{word}: {text}");
            }
        }
    }
}
