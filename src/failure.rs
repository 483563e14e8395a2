//! How a service ends badly: a refusal that the person may read, or an internal cause that only the log may.
//! The one conversion from the second to the first stands here; it logs once and leaves a reference to quote.

use crate::error::AppError;
use std::error::Error;

/// A refusal, or an internal cause.
#[derive(Debug)]
pub enum Failure {
    /// Expected: the person is told this.
    Refused(AppError),
    /// Unexpected: the person is told a reference.
    Internal(Box<dyn Error + Send + Sync>),
    /// The database or another bounded resource did not answer in time.
    Busy(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// An internal failure out of words, where no error value exists.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into().into())
    }
}

impl Failure {
    /// For work that nobody waits for: the cause goes to the log, under what was going on.
    pub fn log(self, what: &'static str) {
        match self {
            Self::Refused(error) => tracing::warn!(%error, what),
            Self::Internal(cause) => tracing::error!(cause = chain(cause.as_ref()), what),
            Self::Busy(cause) => tracing::warn!(cause = chain(cause.as_ref()), what),
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Refused(error)
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Busy(cause) => {
                tracing::warn!(%cause, "busy");
                Self::Busy
            }
            Failure::Internal(cause) => {
                let reference = reference();
                tracing::error!(cause = chain(cause.as_ref()), reference, "internal failure");
                Self::Internal { reference }
            }
        }
    }
}

/// A place where a test can stop, fail or kill the server. Without the feature `failpoints` it is nothing.
///
/// # Errors
/// When a test says so.
pub fn step(name: &'static str) -> Result<(), Failure> {
    fail::fail_point!(name, |instruction| {
        if instruction.as_deref() == Some("kill") {
            std::process::abort();
        }
        Err(Failure::internal(format!("injected at {name}")))
    });
    let _ = name;
    Ok(())
}

/// Eight characters that a person can read out on the phone and an operator can search the log for (U34).
fn reference() -> String {
    crate::clock::Randomness.hex::<4>()
}

/// An error with all its sources, for the log.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_never_reaches_the_person() {
        let error = AppError::from(Failure::internal("table accounts is on fire"));
        assert!(!error.message().contains("fire"), "{error}");
        assert!(matches!(&error, AppError::Internal { reference } if reference.len() == 8));
    }
}
