//! The signature of a webhook: `t=…,v1=…` over the time and the body as it came, byte for byte. The door for webhooks
//! verifies with it, the stand-in signs with it. Nothing of a body may be looked at before; the sender of one that is
//! not believed is told no more than that.

use crate::{
    secret::{ExposeSecret, SecretString},
    timestamp::Timestamp,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{fmt, time::Duration};

/// The name of the header.
pub const HEADER: &str = "stripe-signature";
/// How far the time of a signature may be from ours, either way. Stripe signs each of its tries anew.
pub const TOLERANCE: Duration = Duration::from_secs(300);
/// The longest header that is looked at, in bytes. With two secrets Stripe's have about 170.
const LENGTH: usize = 1_024;

/// Why a webhook is not believed. For the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// There is no header of the right form, or no secret to check it with.
    Shape,
    /// Our secret did not make the signature.
    Signature,
    /// It was signed too long ago, or in the future.
    Time,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "no signature of Stripe's form",
            Self::Signature => "not signed with STRIPE_WEBHOOK_SECRET",
            Self::Time => "signed too long ago, or the clock of this machine is wrong",
        })
    }
}

impl std::error::Error for Refused {}

/// Whether this secret signed this body at about `now`. Of several signatures one has to fit: while a secret is being
/// replaced, Stripe signs with both.
///
/// # Errors
/// When it did not.
pub fn verify(header: &str, body: &[u8], secret: &SecretString, now: Timestamp) -> Result<(), Refused> {
    // An empty secret signs nothing: anybody has it.
    if header.len() > LENGTH || secret.expose_secret().is_empty() {
        return Err(Refused::Shape);
    }
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let mut times = parts().filter(|(name, _)| *name == "t").map(|(_, value)| value);
    // Two times would be two texts that were signed.
    let (Some(time), None) = (times.next(), times.next()) else { return Err(Refused::Shape) };
    if time.is_empty() || !time.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refused::Shape);
    }
    let signed = mac(time, body, secret);
    let mut seen = false;
    // Schemes other than v1 are not for this: v0 is made with a secret that is none.
    let genuine = parts().filter(|(name, _)| *name == "v1").any(|(_, value)| {
        seen = true;
        unhex(value).is_some_and(|signature| signed.clone().verify_slice(&signature).is_ok())
    });
    match (genuine, seen) {
        (true, _) => {}
        (false, true) => return Err(Refused::Signature),
        (false, false) => return Err(Refused::Shape),
    }
    let seconds: i64 = time.parse().map_err(|_| Refused::Time)?;
    let at = Timestamp::from_micros(seconds.saturating_mul(1_000_000));
    if at < now.minus(TOLERANCE) || at > now.plus(TOLERANCE) { Err(Refused::Time) } else { Ok(()) }
}

/// The header for a body, as Stripe writes it. For the stand-in.
pub fn sign(body: &[u8], at: Timestamp, secret: &SecretString) -> String {
    let time = at.as_micros().div_euclid(1_000_000).to_string();
    let signature = mac(&time, body, secret).finalize().into_bytes();
    let hex = signature.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("t={time},v1={hex}")
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(time: &str, body: &[u8], secret: &SecretString) -> Hmac<Sha256> {
    let key = secret.expose_secret().as_bytes();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// Bytes out of hexadecimal digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIGNED: i64 = 1_767_225_600;
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;

    /// Made by another program from the secret, the time and the body.
    const VECTOR: &str = "3fed2fa81d7ded81c97fa1ae8ab4ca3fe056238a85479452b3b83cdbbf6e61d3";

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn verdict(header: &str, body: &[u8]) -> Result<(), Refused> {
        verify(header, body, &secret("whsec_one"), at(SIGNED + 10))
    }

    #[test]
    fn a36_a_webhook_is_believed_that_our_secret_signed_to_the_byte() {
        let header = sign(BODY, at(SIGNED), &secret("whsec_one"));
        assert_eq!(header, format!("t={SIGNED},v1={VECTOR}"));
        assert_eq!(verdict(&header, BODY), Ok(()));
        assert_eq!(verdict(&header, b"{}"), Err(Refused::Signature));
        // The same JSON, written in another way.
        assert_eq!(verdict(&header, br#"{"id": "evt_1","object":"event"}"#), Err(Refused::Signature));
        assert_eq!(verdict(&sign(BODY, at(SIGNED), &secret("whsec_two")), BODY), Err(Refused::Signature));
        assert_eq!(verify(&sign(BODY, at(SIGNED), &secret("")), BODY, &secret(""), at(SIGNED)), Err(Refused::Shape));
    }

    #[test]
    fn a36_a_signature_is_good_for_five_minutes_either_way() {
        let header = sign(BODY, at(SIGNED), &secret("whsec_one"));
        for (now, expected) in [
            (SIGNED - 300, Ok(())),
            (SIGNED - 301, Err(Refused::Time)),
            (SIGNED + 300, Ok(())),
            (SIGNED + 301, Err(Refused::Time)),
        ] {
            assert_eq!(verify(&header, BODY, &secret("whsec_one"), at(now)), expected, "{now}");
        }
        // Another time is another text: it cannot be put in front of an old signature.
        let moved = header.replace(&SIGNED.to_string(), &(SIGNED + 5).to_string());
        assert_eq!(verdict(&moved, BODY), Err(Refused::Signature));
    }

    #[test]
    fn a36_one_of_several_signatures_is_enough_while_a_secret_is_replaced() {
        let ours = sign(BODY, at(SIGNED), &secret("whsec_one"));
        let (_, signature) = ours.split_once(",v1=").unwrap();
        let other = "0".repeat(64);
        assert_eq!(verdict(&format!("t={SIGNED},v1={other},v1={signature},v0=00"), BODY), Ok(()));
        assert_eq!(verdict(&format!("t={SIGNED},v1={other}"), BODY), Err(Refused::Signature));
        assert_eq!(verdict(&format!("t={SIGNED},v0={signature}"), BODY), Err(Refused::Shape), "another scheme");
    }

    #[test]
    fn a36_what_is_no_signature_is_refused() {
        let good = "0".repeat(64);
        for header in [
            "",
            "t=",
            "v1=00",
            "nonsense",
            &format!("t=-5,v1={good}"),
            &format!("t=1e9,v1={good}"),
            &format!("t={SIGNED}"),
            &format!("t={SIGNED},t={SIGNED},v1={good}"),
            &format!("t={SIGNED},v1={}", "0".repeat(2_000)),
        ] {
            assert_eq!(verdict(header, BODY), Err(Refused::Shape), "{header}");
        }
        for signature in ["", "0", "zz", "é0", "00"] {
            assert_eq!(verdict(&format!("t={SIGNED},v1={signature}"), BODY), Err(Refused::Signature), "{signature}");
        }
    }

    proptest! {
        #[test]
        fn a36_no_header_makes_it_stumble(header in ".{0,200}", body in proptest::collection::vec(any::<u8>(), 0..50)) {
            prop_assert!(verdict(&header, &body).is_err());
        }
    }
}
