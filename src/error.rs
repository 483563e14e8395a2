//! What a person may be told when something does not go through, and its wording.
//! Used on both sides and by every door; it never carries text from a database, a library or Instagram, but for the
//! name of a member's own organization.

use crate::plan::{LimitKind, Plan};
use http::StatusCode;
use leptos::server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A refusal in words. What really happened stays in `failure::Failure` and in the log.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum AppError {
    /// Fields of a form that have to be corrected.
    Fields(Vec<FieldError>),
    /// The sign-in session is missing, ended or expired.
    SignInNeeded,
    /// The email and password do not belong together. The same words whether the address is known or not.
    WrongCredentials,
    /// The second step of signing in took too long, or too many of its codes were wrong.
    SignInAgain,
    /// The right person, and no organization to work for: theirs was deleted, or they were removed from it.
    NoOrganization,
    /// The thing does not exist, or belongs to somebody else: the two are not told apart.
    NotFound,
    /// The member's role does not allow this.
    Forbidden,
    /// Nobody would own the organization any more.
    LastOwner,
    /// An invitation is for another person than the one who is signed in.
    InvitedOther,
    /// Nobody makes an account here without an invitation (`SIGNUP=invite`).
    InvitationNeeded,
    /// The form is of a window that was opened for another organization than the session works for by now.
    OtherOrganization {
        /// The name of the one it works for.
        current: String,
    },
    /// The organization's plan does not include this, or no more of it (S25, S26).
    PlanLimit {
        /// What is limited.
        limit: LimitKind,
        /// The smallest plan that lifts the limit; `None` when none does.
        plan: Option<Plan>,
    },
    /// Too many tries; worth trying again after this many seconds.
    TooMany {
        /// Seconds until the next try is accepted.
        retry_after: u32,
    },
    /// A form did not arrive whole.
    Unreadable,
    /// The server or its database is too busy to answer in time.
    Busy,
    /// A form was sent from another website.
    CrossSite,
    /// The request was meant for another host name.
    WrongHost,
    /// The page and the server do not speak the same version, or the network failed in between.
    Unreachable,
    /// Our fault. The reference stands in the log beside the cause.
    Internal {
        /// Short, for a person to quote to support.
        reference: String,
    },
}

/// What is wrong with one field of a form, in words that say what to do.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct FieldError {
    /// The `name` of the field.
    pub field: String,
    /// What to do about it, one sentence.
    pub message: String,
}

impl AppError {
    /// A single field to correct.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// All that has to be corrected in a form, at once. Errors that are about no field are left out.
    pub fn together(errors: impl IntoIterator<Item = Self>) -> Self {
        let fields = errors.into_iter().flat_map(|error| match error {
            Self::Fields(fields) => fields,
            _ => Vec::new(),
        });
        Self::Fields(fields.collect())
    }

    /// The sentence for one field of a form, if this error is about it.
    pub fn for_field(&self, name: &str) -> Option<String> {
        match self {
            Self::Fields(fields) => fields.iter().find(|f| f.field == name).map(|f| f.message.clone()),
            _ => None,
        }
    }

    /// What the person reads: what happened and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::Fields(fields) => fields.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join(" "),
            Self::SignInNeeded => "You have been signed out. Sign in to go on.".into(),
            Self::WrongCredentials => {
                "That email and password do not belong together. Check both and try again.".into()
            }
            Self::SignInAgain => {
                "That took too long, or too many codes were wrong. Start again with your email and password.".into()
            }
            Self::NoOrganization => {
                "You still have your account here, but it belongs to no organization any more: yours was deleted, or you \
                 were removed from it. Ask for an invitation to this address, and it lets you in again; or create an \
                 organization of your own with another address."
                    .into()
            }
            Self::NotFound => "This is not here (any more). Reload the page to see what is.".into(),
            Self::Forbidden => "Your role does not allow this. Ask an owner of your organization.".into(),
            Self::LastOwner => "An organization needs an owner. Make somebody else an owner first.".into(),
            Self::InvitedOther => {
                "This invitation is for another address than the one you are signed in with. Sign out, then open the \
                 invitation again."
                    .into()
            }
            Self::InvitationNeeded => {
                "Accounts are made by invitation here. Ask somebody in your organization, or whoever runs this site, to \
                 invite your address; the mail leads you in."
                    .into()
            }
            Self::OtherOrganization { current } => format!(
                "You switched to {current} in another window, so nothing was done here. Reload this page to go on with \
                 {current}, or switch back first."
            ),
            Self::PlanLimit { limit, plan } => match plan {
                Some(plan) => format!("{} The plan {} lifts this limit.", limit.words(), plan.title()),
                None => limit.words().to_owned(),
            },
            Self::TooMany { retry_after } => {
                let wait = if *retry_after == 1 { "a second".to_owned() } else { format!("{retry_after} seconds") };
                format!("That was tried too often. Wait {wait} and try again.")
            }
            Self::Unreadable => "The form did not arrive whole. Fill it in and send it again.".into(),
            Self::Busy => "There is a lot going on right now. Try again in a moment.".into(),
            Self::CrossSite => {
                "This form was sent from another website or a restricted browser, so nothing was done. Open the page \
                 itself in Safari, Chrome or Firefox and try again."
                    .into()
            }
            Self::WrongHost => "There is no site under this name here.".into(),
            Self::Unreachable => "Grantlink could not be reached. Check your connection and reload the page.".into(),
            Self::Internal { reference } => format!(
                "Something went wrong on our side. Nothing was changed. Try again; if it happens again, tell support this reference: {reference}."
            ),
        }
    }

    /// Seconds until trying again makes sense, where that is known.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// The HTTP status that says the same to a program.
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::Fields(_) | Self::WrongCredentials | Self::Unreadable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignInNeeded | Self::SignInAgain => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NoOrganization | Self::Forbidden | Self::InvitedOther | Self::InvitationNeeded | Self::CrossSite => {
                StatusCode::FORBIDDEN
            }
            Self::LastOwner | Self::OtherOrganization { .. } => StatusCode::CONFLICT,
            Self::PlanLimit { .. } => StatusCode::PAYMENT_REQUIRED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Unreachable => StatusCode::BAD_REQUEST,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// Transport troubles only: what a server function itself refuses is already an `AppError`.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Unreachable
    }

    fn status_code(&self) -> StatusCode {
        self.http_status()
    }
}
