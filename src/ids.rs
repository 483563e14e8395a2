//! The names of rows, one type for each kind, so that a link's id can never be handed in for an account's.
//! They are UUIDv7 (RFC 9562): they sort by creation, and knowing one grants nothing.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "ssr", diesel(sql_type = diesel::sql_types::Binary))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.as_simple())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        #[cfg(feature = "ssr")]
        impl $name {
            /// A new id whose first 48 bits are the time and whose rest is chance.
            pub fn generate(now: crate::timestamp::Timestamp, randomness: &crate::clock::Randomness) -> Self {
                Self(sql::uuid_v7(now, randomness))
            }
        }

        #[cfg(feature = "ssr")]
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Binary, DB> for $name
        where
            [u8]: diesel::serialize::ToSql<diesel::sql_types::Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <[u8] as diesel::serialize::ToSql<diesel::sql_types::Binary, DB>>::to_sql(self.0.as_bytes(), out)
            }
        }

        #[cfg(feature = "ssr")]
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Binary, DB> for $name
        where
            Vec<u8>: diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let bytes = <Vec<u8> as diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>>::from_sql(bytes)?;
                Ok(Self(Uuid::from_slice(&bytes)?))
            }
        }
    };
}

id!(
    /// An agency.
    OrganizationId
);
id!(
    /// A person who signs in.
    UserId
);
id!(
    /// A link that lets its holder connect an Instagram account.
    LinkId
);
id!(
    /// An Instagram account of one organization.
    AccountId
);
id!(
    /// One press of "Continue to Instagram".
    AttemptId
);
id!(
    /// One post of an account.
    PostId
);
id!(
    /// One invitation of a person into an organization.
    InvitationId
);
id!(
    /// One piece of work in the queue.
    JobId
);
id!(
    /// One entry of the audit trail.
    EventId
);

#[cfg(feature = "ssr")]
mod sql {
    use crate::{clock::Randomness, timestamp::Timestamp};
    use uuid::{Builder, Uuid};

    pub(super) fn uuid_v7(now: Timestamp, randomness: &Randomness) -> Uuid {
        let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &randomness.bytes::<10>()).into_uuid()
    }
}
