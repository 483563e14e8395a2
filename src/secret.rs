//! Secrets as types: bearer tokens and their hashes, values sealed at rest, and the key ring that seals them.
//! `Debug` of anything here prints no secret, and nothing here is ever serialized.

use crate::clock::Randomness;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
pub use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// What a token opens. It goes into the hash, so a session's token can never be looked up as a link's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// The private part of a link's URL.
    Link,
    /// OAuth's `state` (RFC 6749 section 10.12).
    State,
    /// The cookie that ties an attempt to the browser which started it.
    Binding,
    /// The cookie of a signed-in member.
    Session,
    /// A one-time link that sets a new password.
    PasswordReset,
    /// The link in a mail that shows whose an address is.
    EmailConfirmation,
    /// The cookie of somebody who has given their password and not yet their code.
    SecondStep,
    /// A code that stands in for those of a lost phone.
    RecoveryCode,
    /// An invitation into an organization.
    Invitation,
    /// A request of Instagram's to delete a person's data.
    DeletionRequest,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::State => "state",
            Self::Binding => "binding",
            Self::Session => "session",
            Self::PasswordReset => "password-reset",
            Self::EmailConfirmation => "email-confirmation",
            Self::SecondStep => "second-step",
            Self::RecoveryCode => "recovery-code",
            Self::Invitation => "invitation",
            Self::DeletionRequest => "deletion-request",
        }
    }
}

/// A bearer secret of 256 bits, written as 43 characters of base64url. Whoever holds it is let in.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Characters of a token in text.
    pub const LENGTH: usize = 43;

    /// A new token from the operating system's randomness.
    pub fn generate(randomness: &Randomness) -> Self {
        Self(URL_SAFE_NO_PAD.encode(randomness.bytes::<32>()).into())
    }

    /// Takes text from a URL or a cookie; `None` when it cannot be a token at all.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            text.len() == Self::LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Self(text.to_owned().into()))
    }

    /// The text itself, for the one place that must show or send it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What the database may know of it.
    pub fn hash(&self, purpose: Purpose) -> TokenHash {
        TokenHash::of(self.expose(), purpose)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// SHA-256 of a token and its purpose. Enough to recognize the token, useless to make it.
#[derive(Clone, Copy, Eq, PartialEq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Binary)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of a text that only has to be recognized again.
    pub fn of(text: &str, purpose: Purpose) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(purpose.label());
        hasher.update([0]);
        hasher.update(text);
        Self(hasher.finalize().into())
    }

    /// Compares in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(&other.0).into()
    }

    /// A name for the row that the hash stands in, which a page may carry: neither hash nor token can be made of it.
    pub fn name(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update("name");
        hasher.update([0]);
        hasher.update(self.0);
        let digest: [u8; 32] = hasher.finalize().into();
        digest.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Binary, DB> for TokenHash
where
    [u8]: diesel::serialize::ToSql<diesel::sql_types::Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        <[u8] as diesel::serialize::ToSql<diesel::sql_types::Binary, DB>>::to_sql(&self.0, out)
    }
}

impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Binary, DB> for TokenHash
where
    Vec<u8>: diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let bytes = <Vec<u8> as diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>>::from_sql(bytes)?;
        Ok(Self(bytes.try_into().map_err(|_| "a token hash has 32 bytes")?))
    }
}

/// Where a sealed value lives. It is authenticated with the value, so a ciphertext moved to another row,
/// column or organization does not open (A71).
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Table and column, also the key's purpose: each has a key of its own derived from the ring's.
    pub column: &'static str,
    /// The organization that owns the row.
    pub organization: &'a [u8],
    /// The row.
    pub row: &'a [u8],
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(64);
        for part in [self.column.as_bytes(), self.organization, self.row] {
            data.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// A value encrypted at rest: `1 | length of key id | key id | nonce (24) | ciphertext and tag`.
#[derive(Clone, Eq, PartialEq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Binary)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    const VERSION: u8 = 1;
    const NONCE: usize = 24;

    /// As text, for a cookie.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Back from text; `None` when it cannot be a sealed value.
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok().map(Self)
    }

    /// What every value begins with that the key of this id sealed.
    fn head(id: &str) -> Vec<u8> {
        let mut head = vec![Self::VERSION, u8::try_from(id.len()).unwrap_or(u8::MAX)];
        head.extend_from_slice(id.as_bytes());
        head
    }

    /// What the key of this id sealed lies, in the order of bytes, from the first of these on and before the second.
    pub fn span(id: &str) -> (Self, Self) {
        let from = Self::head(id);
        let mut to = from.clone();
        // An id is ASCII, so there is a next byte.
        if let Some(last) = to.last_mut() {
            *last += 1;
        }
        (Self(from), Self(to))
    }

    fn parts(&self) -> Option<(&str, &[u8], &[u8])> {
        let (&version, rest) = self.0.split_first()?;
        let (&id_length, rest) = rest.split_first()?;
        if version != Self::VERSION || rest.len() < usize::from(id_length) + Self::NONCE {
            return None;
        }
        let (id, rest) = rest.split_at(usize::from(id_length));
        let (nonce, ciphertext) = rest.split_at(Self::NONCE);
        Some((std::str::from_utf8(id).ok()?, nonce, ciphertext))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Binary, DB> for Sealed
where
    [u8]: diesel::serialize::ToSql<diesel::sql_types::Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        <[u8] as diesel::serialize::ToSql<diesel::sql_types::Binary, DB>>::to_sql(&self.0, out)
    }
}

impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Binary, DB> for Sealed
where
    Vec<u8>: diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        <Vec<u8> as diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>>::from_sql(bytes).map(Self)
    }
}

/// The keys that seal values at rest. The first one seals; all of them open. Clones are one ring: what one of them
/// takes over from the source, all of them have.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<RwLock<Keys>>,
    source: Option<Source>,
}

/// The keys at one moment.
type Keys = Arc<[(String, SecretKey)]>;

/// Reads the text of a ring anew; `None` when that does not go.
type Source = Arc<dyn Fn() -> Option<SecretString> + Send + Sync>;

struct SecretKey(secrecy::SecretBox<[u8; 32]>);

/// Why a key ring cannot be used. The texts are for the operator.
#[derive(Debug, Eq, PartialEq)]
pub enum KeyRingError {
    /// No key at all.
    Empty,
    /// An entry is not `id:base64 of 32 bytes`.
    Malformed(usize),
    /// The same id twice.
    Repeated(String),
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the key ring is empty"),
            Self::Malformed(n) => {
                write!(f, "entry {n} of the key ring is not of the form id:base64 with 32 bytes")
            }
            Self::Repeated(id) => write!(f, "the key ring names the key '{id}' twice"),
        }
    }
}

impl std::error::Error for KeyRingError {}

impl KeyRing {
    /// Reads `id:base64,id:base64,…` (the setting `GRANTLINK_KEYS`).
    ///
    /// # Errors
    /// When it is empty, malformed, or names a key twice.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        use base64::engine::general_purpose::STANDARD;
        let mut keys: Vec<(String, SecretKey)> = Vec::new();
        for (index, entry) in text.split([',', '\n']).map(str::trim).filter(|e| !e.is_empty()).enumerate() {
            let malformed = KeyRingError::Malformed(index + 1);
            let Some((id, encoded)) = entry.split_once(':') else { return Err(malformed) };
            let bytes = STANDARD
                .decode(encoded.trim())
                .or_else(|_| URL_SAFE_NO_PAD.decode(encoded.trim()))
                .ok()
                .and_then(|b| <[u8; 32]>::try_from(b).ok());
            let (Some(bytes), true) = (bytes, !id.is_empty() && id.len() <= 32 && id.is_ascii()) else {
                return Err(malformed);
            };
            if keys.iter().any(|(known, _)| known == id) {
                return Err(KeyRingError::Repeated(id.to_owned()));
            }
            keys.push((id.to_owned(), SecretKey(secrecy::SecretBox::new(Box::new(bytes)))));
        }
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        Ok(Self { keys: Arc::new(RwLock::new(keys.into())), source: None })
    }

    /// Has the ring be read anew from where it came: whenever something was sealed by a key it does not know, and by
    /// [`KeyRing::refresh`]. `source` may block for as long as it takes to read a small file.
    #[must_use]
    pub fn following(self, source: impl Fn() -> Option<SecretString> + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    /// Takes over what changed where the ring came from; `false` when nothing did. A ring without the key that seals now
    /// is not taken over: it may be that of another database, and what it seals could not be told from that any more.
    ///
    /// # Errors
    /// In words, when what is there now cannot be used. The ring stays as it was.
    pub fn refresh(&self) -> Result<bool, &'static str> {
        let Some(source) = &self.source else { return Ok(false) };
        let text = source().ok_or("the keys cannot be read any more")?;
        let found = Self::parse(text.expose_secret()).map_err(|_| "the keys are malformed now")?.now();
        let known = self.now();
        if found.len() == known.len() && found.iter().zip(known.iter()).all(|(one, other)| is_same(one, other)) {
            return Ok(false);
        }
        if !found.iter().any(|key| is_same(key, &known[0])) {
            return Err("the key that seals is not among the keys any more");
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(true)
    }

    fn now(&self) -> Keys {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The text of a fresh ring with one key, as [`KeyRing::parse`] reads it.
    pub fn generate_text(randomness: &Randomness) -> SecretString {
        Self::generate_entry("k1", randomness)
    }

    /// The text of a fresh key of this id, as it stands in that of a ring.
    pub fn generate_entry(id: &str, randomness: &Randomness) -> SecretString {
        use base64::engine::general_purpose::STANDARD;
        format!("{id}:{}", STANDARD.encode(randomness.bytes::<32>())).into()
    }

    /// The ids of all keys, the sealing one first.
    pub fn ids(&self) -> Vec<String> {
        self.now().iter().map(|(id, _)| id.clone()).collect()
    }

    /// Encrypts a value for one place. Two seals of one value differ (A74).
    pub fn seal(&self, place: Place<'_>, secret: &SecretString, randomness: &Randomness) -> Sealed {
        seal_with(&self.now()[0], place, secret, randomness)
    }

    /// As [`KeyRing::seal`], with the key of this id; `None` when the ring has no such key.
    pub fn seal_under(
        &self,
        id: &str,
        place: Place<'_>,
        secret: &SecretString,
        randomness: &Randomness,
    ) -> Option<Sealed> {
        self.now().iter().find(|(known, _)| known == id).map(|key| seal_with(key, place, secret, randomness))
    }

    /// Decrypts a value from its place; `None` when the key is missing or anything was changed or moved. A key that came
    /// since the ring was read is found: whatever was sealed by it can be read at once.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Option<SecretString> {
        let (id, nonce, ciphertext) = sealed.parts()?;
        let mut keys = self.now();
        if keys.iter().all(|(known, _)| known != id) && self.source.is_some() {
            let _ = self.refresh();
            keys = self.now();
        }
        let (_, key) = keys.iter().find(|(known, _)| known == id)?;
        let nonce = <[u8; Sealed::NONCE]>::try_from(nonce).ok()?;
        let plain = key
            .cipher(place.column)
            .decrypt(&nonce.into(), Payload { msg: ciphertext, aad: &place.associated_data() })
            .ok()?;
        String::from_utf8(plain).ok().map(Into::into)
    }
}

fn is_same((id, key): &(String, SecretKey), (other_id, other): &(String, SecretKey)) -> bool {
    id == other_id && key.is(other)
}

#[expect(clippy::expect_used, reason = "XChaCha20-Poly1305 fails only beyond 256 GiB")]
fn seal_with(
    (id, key): &(String, SecretKey),
    place: Place<'_>,
    secret: &SecretString,
    randomness: &Randomness,
) -> Sealed {
    let nonce = randomness.bytes::<{ Sealed::NONCE }>();
    let ciphertext = key
        .cipher(place.column)
        .encrypt(&nonce.into(), Payload { msg: secret.expose_secret().as_bytes(), aad: &place.associated_data() })
        .expect("a short value can be encrypted");
    let mut sealed = Sealed::head(id);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Sealed(sealed)
}

impl SecretKey {
    fn is(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.expose_secret().ct_eq(other.0.expose_secret()).into()
    }

    /// A key of its own for each purpose, so that one leaking says nothing about the others.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.0.expose_secret()).expect("HMAC takes any key");
        mac.update(b"grantlink/seal/");
        mac.update(purpose.as_bytes());
        XChaCha20Poly1305::new(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids().iter().map(|id| format!("{id}:[redacted]"))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    fn one_key(id: &str, byte: u8) -> String {
        use base64::engine::general_purpose::STANDARD;
        format!("{id}:{}", STANDARD.encode([byte; 32]))
    }

    const HERE: Place<'static> = Place { column: "accounts.token", organization: b"org", row: b"row" };

    #[test]
    fn a02_s30_ten_thousand_tokens_are_distinct_url_safe_and_balanced() {
        let tokens: HashSet<String> = (0..10_000).map(|_| Token::generate(&Randomness).expose().to_owned()).collect();
        assert_eq!(tokens.len(), 10_000);
        let mut ones = 0u64;
        for token in &tokens {
            assert_eq!(token.len(), Token::LENGTH);
            let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
            assert_eq!(bytes.len(), 32);
            ones += bytes.iter().map(|b| u64::from(b.count_ones())).sum::<u64>();
        }
        // Monobit test: 2,560,000 fair bits have a standard deviation of 800; six of them is never.
        assert!(ones.abs_diff(1_280_000) < 4_800, "{ones} ones of 2,560,000 bits");
    }

    #[test]
    fn a_token_hash_depends_on_the_purpose() {
        let token = Token::generate(&Randomness);
        assert!(token.hash(Purpose::Link).matches(&token.hash(Purpose::Link)));
        assert!(!token.hash(Purpose::Link).matches(&token.hash(Purpose::Session)));
    }

    #[test]
    fn a_token_is_only_taken_in_its_own_form() {
        assert!(Token::parse(Token::generate(&Randomness).expose()).is_some());
        for wrong in ["", "short", &"a".repeat(42), &"a".repeat(44), &format!("{}%", "a".repeat(42))] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a71_a_sealed_value_opens_only_in_its_own_place_and_with_its_own_key() {
        let ring = ring(&one_key("k1", 1));
        let sealed = ring.seal(HERE, &"IGAA-secret".to_owned().into(), &Randomness);
        assert_eq!(ring.open(HERE, &sealed).unwrap().expose_secret(), "IGAA-secret");
        for elsewhere in [
            Place { row: b"other", ..HERE },
            Place { organization: b"other", ..HERE },
            Place { column: "links.token", ..HERE },
            // The boundary between two parts cannot be moved either.
            Place { organization: b"orgr", row: b"ow", ..HERE },
        ] {
            assert!(ring.open(elsewhere, &sealed).is_none(), "{elsewhere:?}");
        }
        assert!(self::ring(&one_key("k1", 2)).open(HERE, &sealed).is_none());
        assert!(self::ring(&one_key("k2", 1)).open(HERE, &sealed).is_none());
    }

    #[test]
    fn a71_every_changed_byte_is_noticed() {
        let ring = ring(&one_key("k1", 1));
        let sealed = ring.seal(HERE, &"x".to_owned().into(), &Randomness);
        for index in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[index] ^= 1;
            assert!(ring.open(HERE, &changed).is_none(), "byte {index}");
            assert!(ring.open(HERE, &Sealed(sealed.0[..index].to_vec())).is_none(), "cut at {index}");
        }
    }

    #[test]
    fn a74_one_value_sealed_twice_differs() {
        let ring = ring(&one_key("k1", 1));
        let secret = "same".to_owned().into();
        assert_ne!(ring.seal(HERE, &secret, &Randomness), ring.seal(HERE, &secret, &Randomness));
    }

    #[test]
    fn an_old_key_still_opens_after_a_new_one_came_first() {
        let old = ring(&one_key("k1", 1)).seal(HERE, &"old".to_owned().into(), &Randomness);
        let both = ring(&format!("{},{}", one_key("k2", 2), one_key("k1", 1)));
        assert_eq!(both.open(HERE, &old).unwrap().expose_secret(), "old");
        let new = both.seal(HERE, &"new".to_owned().into(), &Randomness);
        assert!(ring(&one_key("k1", 1)).open(HERE, &new).is_none());
    }

    #[test]
    fn a72_a_key_that_came_since_the_ring_was_read_opens_at_once_and_seals_from_then_on() {
        let text = Arc::new(RwLock::new(one_key("k1", 1)));
        let source = Arc::clone(&text);
        let follower = ring(&one_key("k1", 1)).following(move || Some(source.read().unwrap().clone().into()));
        let clone = follower.clone();
        assert_eq!(follower.refresh(), Ok(false));
        let both = format!("{}\n{}\n", one_key("k2", 2), one_key("k1", 1));
        let new = ring(&both).seal(HERE, &"new".to_owned().into(), &Randomness);
        assert!(follower.open(HERE, &new).is_none(), "nobody has that key yet");
        text.write().unwrap().clone_from(&both);
        assert_eq!(follower.open(HERE, &new).unwrap().expose_secret(), "new");
        assert_eq!(clone.ids(), ["k2", "k1"]);
        let sealed = clone.seal(HERE, &"x".to_owned().into(), &Randomness);
        assert!(ring(&one_key("k2", 2)).open(HERE, &sealed).is_some());
        // The old one goes.
        *text.write().unwrap() = one_key("k2", 2);
        assert_eq!(follower.refresh(), Ok(true));
        assert_eq!(clone.ids(), ["k2"]);
    }

    #[test]
    fn a73_a_ring_without_the_key_that_seals_is_not_taken_over() {
        let another_k1 = format!("{},{}", one_key("k2", 2), one_key("k1", 9));
        for wrong in [one_key("k2", 2), one_key("k1", 9), another_k1, "?".into()] {
            let follower = ring(&one_key("k1", 1)).following(move || Some(wrong.clone().into()));
            assert!(follower.refresh().is_err());
            assert_eq!(follower.ids(), ["k1"]);
        }
        assert!(ring(&one_key("k1", 1)).following(|| None).refresh().is_err());
    }

    #[test]
    fn what_a_key_sealed_lies_in_its_span_and_nothing_else_does() {
        let ids = ["k", "k1", "k2", "k10", "j1", "l", "~"];
        for id in ids {
            let (from, to) = Sealed::span(id);
            for other in ids {
                let sealed = ring(&one_key(other, 1)).seal(HERE, &"x".to_owned().into(), &Randomness);
                assert_eq!(from.0 <= sealed.0 && sealed.0 < to.0, id == other, "{id} {other}");
            }
        }
    }

    #[test]
    fn a_key_ring_that_cannot_be_right_is_refused() {
        assert_eq!(KeyRing::parse(" ").unwrap_err(), KeyRingError::Empty);
        assert_eq!(KeyRing::parse("k1").unwrap_err(), KeyRingError::Malformed(1));
        assert_eq!(KeyRing::parse("k1:c2hvcnQ=").unwrap_err(), KeyRingError::Malformed(1));
        let twice = format!("{},{}", one_key("k1", 1), one_key("k1", 2));
        assert_eq!(KeyRing::parse(&twice).unwrap_err(), KeyRingError::Repeated("k1".into()));
        assert!(KeyRing::parse(KeyRing::generate_text(&Randomness).expose_secret()).is_ok());
    }

    #[test]
    fn a77_debug_prints_no_secret() {
        let token = Token::generate(&Randomness);
        let ring_text = KeyRing::generate_text(&Randomness);
        let ring = ring(ring_text.expose_secret());
        let printed = format!("{token:?} {ring:?} {:?}", token.hash(Purpose::Link));
        assert!(!printed.contains(token.expose()), "{printed}");
        assert!(!printed.contains(ring_text.expose_secret().split_once(':').unwrap().1), "{printed}");
    }
}
