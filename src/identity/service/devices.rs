//! Browsers in which a person has signed in before (A46). Each carries a sealed note of what the person signed in with
//! then: a new password, or a second step that was turned on or off, makes all of them unknown again. Nothing of it is
//! stored here, and it opens nothing: it only says under which limit somebody tries.

use super::{
    super::{model::Email, queries},
    Visitor,
};
use crate::{
    failure::Failure,
    secret::{ExposeSecret, Place, Purpose, Sealed, SecretString, Token},
    timestamp::Timestamp,
    work::Tools,
};
use sha2::{Digest, Sha256};

/// Where the note is sealed: bound to the address, so that it opens for no other one.
fn place(address: &Email) -> Place<'_> {
    Place { column: "devices", organization: b"", row: address.lower().as_bytes() }
}

/// What somebody signs in with at one time, as a text that only has to be compared.
fn epoch(password_hash: &str, code_since: Option<Timestamp>) -> SecretString {
    let mut hasher = Sha256::new();
    hasher.update(password_hash);
    hasher.update([0]);
    hasher.update(code_since.map_or_else(String::new, |since| since.as_micros().to_string()));
    let digest: [u8; 32] = hasher.finalize().into();
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")).into()
}

/// The note for a browser of the person with this address, this password, and a code asked for since then.
pub(super) fn seal(tools: &Tools, address: &Email, password_hash: &str, code_since: Option<Timestamp>) -> String {
    tools.keys.seal(place(address), &epoch(password_hash, code_since), &tools.randomness).to_text()
}

/// The note for the browser of this session, which has just begun; `None` when it has ended already. Who it is, and what
/// they sign in with, is read through the session itself: whoever signed in with a password that was changed at the same
/// moment has none any more, and gets no note under the new one.
pub async fn known_device(tools: &Tools, session: &Token) -> Option<String> {
    let sealed = async {
        let mut conn = tools.db.read().await?;
        let found = queries::own_sessions::find_epoch(&mut conn, session.hash(Purpose::Session), tools.now()).await?;
        let Some((email, password_hash, code_since)) = found else { return Ok(None) };
        Ok::<_, Failure>(Some(seal(tools, &Email::parse(&email)?, &password_hash, code_since)))
    };
    match sealed.await {
        Ok(device) => device,
        Err(failure) => {
            failure.log("a browser was not made known");
            None
        }
    }
}

/// The device, if this person has signed in with it, and with what they sign in with now. For an address that it was not
/// made for nothing is looked up, so that the time says nothing about who has an account.
pub(super) async fn find_known<'a>(
    tools: &Tools,
    address: &Email,
    visitor: &'a Visitor,
) -> Result<Option<&'a str>, Failure> {
    let Some(device) = visitor.device.as_deref() else { return Ok(None) };
    let note = Sealed::from_text(device).and_then(|sealed| tools.keys.open(place(address), &sealed));
    let Some(note) = note else { return Ok(None) };
    let found = queries::find_epoch(&mut tools.db.read().await?, address).await?;
    let is_now =
        |(hash, since): (String, Option<Timestamp>)| epoch(&hash, since).expose_secret() == note.expose_secret();
    Ok(found.is_some_and(is_now).then_some(device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a46_a_new_password_and_a_second_step_begin_another_epoch() {
        let at = Timestamp::from_micros;
        let all = [epoch("a", None), epoch("b", None), epoch("a", Some(at(1))), epoch("a", Some(at(2)))];
        for (index, one) in all.iter().enumerate() {
            assert!(all[..index].iter().all(|other| other.expose_secret() != one.expose_secret()), "{index}");
        }
        assert_eq!(epoch("a", Some(at(1))).expose_secret(), all[2].expose_secret());
    }
}
