//! Codes that change every thirty seconds (RFC 6238, over the HOTP of RFC 4226): secrets, and which step a code belongs to.
//! HMAC-SHA-1 and six digits, because that is all that every authenticator app can do. That each code is taken once is
//! for `queries` to see to; nothing here is stored or compared in a time that tells.

use crate::{
    clock::Randomness,
    secret::{ExposeSecret, SecretString},
    timestamp::Timestamp,
};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Microseconds that one code lasts.
const STEP: i64 = 30_000_000;
/// The alphabet of base32 (RFC 4648 section 6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters of a secret in a group, for reading it aloud.
const GROUP: usize = 4;

/// A new secret of 160 bits, in base32: as long as the hash, as RFC 4226 section 4 wants it.
pub fn generate(randomness: &Randomness) -> SecretString {
    to_base32(&randomness.bytes::<20>()).into()
}

/// A code that stands in for a lost phone: 80 bits in four groups, so that not even a fast hash of it can be guessed.
pub fn generate_recovery_code(randomness: &Randomness) -> String {
    grouped(&to_base32(&randomness.bytes::<10>()), "-")
}

/// A recovery code as it is compared: whatever stands between its letters, and however those were read.
pub fn normalize_recovery_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            other => other,
        })
        .collect();
    let fits = code.len() == 16 && code.bytes().all(|b| ALPHABET.contains(&b));
    fits.then(|| grouped(&code, "-"))
}

/// A secret in groups, for people who type it.
pub fn grouped(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// The step whose code this is, with one step of drift either way for clocks that go wrong; `None` for no code at all.
pub fn matching_step(secret: &SecretString, typed: &str, now: Timestamp) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if typed.len() != 6 || !typed.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let key = from_base32(secret.expose_secret())?;
    let current = now.as_micros().div_euclid(STEP);
    let mut found = None;
    for step in [current - 1, current + 1, current] {
        // Each is compared, whichever it is.
        if bool::from(code(&key, step).as_bytes().ct_eq(typed.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// The code of an instant, as an app shows it.
pub fn code_at(secret: &SecretString, at: Timestamp) -> Option<String> {
    Some(code(&from_base32(secret.expose_secret())?, at.as_micros().div_euclid(STEP)))
}

/// What the QR code says: the secret, whose it is and where it is for.
pub fn uri(secret: &SecretString, email: &str) -> String {
    let account: String = email
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("otpauth://totp/Grantlink:{account}?secret={}&issuer=Grantlink", secret.expose_secret())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn code(key: &[u8], step: i64) -> String {
    let mut mac = <Hmac<Sha1> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(&step.to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn to_base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    char::from(ALPHABET[usize::try_from(value & 31).unwrap_or(0)])
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0u32);
    for c in text.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == c)?;
        held = (held << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 appendix B.
    fn known() -> SecretString {
        to_base32(b"12345678901234567890").into()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_code_is_the_one_of_rfc_6238() {
        for (seconds, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code_at(&known(), at(seconds)).unwrap(), eight[2..], "{seconds}");
        }
    }

    #[test]
    fn base32_is_the_one_of_rfc_4648() {
        for (plain, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(to_base32(plain.as_bytes()), text);
            assert_eq!(from_base32(text).unwrap(), plain.as_bytes());
        }
        assert!(from_base32("m").is_none() && from_base32("1").is_none());
        assert_eq!(generate(&Randomness).expose_secret().len(), 32);
    }

    #[test]
    fn one_step_of_drift_is_forgiven_and_no_more() {
        let now = at(1_234_567_890);
        let current = now.as_micros() / STEP;
        for drift in -3..=3 {
            let code = code(b"12345678901234567890", current + drift);
            let expected = (-1..=1).contains(&drift).then_some(current + drift);
            assert_eq!(matching_step(&known(), &code, now), expected, "{drift}");
        }
    }

    #[test]
    fn a_code_is_taken_with_spaces_and_nothing_else_is_taken() {
        let now = at(1_234_567_890);
        assert!(matching_step(&known(), " 005 924 ", now).is_some());
        for wrong in ["", "005925", "05924", "0005924", "００５９２４", "-05924", "+05924", "abcdef"] {
            assert_eq!(matching_step(&known(), wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_recovery_code_is_understood_however_it_was_copied() {
        let code = generate_recovery_code(&Randomness);
        assert_eq!(code.len(), 19);
        let others = [code.to_lowercase(), code.replace('-', ""), code.replace('-', " - "), code.replace('O', "0")];
        for typed in others {
            assert_eq!(normalize_recovery_code(&typed).as_deref(), Some(code.as_str()), "{typed}");
        }
        for wrong in ["", "123456", "ABCD-EFGH-IJKL", "ABCD-EFGH-IJKL-MNO!", "ABCD-EFGH-IJKL-MNOPQ"] {
            assert_eq!(normalize_recovery_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_an_app_reads_names_the_person_and_cannot_be_broken_out_of() {
        let secret: SecretString = "JBSWY3DPEHPK3PXP".to_owned().into();
        assert_eq!(
            uri(&secret, "ann+x@agency.example"),
            "otpauth://totp/Grantlink:ann%2Bx%40agency.example?secret=JBSWY3DPEHPK3PXP&issuer=Grantlink"
        );
        assert!(!uri(&secret, "a?secret=b&c#d@x.example").contains("?secret=b"));
    }
}
