//! The client's journey in types: what the link's page offers, and how an attempt can end. No I/O.

use crate::{organizations::settings::model::Brand, timestamp::Moment};
use serde::{Deserialize, Serialize};

/// What a client agrees to by going on: the scope `instagram_business_basic` in plain words (U02), what it leaves out, and
/// where their password stays. Whoever changes a word of it raises [`CONSENT_VERSION`], and adds the new text to
/// `docs/consent.md`: what was agreed to earlier has to stay known.
pub const CONSENT: [&str; 3] = [
    "They can see your profile (handle, name, picture, counts) and your posts.",
    "They cannot post, read or send messages, or change anything.",
    "Your password stays with Instagram; we never see it.",
];

/// The number of [`CONSENT`]. The page's form carries it, so that what is recorded is what was shown: the page may be
/// older than the server.
pub const CONSENT_VERSION: u32 = 1;

/// The version that a form says was shown; `None` for one there never was.
pub fn consent_shown(version: &str) -> Option<u32> {
    version.parse().ok().filter(|version| (1..=CONSENT_VERSION).contains(version))
}

/// What a client finds at a link's URL.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum LinkPage {
    /// The link is alive.
    Open(Box<Invitation>),
    /// There never was such a link (404).
    Unknown,
    /// The link was deleted, or its organization may not use links now (410). The client is not told which (U10).
    Inactive,
    /// The one connection the link was for has been made (410). The browser that made it sees which.
    Fulfilled(Option<Box<Connection>>),
}

/// Who asks, and for what (S13, S14).
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// The organization the connection goes to.
    pub organization: String,
    /// What else it shows of itself.
    pub brand: Brand,
    /// The email of the member who made the link (S32).
    pub creator_email: String,
    /// The handle of the one account that is asked for, without "@" (T15).
    pub requested: Option<String>,
    /// Whether that member has shown that the address is theirs (A18).
    pub creator_verified: bool,
    /// Where "Continue to Instagram" posts to. A path.
    pub start_path: String,
    /// Where the client will sign in: the host of Instagram's authorize URL, "www.instagram.com" (U03).
    pub instagram_host: String,
    /// The browser shown inside another app ("Instagram", "Facebook", …), when this is one (U12).
    pub in_app_browser: Option<String>,
    /// This page's own full URL, for "copy the link and open it in Safari or Chrome".
    pub page_url: String,
}

/// What the page of an attempt says: only the browser that started it may read it.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct AttemptPage {
    /// How it stands.
    pub state: AttemptState,
    /// The page's own address, for looking again; `None` when there is no attempt to look at.
    pub path: Option<String>,
    /// The link's page, for "Try again"; `None` when this browser may not know it.
    pub retry_path: Option<String>,
    /// The link in full, to be carried to another browser (U12).
    pub link_url: Option<String>,
    /// The dashboard, where it is a member's own log-in (T05): nobody sent them a link.
    pub dashboard_path: Option<String>,
    /// Who sent the link; `None` where this browser may not know it, and in a member's own log-in.
    pub asker: Option<Asker>,
}

/// An organization, as its clients see it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Asker {
    /// Its name.
    pub organization: String,
    /// What else it shows of itself.
    pub brand: Brand,
}

impl std::fmt::Debug for Invitation {
    /// The paths hold the link's token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("organization", &self.organization).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AttemptPage {
    /// The way back holds the link's token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttemptPage").field("state", &self.state).finish_non_exhaustive()
    }
}

/// How an attempt stands or ended.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum AttemptState {
    /// Sent to Instagram; nothing came back yet.
    Started {
        /// Where the attempt can be abandoned in favour of a new one is `retry_path`; this is who asked.
        organization: String,
    },
    /// Instagram answered; the account is being stored (U11).
    Connecting,
    /// Stored (S16).
    Connected(Connection),
    /// Stored, and over since: taken back, disconnected, or dead.
    Ended {
        /// The handle, without "@"; `None` when everything about the account was deleted.
        username: Option<String>,
        /// Who had it.
        organization: String,
    },
    /// Ended without a connection; nothing was stored.
    Failed(FailedAttempt),
}

/// A finished connection, as the client reads it (U04, U05).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The handle, without "@".
    pub username: String,
    /// The name beside it.
    pub display_name: Option<String>,
    /// Instagram's id of the account.
    pub instagram_id: String,
    /// Who has it now.
    pub organization: String,
    /// The email of who asked, for questions.
    pub creator_email: String,
    /// When.
    pub connected_at: Moment,
    /// Where this browser can take the access back by POST, while it can (U05).
    pub take_back_path: Option<String>,
}

/// Why an attempt ended without a connection. Each has a page of its own with one thing to do.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum FailedAttempt {
    /// The client said no at Instagram (U06). No error.
    Cancelled,
    /// The account is a personal one (U08).
    PersonalAccount {
        /// Its handle, without "@".
        username: String,
    },
    /// It was another account than the one that is asked for (U07, A23).
    WrongAccount {
        /// The handle that is asked for, without "@".
        expected: String,
        /// The handle they were signed in to.
        got: String,
    },
    /// The one connection the link was for has been made already (F11).
    AlreadyUsed,
    /// A permission was left out.
    PermissionMissing,
    /// The client took longer than an attempt lives (A32).
    TooLate,
    /// The link was deleted, or its organization may not use it now (A22, U10).
    LinkInactive,
    /// The organization's plan has no room for another account. The client reads nothing of plans (U10).
    NoRoom,
    /// The callback reached another browser than the one that started, or cookies are blocked (A17, U12, U13).
    OtherBrowser,
    /// Instagram could not be reached, or answered that it is in trouble (F13, F14).
    InstagramUnavailable,
    /// Instagram limits the calls.
    RateLimited,
    /// Instagram does not let this organization's app serve the account (no tester, no Advanced Access).
    NotAllowedForAccount,
    /// Instagram refused or garbled something else.
    NotCompleted,
    /// Our own fault.
    Internal {
        /// What stands in the log beside the cause (U34); empty when there is none.
        reference: String,
    },
}

impl FailedAttempt {
    /// The word it is stored under in `attempts.outcome`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::PersonalAccount { .. } => "personal_account",
            Self::WrongAccount { .. } => "wrong_account",
            Self::AlreadyUsed => "already_used",
            Self::PermissionMissing => "permission_missing",
            Self::TooLate => "too_late",
            Self::LinkInactive => "link_inactive",
            Self::NoRoom => "no_room",
            Self::OtherBrowser => "other_browser",
            Self::InstagramUnavailable => "instagram_unavailable",
            Self::RateLimited => "rate_limited",
            Self::NotAllowedForAccount => "not_allowed_for_account",
            Self::NotCompleted => "not_completed",
            Self::Internal { .. } => "internal",
        }
    }

    /// What it is about, stored beside the code: handles, a reference or nothing.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::PersonalAccount { username } => Some(username.clone()),
            Self::Internal { reference } => Some(reference.clone()),
            // No handle has a space in it.
            Self::WrongAccount { expected, got } => Some(format!("{expected} {got}")),
            _ => None,
        }
    }

    /// Back from what was stored; a word from a newer version reads as [`FailedAttempt::NotCompleted`].
    pub fn from_stored(code: &str, detail: Option<&str>) -> Self {
        match code {
            "cancelled" => Self::Cancelled,
            "personal_account" => Self::PersonalAccount { username: detail.unwrap_or_default().to_owned() },
            "wrong_account" => {
                let (expected, got) = detail.and_then(|detail| detail.split_once(' ')).unwrap_or_default();
                Self::WrongAccount { expected: expected.to_owned(), got: got.to_owned() }
            }
            "already_used" => Self::AlreadyUsed,
            "permission_missing" => Self::PermissionMissing,
            "too_late" => Self::TooLate,
            "link_inactive" => Self::LinkInactive,
            "no_room" => Self::NoRoom,
            "other_browser" => Self::OtherBrowser,
            "instagram_unavailable" => Self::InstagramUnavailable,
            "rate_limited" => Self::RateLimited,
            "not_allowed_for_account" => Self::NotAllowedForAccount,
            "internal" => Self::Internal { reference: detail.unwrap_or_default().to_owned() },
            _ => Self::NotCompleted,
        }
    }
}

/// What Instagram's redirect carries. All of it is untrusted, and none of it is ever shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackParams {
    /// The attempt this answers.
    #[serde(default)]
    pub state: Option<String>,
    /// For one exchange.
    #[serde(default)]
    pub code: Option<String>,
    /// Set when the person said no, or something went wrong at Instagram.
    #[serde(default)]
    pub error: Option<String>,
}

impl std::fmt::Debug for CallbackParams {
    /// State and code are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackParams([redacted])")
    }
}

/// The browser inside another app, named from its user agent (U12). Such browsers often keep no cookies
/// between opening Instagram and coming back.
pub fn in_app_browser(user_agent: &str) -> Option<&'static str> {
    const MARKS: [(&str, &str); 14] = [
        ("Barcelona", "Threads"),
        ("Instagram", "Instagram"),
        ("FBAN/Messenger", "Messenger"),
        ("FBAN", "Facebook"),
        ("FBAV", "Facebook"),
        ("Line/", "LINE"),
        ("MicroMessenger", "WeChat"),
        ("Snapchat", "Snapchat"),
        ("BytedanceWebview", "TikTok"),
        ("musical_ly", "TikTok"),
        ("LinkedInApp", "LinkedIn"),
        ("Twitter for", "X"),
        ("GSA/", "the Google app"),
        // Android's mark of a page inside any other app.
        ("; wv)", "another app"),
    ];
    MARKS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consent_text_that_is_shown_is_the_documented_one_of_its_version() {
        let documented = include_str!("../../docs/consent.md");
        let heading = format!("## Version {CONSENT_VERSION}\n");
        let (_, text) = documented.split_once(&heading).expect("docs/consent.md lacks the newest version");
        let (text, _) = text.split_once("\n## ").unwrap_or((text, ""));
        let listed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert_eq!(listed, CONSENT, "another text is another version");
    }

    #[test]
    fn only_a_version_there_is_can_have_been_shown() {
        assert_eq!(consent_shown(&CONSENT_VERSION.to_string()), Some(CONSENT_VERSION));
        for wrong in ["", "0", "-1", "1 ", "x", &(CONSENT_VERSION + 1).to_string()] {
            assert_eq!(consent_shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_failure_is_read_back_as_it_was_stored() {
        for failure in [
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
            FailedAttempt::Internal { reference: "0a1b2c3d".into() },
        ] {
            assert_eq!(FailedAttempt::from_stored(failure.code(), failure.detail().as_deref()), failure);
        }
    }

    #[test]
    fn a77_debug_prints_neither_link_nor_state_nor_code() {
        let page = AttemptPage {
            state: AttemptState::Connecting,
            path: None,
            retry_path: Some("/connect/sentinel".into()),
            link_url: Some("https://x/connect/sentinel".into()),
            dashboard_path: None,
            asker: None,
        };
        let params = CallbackParams { state: Some("sentinel".into()), code: Some("sentinel".into()), error: None };
        let invitation = Invitation {
            organization: "Bright & Bold".into(),
            brand: Brand::default(),
            creator_email: "ann@agency.example".into(),
            requested: None,
            creator_verified: false,
            start_path: "/connect/sentinel".into(),
            instagram_host: "www.instagram.com".into(),
            in_app_browser: None,
            page_url: "https://x/connect/sentinel".into(),
        };
        for text in [format!("{page:?}"), format!("{params:?}"), format!("{invitation:?}")] {
            assert!(!text.contains("sentinel"), "{text}");
        }
    }

    #[test]
    fn u12_a_browser_inside_an_app_is_recognized() {
        let instagram =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/22A Instagram 350.0";
        assert_eq!(in_app_browser(instagram), Some("Instagram"));
        for (mark, app) in [
            ("Barcelona 350.0 Instagram", "Threads"),
            ("[FBAN/FBIOS;FBAV/480]", "Facebook"),
            ("[FBAN/MessengerForiOS]", "Messenger"),
            ("[LinkedInApp]/9.30", "LinkedIn"),
            ("Twitter for iPhone/10.1", "X"),
            ("GSA/340.0 Mobile", "the Google app"),
            ("Linux; Android 15; Pixel 9; wv) Version/4.0 Chrome/130", "another app"),
            ("MicroMessenger/8.0", "WeChat"),
            ("Snapchat/13.0", "Snapchat"),
        ] {
            assert_eq!(in_app_browser(&format!("Mozilla/5.0 {mark}")), Some(app), "{mark}");
        }
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1";
        assert_eq!(in_app_browser(safari), None);
    }
}
