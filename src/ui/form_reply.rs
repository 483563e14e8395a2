//! What a page shows again after one of its plain forms was refused: everything typed but passwords, and what to mend.
//! The server puts it into the page's context; a fresh page has none.

use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A refused form.
#[derive(Clone, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct FormReply {
    typed: Vec<(String, String)>,
    error: Option<AppError>,
    once: Vec<String>,
}

impl fmt::Debug for FormReply {
    /// What is shown once is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormReply").field("typed", &self.typed).field("error", &self.error).finish_non_exhaustive()
    }
}

impl FormReply {
    /// A form of the page's own, and why it was refused.
    pub fn refused(typed: Vec<(String, String)>, error: AppError) -> Self {
        Self { error: Some(error), ..Self::of_server_function(typed) }
    }

    /// A form whose server function knows itself why it was refused.
    pub fn of_server_function(mut typed: Vec<(String, String)>) -> Self {
        // A password is typed again: no page may carry one.
        typed.retain(|(name, _)| !name.contains("password") && name != "code");
        Self { typed, ..Self::default() }
    }

    /// A form that went through, and what its page shows this one time.
    pub fn showing_once(once: Vec<String>) -> Self {
        Self { once, ..Self::default() }
    }

    /// What is shown this one time; empty on any other page.
    pub fn once(&self) -> &[String] {
        &self.once
    }

    /// Why the form was refused; `None` on a fresh page.
    pub fn error(&self) -> Option<AppError> {
        self.error.clone()
    }

    /// What was typed into a field; empty for a field that was not sent.
    pub fn typed(&self, name: &str) -> String {
        self.typed.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// What to mend in a field.
    pub fn mend(&self, name: &str) -> Option<String> {
        self.error.as_ref().and_then(|error| error.for_field(name))
    }
}

/// The refused form of this page. The browser that takes the page over finds it there, and sees the same.
pub fn use_form_reply() -> FormReply {
    SharedValue::new(|| use_context::<FormReply>().unwrap_or_default()).into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_typed_but_the_password_is_shown_again() {
        let typed =
            vec![("email".into(), "ann@agency.example".into()), ("password".into(), "three small words".into())];
        let reply = FormReply::refused(typed, AppError::field("password", "Choose another one."));
        assert_eq!(reply.typed("email"), "ann@agency.example");
        assert_eq!(reply.typed("password"), "");
        assert_eq!(reply.mend("password").as_deref(), Some("Choose another one."));
    }
}
