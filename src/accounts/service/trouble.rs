//! Why a call to Instagram for a connected account failed: the word that is stored, and the sentence for a member.
//! A dead token is no trouble but an end, and `death` deals with it.

use crate::instagram::ProviderError;

/// The word under which a failed call is stored.
pub const fn code(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::RateLimited(_) => "rate_limited",
        ProviderError::Unavailable(_) | ProviderError::Ambiguous(_) => "unavailable",
        ProviderError::Misconfigured(_) => "misconfigured",
        ProviderError::NotAllowedForAccount => "not_allowed",
        ProviderError::Malformed(_) | ProviderError::CodeRefused => "unreadable",
        ProviderError::TokenDead(_) | ProviderError::PermissionMissing => "refused",
    }
}

/// What a member reads of a failed call.
pub fn words(code: &str) -> String {
    match code {
        "rate_limited" => "Instagram asks us to slow down. We try again later by ourselves.",
        "unavailable" => "Instagram could not be reached. We try again by ourselves.",
        "misconfigured" => {
            "Instagram does not accept this installation's app. Its operator finds the reason in the log."
        }
        "not_allowed" => {
            "Instagram does not let this installation's app serve the account. Its operator can mend that."
        }
        "refused" => "Instagram refused, and takes the account as connected all the same. We try again by ourselves.",
        _ => "Instagram's answer could not be used. We try again by ourselves.",
    }
    .to_owned()
}
