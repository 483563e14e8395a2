//! Password hashing: argon2id (RFC 9106), never more than a few at once, never on a thread that serves requests.

use crate::{
    clock::Randomness,
    failure::Failure,
    secret::{ExposeSecret, SecretString},
};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB and some tens of milliseconds of one core; more at once would only starve the rest.
static AT_ONCE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// A hash of nothing anybody knows: an unknown address takes as long as a known one (A46).
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now(&Randomness.bytes::<32>(), &Randomness).ok());

/// Hashes a new password, as a PHC string.
///
/// # Errors
/// When argon2 refuses, which would be our mistake.
pub async fn hash(password: SecretString, randomness: Randomness) -> Result<String, Failure> {
    on_a_blocking_thread(move || hash_now(password.expose_secret().as_bytes(), &randomness)).await?
}

/// Whether a password belongs to a hash. Without a hash it takes the same time and says no.
///
/// # Errors
/// When no thread is left to do it.
pub async fn verify(password: SecretString, hash: Option<String>) -> Result<bool, Failure> {
    on_a_blocking_thread(move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return false };
        let fits = Argon2::default().verify_password(password.expose_secret().as_bytes(), hash.as_str()).is_ok();
        fits && known
    })
    .await
}

fn hash_now(password: &[u8], randomness: &Randomness) -> Result<String, Failure> {
    Argon2::default()
        .hash_password_with_salt(password, &randomness.bytes::<16>())
        .map(|hash| hash.to_string())
        .map_err(|error| Failure::internal(format!("argon2: {error}")))
}

async fn on_a_blocking_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let _permit = AT_ONCE.acquire().await.map_err(|error| Failure::Internal(Box::new(error)))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Internal(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hashed = hash("three small words".to_owned().into(), Randomness).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify("three small words".to_owned().into(), Some(hashed.clone())).await.unwrap());
        assert!(!verify("three small word".to_owned().into(), Some(hashed)).await.unwrap());
        assert!(!verify("three small words".to_owned().into(), None).await.unwrap());
    }
}
