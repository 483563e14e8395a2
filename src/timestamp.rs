//! A point in time, and how it reads to a person. Both sides know the types; only the server formats, so that
//! the page the browser hydrates says to the letter what the server said.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Microseconds since 1970-01-01T00:00:00Z. Stored as a 64-bit integer: it sorts, and knows no time zone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "ssr", diesel(sql_type = diesel::sql_types::BigInt))]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This much later; the end of time where it would overflow.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This much earlier.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// A point in time in words (U24): absolute with the year, relative beside it, the zone for those who ask.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// For machines: RFC 3339 in UTC.
    pub iso: String,
    /// "22 Nov 2026".
    pub date: String,
    /// "22 Nov 2026, 14:05 UTC".
    pub full: String,
    /// "3 days ago", "in 59 days".
    pub relative: String,
}

#[cfg(feature = "ssr")]
mod ssr {
    use super::{Moment, Timestamp};
    use diesel::{
        backend::Backend,
        deserialize::{self, FromSql},
        serialize::{self, Output, ToSql},
        sql_types::BigInt,
    };

    impl Timestamp {
        /// How this reads at `now`.
        pub fn moment(self, now: Timestamp) -> Moment {
            let time = jiff::Timestamp::from_microsecond(self.as_micros()).unwrap_or(jiff::Timestamp::MAX);
            let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
            Moment {
                iso: zoned.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                date: zoned.strftime("%-d %b %Y").to_string(),
                full: zoned.strftime("%-d %b %Y, %H:%M UTC").to_string(),
                relative: relative(self.as_micros() - now.as_micros()),
            }
        }
    }

    /// "just now", "5 minutes ago", "in 59 days". Whole units only: the absolute date stands beside it.
    fn relative(micros: i64) -> String {
        let seconds = micros.unsigned_abs() / 1_000_000;
        let (count, unit) = match seconds {
            0..60 => return "just now".into(),
            60..3_600 => (seconds / 60, "minute"),
            3_600..86_400 => (seconds / 3_600, "hour"),
            86_400..5_184_000 => (seconds / 86_400, "day"),
            5_184_000..63_072_000 => (seconds / 2_592_000, "month"),
            _ => (seconds / 31_536_000, "year"),
        };
        let plural = if count == 1 { "" } else { "s" };
        if micros < 0 { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
    }

    impl<DB: Backend> ToSql<BigInt, DB> for Timestamp
    where
        i64: ToSql<BigInt, DB>,
    {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
            <i64 as ToSql<BigInt, DB>>::to_sql(&self.0, out)
        }
    }

    impl<DB: Backend> FromSql<BigInt, DB> for Timestamp
    where
        i64: FromSql<BigInt, DB>,
    {
        fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
            <i64 as FromSql<BigInt, DB>>::from_sql(bytes).map(Self)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::time::Duration;

        const DAY: Duration = Duration::from_secs(86_400);

        #[test]
        fn u24_a_moment_is_absolute_with_the_year_and_relative_beside_it() {
            let now = Timestamp::from_micros(1_795_000_000_000_000);
            let moment = now.minus(3 * DAY).moment(now);
            assert_eq!(moment.date, "15 Nov 2026");
            assert_eq!(moment.full, "15 Nov 2026, 11:06 UTC");
            assert_eq!(moment.iso, "2026-11-15T11:06:40Z");
            assert_eq!(moment.relative, "3 days ago");
            assert_eq!(now.plus(59 * DAY).moment(now).relative, "in 59 days");
            assert_eq!(now.minus(DAY).moment(now).relative, "1 day ago");
            assert_eq!(now.moment(now).relative, "just now");
        }
    }
}
