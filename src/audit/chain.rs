//! The chain of an organization's entries: each is hashed together with the hash of the one before. Whoever changes,
//! removes or swaps what was written has to write everything after it anew, and the hash at the end, which the operator
//! may have noted elsewhere, becomes another. Nothing here knows a database.

use crate::{
    ids::{EventId, OrganizationId},
    timestamp::Timestamp,
};
use sha2::{Digest, Sha256};
use std::fmt;

/// What is hashed, and in which form: whoever changes either, changes this.
const FORM: &str = "grantlink audit 1";

/// The hash of an entry, SHA-256.
#[derive(Clone, Copy, Debug, Eq, PartialEq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Binary)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// What the first entry of a chain follows: nothing.
    pub const START: Self = Self([0; 32]);
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Binary, DB> for ChainHash
where
    [u8]: diesel::serialize::ToSql<diesel::sql_types::Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        <[u8] as diesel::serialize::ToSql<diesel::sql_types::Binary, DB>>::to_sql(&self.0, out)
    }
}

impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Binary, DB> for ChainHash
where
    Vec<u8>: diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let bytes = <Vec<u8> as diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>>::from_sql(bytes)?;
        Ok(Self(bytes.try_into().map_err(|_| "the hash of an entry has 32 bytes")?))
    }
}

/// An entry as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Names the row.
    pub id: EventId,
    /// In which organization.
    pub organization_id: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// Who, as stored.
    pub actor: String,
    /// What, as stored.
    pub action: String,
    /// On what: the id of a row.
    pub subject: String,
    /// A word more.
    pub detail: String,
    /// The address it came from.
    pub peer: Option<String>,
}

/// The hash of an entry in this place of its chain, after the one with that hash. Every part goes in with its length
/// before it, so that no two entries are written alike: not even when a word moves from one field to the next.
pub fn hash(previous: &ChainHash, sequence: i64, entry: &Entry) -> ChainHash {
    let Entry { id, organization_id, at, actor, action, subject, detail, peer } = entry;
    let mut form = Form(Sha256::new());
    form.part(FORM.as_bytes());
    form.part(&previous.0);
    form.part(&sequence.to_be_bytes());
    form.part(id.to_string().as_bytes());
    form.part(organization_id.to_string().as_bytes());
    form.part(&at.as_micros().to_be_bytes());
    for text in [actor, action, subject, detail] {
        form.part(text.as_bytes());
    }
    // An address that is missing is something else than an empty one.
    match peer {
        None => form.part(&[0]),
        Some(peer) => {
            form.part(&[1]);
            form.part(peer.as_bytes());
        }
    }
    ChainHash(form.0.finalize().into())
}

struct Form(Sha256);

impl Form {
    fn part(&mut self, bytes: &[u8]) {
        // A length that does not fit does not exist.
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn entry() -> Entry {
        Entry {
            id: "0198f000000070008000000000000001".parse().unwrap(),
            organization_id: "0198f000000070008000000000000002".parse().unwrap(),
            at: Timestamp::from_micros(1_795_000_000_000_000),
            actor: "client".into(),
            action: "account.connected".into(),
            subject: "0198f000000070008000000000000003".into(),
            detail: "studio.nora".into(),
            peer: Some("198.51.100.7".into()),
        }
    }

    #[test]
    fn every_field_the_place_and_the_entry_before_change_the_hash() {
        let other = "0198f000000070008000000000000009";
        let changed = [
            entry(),
            Entry { id: other.parse().unwrap(), ..entry() },
            Entry { organization_id: other.parse().unwrap(), ..entry() },
            Entry { at: Timestamp::from_micros(1_795_000_000_000_001), ..entry() },
            Entry { actor: "operator".into(), ..entry() },
            Entry { action: "account.disconnected".into(), ..entry() },
            Entry { subject: other.into(), ..entry() },
            Entry { detail: "cafe_lumen".into(), ..entry() },
            Entry { peer: Some("198.51.100.8".into()), ..entry() },
            Entry { peer: Some(String::new()), ..entry() },
            Entry { peer: None, ..entry() },
        ];
        let mut seen = HashSet::new();
        for entry in &changed {
            let first = hash(&ChainHash::START, 1, entry);
            assert!(seen.insert(first.to_string()), "{entry:?}");
            assert!(seen.insert(hash(&ChainHash::START, 2, entry).to_string()), "{entry:?} in another place");
            assert!(seen.insert(hash(&first, 2, entry).to_string()), "{entry:?} after another");
        }
    }

    #[test]
    fn a_word_that_moves_to_the_next_field_makes_another_entry() {
        let with = |subject: &str, detail: &str| {
            let entry = Entry { subject: subject.into(), detail: detail.into(), ..entry() };
            hash(&ChainHash::START, 1, &entry)
        };
        assert_ne!(with("ab", "c"), with("a", "bc"));
        assert_ne!(with("a\0", ""), with("a", "\0"));
    }

    #[test]
    fn the_form_is_the_one_that_stored_entries_were_hashed_in() {
        let known = "5dc1e559642b989b14e813e87561611445c09bfcffc0e7e372a437401943319e";
        assert_eq!(hash(&ChainHash::START, 1, &entry()).to_string(), known);
    }
}
