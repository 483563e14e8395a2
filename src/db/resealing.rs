//! Changing the key that seals: what each key is needed for, and sealing anew what an older one sealed (A72). Every
//! column that holds something sealed is listed here. Rows are taken one at a time, each in a statement of its own that
//! is guarded by what it replaces: nobody waits for it, it can be ended anywhere, and it goes on where it was.

use super::{
    Conn, Db, run,
    schema::{accounts, invitations, links, two_factors},
};
use crate::{
    clock::Randomness,
    failure::{Failure, step},
    ids::OrganizationId,
    secret::{KeyRing, Place, Sealed},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// How many rows are looked up at once.
const PAGE: i64 = 200;

/// Between two rows. SQLite lets one write at a time, and whoever waits only looks now and then whether it is their turn.
const BREATH: Duration = Duration::from_millis(2);

/// A column whose values are sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Column {
    Accounts,
    Invitations,
    Links,
    TwoFactors,
}

impl Column {
    const ALL: [Self; 4] = [Self::Accounts, Self::Invitations, Self::Links, Self::TwoFactors];

    /// What its seals are bound to, and their keys derived for.
    const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts.token",
            Self::Invitations => "invitations.token",
            Self::Links => "links.token",
            Self::TwoFactors => "two_factors.secret",
        }
    }
}

/// A sealed value, and what its seal is bound to.
struct Row {
    id: Vec<u8>,
    organization: String,
    bound_to: String,
    sealed: Sealed,
}

impl Row {
    /// Of a table whose seals are bound to organization and row.
    fn of((id, organization, sealed): (Vec<u8>, OrganizationId, Sealed)) -> Self {
        Self { bound_to: name(&id), organization: organization.to_string(), id, sealed }
    }

    fn place(&self, column: Column) -> Place<'_> {
        Place { column: column.name(), organization: self.organization.as_bytes(), row: self.bound_to.as_bytes() }
    }
}

/// The name of a row, as ids print it.
fn name(id: &[u8]) -> String {
    id.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// How many values the key of this id is needed for.
///
/// # Errors
/// When the database does not answer.
pub async fn count(conn: &mut Conn, key: &str) -> Result<i64, Failure> {
    let mut sum = 0;
    for column in Column::ALL {
        sum += count_in(conn, column, key).await?;
    }
    Ok(sum)
}

async fn count_in(conn: &mut Conn, column: Column, key: &str) -> Result<i64, Failure> {
    let (from, to) = &Sealed::span(key);
    Ok(match column {
        Column::Accounts => run!(conn, |c| accounts::table
            .filter(accounts::token_sealed.ge(Some(from)))
            .filter(accounts::token_sealed.lt(Some(to)))
            .count()
            .get_result::<i64>(c))?,
        Column::Invitations => run!(conn, |c| invitations::table
            .filter(invitations::token_sealed.ge(Some(from)))
            .filter(invitations::token_sealed.lt(Some(to)))
            .count()
            .get_result::<i64>(c))?,
        Column::Links => run!(conn, |c| links::table
            .filter(links::token_sealed.ge(from))
            .filter(links::token_sealed.lt(to))
            .count()
            .get_result::<i64>(c))?,
        Column::TwoFactors => run!(conn, |c| two_factors::table
            .filter(two_factors::secret_sealed.ge(from))
            .filter(two_factors::secret_sealed.lt(to))
            .count()
            .get_result::<i64>(c))?,
    })
}

/// Values of a column that the key of this id did not seal, in the order of their rows, after this one.
async fn list_others(conn: &mut Conn, column: Column, key: &str, after: &[u8]) -> Result<Vec<Row>, Failure> {
    let (from, to) = &Sealed::span(key);
    Ok(match column {
        Column::Accounts => run!(conn, |c| accounts::table
            .filter(accounts::token_sealed.lt(Some(from)).or(accounts::token_sealed.ge(Some(to))))
            .filter(accounts::id.gt(after))
            .order(accounts::id)
            .select((
                accounts::id,
                accounts::organization_id,
                accounts::instagram_id.assume_not_null(),
                accounts::token_sealed.assume_not_null(),
            ))
            .limit(PAGE)
            .load::<(Vec<u8>, OrganizationId, String, Sealed)>(c))?
        .into_iter()
        // Bound to what Instagram calls the account: `accounts::service` says why.
        .map(|(id, organization, bound_to, sealed)| Row {
            id,
            organization: organization.to_string(),
            bound_to,
            sealed,
        })
        .collect(),
        Column::Invitations => run!(conn, |c| invitations::table
            .filter(invitations::token_sealed.lt(Some(from)).or(invitations::token_sealed.ge(Some(to))))
            .filter(invitations::id.gt(after))
            .order(invitations::id)
            .select((invitations::id, invitations::organization_id, invitations::token_sealed.assume_not_null()))
            .limit(PAGE)
            .load::<(Vec<u8>, OrganizationId, Sealed)>(c))?
        .into_iter()
        .map(Row::of)
        .collect(),
        Column::Links => run!(conn, |c| links::table
            .filter(links::token_sealed.lt(from).or(links::token_sealed.ge(to)))
            .filter(links::id.gt(after))
            .order(links::id)
            .select((links::id, links::organization_id, links::token_sealed))
            .limit(PAGE)
            .load::<(Vec<u8>, OrganizationId, Sealed)>(c))?
        .into_iter()
        .map(Row::of)
        .collect(),
        Column::TwoFactors => run!(conn, |c| two_factors::table
            .filter(two_factors::secret_sealed.lt(from).or(two_factors::secret_sealed.ge(to)))
            .filter(two_factors::user_id.gt(after))
            .order(two_factors::user_id)
            .select((two_factors::user_id, two_factors::secret_sealed))
            .limit(PAGE)
            .load::<(Vec<u8>, Sealed)>(c))?
        .into_iter()
        .map(|(id, sealed)| Row { bound_to: name(&id), organization: String::new(), id, sealed })
        .collect(),
    })
}

/// Replaces a value by itself under another key; `false` when it is another value already, or gone.
async fn replace(conn: &mut Conn, column: Column, row: &Row, sealed: &Sealed) -> Result<bool, Failure> {
    let (id, old) = (row.id.as_slice(), &row.sealed);
    let rows = match column {
        Column::Accounts => run!(conn, |c| diesel::update(
            accounts::table.filter(accounts::id.eq(id)).filter(accounts::token_sealed.eq(Some(old)))
        )
        .set(accounts::token_sealed.eq(Some(sealed)))
        .execute(c))?,
        Column::Invitations => run!(conn, |c| diesel::update(
            invitations::table.filter(invitations::id.eq(id)).filter(invitations::token_sealed.eq(Some(old)))
        )
        .set(invitations::token_sealed.eq(Some(sealed)))
        .execute(c))?,
        Column::Links => {
            run!(conn, |c| diesel::update(links::table.filter(links::id.eq(id)).filter(links::token_sealed.eq(old)))
                .set(links::token_sealed.eq(sealed))
                .execute(c))?
        }
        Column::TwoFactors => run!(conn, |c| diesel::update(
            two_factors::table.filter(two_factors::user_id.eq(id)).filter(two_factors::secret_sealed.eq(old))
        )
        .set(two_factors::secret_sealed.eq(sealed))
        .execute(c))?,
    };
    Ok(rows == 1)
}

/// What a walk through everything sealed came upon.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Walk {
    /// Values that are sealed by the first key now, and were not before.
    pub resealed: u64,
    /// Values that were changed by somebody else in between: another walk looks at them again.
    pub missed: u64,
    /// Values that no key of the ring opens. They are left as they are.
    pub unreadable: u64,
}

/// Seals anew whatever another key than the first of the ring sealed. Ended in the middle, it loses nothing: the next
/// one does the rest.
///
/// # Errors
/// When the database refuses.
pub async fn reseal(db: &Db, keys: &KeyRing, randomness: &Randomness) -> Result<Walk, Failure> {
    let ids = keys.ids();
    let sealing = ids.as_slice().first().ok_or_else(|| Failure::internal("the key ring is empty"))?;
    let mut walk = Walk::default();
    for column in Column::ALL {
        let mut after = Vec::new();
        loop {
            let rows = list_others(&mut db.read().await?, column, sealing, &after).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.id);
            for row in &rows {
                step("keys::before_reseal")?;
                let Some(secret) = keys.open(row.place(column), &row.sealed) else {
                    walk.unreadable += 1;
                    continue;
                };
                let anew = keys.seal_under(sealing, row.place(column), &secret, randomness);
                let anew = anew.ok_or_else(|| Failure::internal("the key that seals is gone"))?;
                if replace(&mut db.write().await?, column, row, &anew).await? {
                    walk.resealed += 1;
                } else {
                    walk.missed += 1;
                }
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    Ok(walk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a72_every_column_that_holds_something_sealed_is_listed() {
        let columns = include_str!("schema.rs").matches("_sealed ->").count();
        assert_eq!(columns, Column::ALL.len(), "a column is new: its values have to be sealed anew as well");
    }

    #[test]
    fn a_row_is_named_as_its_id_prints_itself() {
        let id = crate::ids::LinkId::generate(crate::timestamp::Timestamp::from_micros(7), &Randomness);
        let text = id.to_string();
        let bytes: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert_eq!(name(&bytes), text);
    }
}
