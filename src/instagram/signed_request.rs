//! What Instagram posts to us when a person removes the app or asks for deletion: a `signed_request`, which is a
//! signature over a small JSON text by the app's secret. Doors for these posts verify with it, the sandbox signs with
//! it. The answer to a bad one must not say what was bad, and one that comes twice is the caller's matter (A36).

use super::wire;
use crate::{
    secret::{ExposeSecret, SecretString},
    timestamp::Timestamp,
};
use base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, NO_PAD},
    },
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::{fmt, time::Duration};

/// The longest one that is looked at, in bytes. Instagram's have about 200.
const LENGTH: usize = 8_192;
/// The oldest one that is believed.
const OLDEST: Duration = Duration::from_secs(86_400);
/// How far Instagram's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(300);
/// The only algorithm. What a request says of its own is compared with this, and never chosen by.
const ALGORITHM: &str = "HMAC-SHA256";
/// Written without padding; read with it as well, as it has been seen.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, NO_PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A request that Instagram signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedRequest {
    /// Whom it is about: the id towards our app (`id` of `/me`), digits only.
    pub user_id: String,
    /// When it was signed, to the second.
    pub issued_at: Timestamp,
}

/// Why a request is not believed. For the log; the sender is told no more than that it was not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// It is not two texts with a dot between, or too long.
    Shape,
    /// None of our secrets made the signature.
    Signature,
    /// It is signed, and what it says cannot be read.
    Content,
    /// It names another algorithm.
    Algorithm,
    /// It is too old, expired, or from the future.
    Time,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "not of the form of a signed request",
            Self::Signature => "not signed with the app secret",
            Self::Content => "signed, but not readable",
            Self::Algorithm => "signed in a way that is not known",
            Self::Time => "too old or from the future",
        })
    }
}

impl std::error::Error for Refused {}

/// Reads a `signed_request` that one of these secrets signed. An empty secret signs nothing: anybody has it.
///
/// # Errors
/// When it is none, is signed by somebody else, or is not from about `now`.
pub fn verify(signed_request: &str, secrets: &[&SecretString], now: Timestamp) -> Result<SignedRequest, Refused> {
    if signed_request.len() > LENGTH {
        return Err(Refused::Shape);
    }
    let (signature, payload) = signed_request.split_once('.').ok_or(Refused::Shape)?;
    if payload.contains('.') {
        return Err(Refused::Shape);
    }
    let signature = BASE64.decode(signature).map_err(|_| Refused::Shape)?;
    // Nothing inside is looked at before this.
    let genuine = secrets
        .iter()
        .filter(|secret| !secret.expose_secret().is_empty())
        .any(|secret| mac(payload, secret).verify_slice(&signature).is_ok());
    if !genuine {
        return Err(Refused::Signature);
    }
    let payload = BASE64.decode(payload).map_err(|_| Refused::Content)?;
    let fields: wire::Object = serde_json::from_slice(&payload).map_err(|_| Refused::Content)?;
    let algorithm = fields.get("algorithm").and_then(Value::as_str).unwrap_or_default();
    if !algorithm.eq_ignore_ascii_case(ALGORITHM) {
        return Err(Refused::Algorithm);
    }
    let issued_at = seconds(fields.get("issued_at"))?.ok_or(Refused::Content)?;
    if issued_at < now.minus(OLDEST) || issued_at > now.plus(AHEAD) {
        return Err(Refused::Time);
    }
    if seconds(fields.get("expires"))?.is_some_and(|expires| expires < now) {
        return Err(Refused::Time);
    }
    let user_id = wire::id(&fields, "user_id").map_err(|_| Refused::Content)?;
    Ok(SignedRequest { user_id, issued_at })
}

/// Writes a `signed_request` as Instagram does. For the sandbox.
pub fn sign(user_id: &str, issued_at: Timestamp, secret: &SecretString) -> String {
    let issued_at = issued_at.as_micros().div_euclid(1_000_000);
    let payload = json!({"algorithm": ALGORITHM, "issued_at": issued_at, "user_id": user_id});
    let payload = BASE64.encode(payload.to_string());
    let signature = BASE64.encode(mac(&payload, secret).finalize().into_bytes());
    format!("{signature}.{payload}")
}

/// The signature is made over the text as it is sent, before it is decoded.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(payload: &str, secret: &SecretString) -> Hmac<Sha256> {
    let key = secret.expose_secret().as_bytes();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(payload.as_bytes());
    mac
}

/// Seconds since the epoch; 0 and null say nothing, as a missing field does.
fn seconds(value: Option<&Value>) -> Result<Option<Timestamp>, Refused> {
    let seconds = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    match seconds {
        Some(0) => Ok(None),
        Some(seconds @ 1..) => Ok(Some(Timestamp::from_micros(seconds.saturating_mul(1_000_000)))),
        _ => Err(Refused::Content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "a1b2C3D4sandboxsecret";
    const USER: &str = "27640875392278831";
    const ISSUED: i64 = 1_767_225_600;
    /// Made by another program from the secret, the user and the time above.
    const VECTOR: &str = "OeHTQ5TPtbGHVkbghuQGstHpXUL4AA3gj8RroIXl5JU.\
        eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NzIyNTYwMCwidXNlcl9pZCI6IjI3NjQwODc1MzkyMjc4ODMxIn0";

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn verify_at(signed_request: &str, now: Timestamp) -> Result<SignedRequest, Refused> {
        verify(signed_request, &[&secret(SECRET)], now)
    }

    fn verdict(signed_request: &str) -> Result<SignedRequest, Refused> {
        verify_at(signed_request, at(ISSUED + 60))
    }

    /// Signs any payload at all.
    fn signed(payload: &[u8]) -> String {
        let payload = BASE64.encode(payload);
        format!("{}.{payload}", BASE64.encode(mac(&payload, &secret(SECRET)).finalize().into_bytes()))
    }

    fn signed_with(changes: &Value) -> String {
        let mut fields = json!({"algorithm": ALGORITHM, "issued_at": ISSUED, "user_id": USER});
        for (key, value) in changes.as_object().unwrap() {
            fields[key.as_str()] = value.clone();
        }
        signed(fields.to_string().as_bytes())
    }

    fn genuine() -> Result<SignedRequest, Refused> {
        Ok(SignedRequest { user_id: USER.into(), issued_at: at(ISSUED) })
    }

    #[test]
    fn a36_the_known_vector_is_written_and_read() {
        assert_eq!(sign(USER, at(ISSUED), &secret(SECRET)), VECTOR);
        assert_eq!(verdict(VECTOR), genuine());
        let other = secret("the Meta app secret");
        assert_eq!(verify(VECTOR, &[&other, &secret(SECRET)], at(ISSUED)), genuine());
    }

    #[test]
    fn a36_what_somebody_else_signed_is_refused() {
        let stranger = sign(USER, at(ISSUED), &secret("wrong"));
        assert_eq!(verdict(&stranger), Err(Refused::Signature));
        assert_eq!(verify(VECTOR, &[], at(ISSUED)), Err(Refused::Signature));
        // A secret that was left empty in the settings is one that everybody knows.
        let nobody = sign(USER, at(ISSUED), &secret(""));
        assert_eq!(verify(&nobody, &[&secret("")], at(ISSUED)), Err(Refused::Signature));
        let (signature, payload) = VECTOR.split_once('.').unwrap();
        for unsigned in [format!(".{payload}"), format!("{}.{payload}", &signature[..40]), format!("AAAA.{payload}")] {
            assert_eq!(verdict(&unsigned), Err(Refused::Signature), "{unsigned}");
        }
    }

    #[test]
    fn a36_every_changed_character_is_noticed() {
        for (index, old) in VECTOR.char_indices() {
            let new = if old == 'A' { 'B' } else { 'A' };
            let changed = format!("{}{new}{}", &VECTOR[..index], &VECTOR[index + 1..]);
            assert!(verdict(&changed).is_err(), "{index}");
        }
    }

    #[test]
    fn a36_no_algorithm_but_the_one_is_taken() {
        for other in [json!("none"), json!("HS256"), json!("HMAC-SHA1"), json!(""), json!(null), json!(7)] {
            assert_eq!(verdict(&signed_with(&json!({"algorithm": other}))), Err(Refused::Algorithm), "{other}");
        }
        assert_eq!(verdict(&signed_with(&json!({"algorithm": "hmac-sha256"}))), genuine());
    }

    #[test]
    fn a36_padding_is_taken_on_either_side() {
        let (signature, payload) = VECTOR.split_once('.').unwrap();
        assert_eq!(verdict(&format!("{signature}=.{payload}")), genuine());
        // A payload is signed with its padding, so that this is another signature.
        assert_eq!(verdict(&format!("{VECTOR}=")), Err(Refused::Signature));
        let payload = format!("{payload}=");
        let signature = BASE64.encode(mac(&payload, &secret(SECRET)).finalize().into_bytes());
        assert_eq!(verdict(&format!("{signature}=.{payload}")), genuine());
    }

    #[test]
    fn a36_only_one_of_about_now_is_taken() {
        for (now, believed) in [
            (ISSUED, true),
            (ISSUED + 86_400, true),
            (ISSUED + 86_401, false),
            (ISSUED - 300, true),
            (ISSUED - 301, false),
        ] {
            let expected = if believed { genuine() } else { Err(Refused::Time) };
            assert_eq!(verify_at(VECTOR, at(now)), expected, "{}", now - ISSUED);
        }
        for (expires, expected) in [
            (json!(0), genuine()),
            (json!(null), genuine()),
            (json!(ISSUED + 3_600), genuine()),
            (json!((ISSUED + 3_600).to_string()), genuine()),
            (json!(ISSUED + 59), Err(Refused::Time)),
            (json!("soon"), Err(Refused::Content)),
            (json!(-1), Err(Refused::Content)),
        ] {
            assert_eq!(verdict(&signed_with(&json!({"expires": expires}))), expected, "{expires}");
        }
        for missing in [json!(null), json!(0), json!(1.5), json!([]), json!("")] {
            let verdict = verdict(&signed_with(&json!({"issued_at": missing})));
            assert_eq!(verdict, Err(Refused::Content), "{missing}");
        }
        assert_eq!(verdict(&signed_with(&json!({"issued_at": i64::MAX}))), Err(Refused::Time));
    }

    #[test]
    fn a36_a29_an_id_is_digits_and_kept_to_the_last_one() {
        assert_eq!(verdict(&signed_with(&json!({"user_id": 27_640_875_392_278_831_u64}))), genuine());
        let long = json!("1".repeat(33));
        for bad in [json!("1; drop"), json!("../1"), json!(""), json!(null), json!(1.5), json!(-1), long] {
            assert_eq!(verdict(&signed_with(&json!({"user_id": bad}))), Err(Refused::Content), "{bad}");
        }
    }

    #[test]
    fn a36_what_is_no_signed_request_is_refused() {
        let huge = format!("{VECTOR}{}", "A".repeat(LENGTH));
        let dots = [format!("{VECTOR}."), format!(".{VECTOR}")];
        for bad in ["", ".", "..", "a", "a.b.c", "ä.ö", "+/.+/", &dots[0], &dots[1], &huge] {
            let verdict = verdict(bad);
            assert!(matches!(verdict, Err(Refused::Shape | Refused::Signature)), "{bad} {verdict:?}");
        }
        assert_eq!(verdict(&format!("{VECTOR}.x")), Err(Refused::Shape));
        assert_eq!(verdict(&huge), Err(Refused::Shape));
        for content in [&b""[..], b"{", b"[]", b"7", b"\xff", b"null"] {
            assert_eq!(verdict(&signed(content)), Err(Refused::Content), "{content:?}");
        }
        assert_eq!(verdict(&signed(b"{}")), Err(Refused::Algorithm));
    }

    proptest! {
        #[test]
        fn a36_a89_any_text_at_all_is_answered_without_a_panic(text in ".{0,200}", payload in ".{0,100}") {
            prop_assert!(verdict(&text).is_err());
            let _ = verdict(&signed(payload.as_bytes()));
        }

        #[test]
        fn a36_what_is_signed_is_read_back(id in any::<u64>(), seconds in 1_000_000_000_i64..4_000_000_000) {
            let request = verify_at(&sign(&id.to_string(), at(seconds), &secret(SECRET)), at(seconds)).unwrap();
            prop_assert_eq!(request, SignedRequest { user_id: id.to_string(), issued_at: at(seconds) });
        }
    }
}
