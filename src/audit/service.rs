//! Writing an entry, reading entries, and checking that they are what was written.
//!
//! An entry is the last thing a transaction writes before its commit. Its organization's chain has one end, and whoever
//! adds to it holds that end until the commit: with every other lock taken before, nobody who holds it waits for
//! anybody. A transaction that writes entries of several organizations hands them to [`record_all`], which takes their
//! chains in one order.

use super::{
    chain::{self, ChainHash, Entry},
    model::{Action, ActivityView, Actor, Asked, Choice, EntryCursor, EntryView},
    queries::{self, Filter, Head, Listed},
    words,
};
use crate::{
    db::{Conn, Db},
    error::{AppError, FieldError},
    failure::Failure,
    ids::{EventId, OrganizationId},
    timestamp::Timestamp,
    work::MemberWork,
};
use std::{net::IpAddr, time::Duration};

/// Entries on a page.
const PAGE: usize = 50;

/// Entries read at once where all of them are.
const BATCH: i64 = 500;

/// People to choose from at most.
const MOST_PEOPLE: usize = 500;

/// What is said of somebody who is not among those who can be chosen.
const NOBODY: &str = "Choose somebody from the list.";

/// Whoever holds a link can start, and come back, for ever. From one address the same is written down once in this
/// time.
const ONCE_IN: Duration = Duration::from_secs(3_600);

/// Entries of one kind about one link in that time, from however many addresses.
const MOST_ALIKE: usize = 20;

/// Something that happened.
#[derive(Debug)]
pub struct Event<'a> {
    /// Names the entry.
    pub id: EventId,
    /// In which organization.
    pub organization_id: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// On what: the id of a row.
    pub subject: String,
    /// A word more: a handle, a state.
    pub detail: &'a str,
    /// From which address; `None` where no request of a person's is behind it.
    pub from: Option<IpAddr>,
}

/// Writes an entry; it stands or falls with the transaction, of which it is the last thing before the commit: until
/// then it holds up everybody who writes one in the same organization. What strangers can repeat as often as they like
/// is left out where it was written a moment ago; nobody can add to the chain between that look and the entry.
///
/// # Errors
/// When the database refuses.
pub async fn record(conn: &mut Conn, event: Event<'_>) -> Result<(), Failure> {
    let Event { id, organization_id, at, actor, action, subject, detail, from } = event;
    let entry = Entry {
        id,
        organization_id,
        at,
        actor: actor.to_stored(),
        action: action.as_str().to_owned(),
        subject,
        detail: detail.to_owned(),
        peer: from.map(|from| from.to_string()),
    };
    let end = hold(conn, organization_id).await?;
    if action.is_of_strangers() && is_repeated(conn, &entry).await? {
        return Ok(());
    }
    let place = after(end, &entry);
    queries::insert(conn, &entry, place).await?;
    queries::advance(conn, organization_id, place).await
}

/// Whether the same was written a moment ago, or much like it.
async fn is_repeated(conn: &mut Conn, entry: &Entry) -> Result<bool, Failure> {
    let most = i64::try_from(MOST_ALIKE).unwrap_or(i64::MAX);
    let alike = queries::list_alike(conn, entry, entry.at.minus(ONCE_IN), most).await?;
    let is_same = |(detail, peer): &(String, Option<String>)| *detail == entry.detail && *peer == entry.peer;
    Ok(alike.len() >= MOST_ALIKE || alike.iter().any(is_same))
}

/// Writes several entries, the organizations in an order in which no two transactions can wait for each other.
///
/// # Errors
/// When the database refuses.
pub async fn record_all(conn: &mut Conn, mut events: Vec<Event<'_>>) -> Result<(), Failure> {
    events.sort_by_key(|event| event.organization_id);
    for event in events {
        record(conn, event).await?;
    }
    Ok(())
}

/// The end of an organization's chain, held until the transaction ends.
async fn hold(conn: &mut Conn, organization: OrganizationId) -> Result<Head, Failure> {
    if let Some(head) = queries::hold_head(conn, organization).await? {
        return Ok(head);
    }
    queries::begin(conn, organization).await?;
    let head = queries::hold_head(conn, organization).await?;
    head.ok_or_else(|| Failure::internal("a chain of audit events could not be begun"))
}

/// Holds the end of a chain inside the transaction that deletes its organization, right before it does: who adds an
/// entry at the same moment has finished then, and nobody waits for the organization while holding what goes with it.
///
/// # Errors
/// When the database refuses.
pub async fn close(conn: &mut Conn, organization: OrganizationId) -> Result<(), Failure> {
    queries::hold_head(conn, organization).await?;
    Ok(())
}

/// The place of an entry that follows the end of a chain.
fn after(end: Head, entry: &Entry) -> Head {
    let sequence = end.sequence + 1;
    Head { sequence, hash: chain::hash(&end.hash, sequence, entry) }
}

/// Takes entries into the chains that were written without: before there were any, or by a server of an earlier version
/// that runs beside this one. How many.
///
/// # Errors
/// When the database refuses.
pub async fn take_in(db: &Db) -> Result<usize, Failure> {
    let mut taken = 0;
    loop {
        let found = queries::find_unchained(&mut db.read().await?).await?;
        let Some(organization) = found else { return Ok(taken) };
        let mut tx = db.begin().await?;
        let mut end = hold(&mut tx, organization).await?;
        let entries = queries::list_unchained(&mut tx, organization, BATCH).await?;
        if entries.is_empty() {
            // Somebody was quicker.
            tx.rollback().await?;
            continue;
        }
        for Listed { entry, .. } in &entries {
            end = after(end, entry);
            queries::place(&mut tx, entry.id, end).await?;
        }
        queries::advance(&mut tx, organization, end).await?;
        tx.commit().await?;
        taken += entries.len();
    }
}

/// What of an organization's chain is not as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Break {
    /// The number of the first entry that is wrong.
    pub sequence: i64,
    /// That entry; `None` when it is missing.
    pub id: Option<EventId>,
    /// What is wrong with it.
    pub why: &'static str,
}

/// What a check of an organization's entries found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The organization's slug.
    pub slug: String,
    /// Entries in its chain.
    pub entries: i64,
    /// Entries that wait to be taken in, and are not covered.
    pub outside: i64,
    /// The hash at the end. Noted elsewhere, it shows later that nothing up to here was written anew.
    pub end: String,
    /// The first entry that is not as it was written.
    pub broken: Option<Break>,
}

/// Checks the entries of every organization, or of the one with this slug. It only reads, also beside a live server.
///
/// # Errors
/// [`AppError::NotFound`] when no organization has this slug.
pub async fn verify(db: &Db, slug: Option<&str>) -> Result<Vec<Verdict>, Failure> {
    let mut conn = db.read().await?;
    let organizations = queries::list_organizations(&mut conn, slug).await?;
    if slug.is_some() && organizations.is_empty() {
        return Err(AppError::NotFound.into());
    }
    let mut verdicts = Vec::new();
    for (organization, slug) in organizations {
        let head = queries::find_head(&mut conn, organization).await?;
        let head = head.unwrap_or(Head { sequence: 0, hash: ChainHash::START });
        let broken = find_break(&mut conn, organization, head).await?;
        let outside = queries::count_unchained(&mut conn, organization).await?;
        verdicts.push(Verdict { slug, entries: head.sequence, outside, end: head.hash.to_string(), broken });
    }
    Ok(verdicts)
}

/// Walks along a chain up to the end that was written down for it.
async fn find_break(conn: &mut Conn, organization: OrganizationId, end: Head) -> Result<Option<Break>, Failure> {
    let mut at = Head { sequence: 0, hash: ChainHash::START };
    while at.sequence < end.sequence {
        let entries = queries::list_chained(conn, organization, at.sequence, BATCH).await?;
        if entries.is_empty() {
            break;
        }
        for Listed { entry, sequence, hash } in entries {
            let next = after(at, &entry);
            if next.sequence > end.sequence {
                break;
            }
            if sequence != Some(next.sequence) {
                return Ok(Some(missing(next.sequence)));
            }
            if hash != Some(next.hash) {
                let why = "it is not what was written";
                return Ok(Some(Break { sequence: next.sequence, id: Some(entry.id), why }));
            }
            at = next;
        }
    }
    if at.sequence < end.sequence {
        return Ok(Some(missing(at.sequence + 1)));
    }
    if at.hash != end.hash {
        let why = "the end that was noted for the chain is another one";
        return Ok(Some(Break { sequence: end.sequence, id: None, why }));
    }
    find_beyond(conn, organization, end).await
}

fn missing(sequence: i64) -> Break {
    Break { sequence, id: None, why: "it is missing" }
}

/// An entry after the end. One that was added meanwhile has moved the end, in the same transaction.
async fn find_beyond(conn: &mut Conn, organization: OrganizationId, end: Head) -> Result<Option<Break>, Failure> {
    let beyond = queries::list_chained(conn, organization, end.sequence, 1).await?;
    let Some(Listed { entry, sequence: Some(sequence), .. }) = beyond.into_iter().next() else { return Ok(None) };
    let now = queries::find_head(conn, organization).await?;
    if now.is_some_and(|now| now.sequence > end.sequence) {
        return Ok(None);
    }
    Ok(Some(Break { sequence, id: Some(entry.id), why: "it stands after the end of the chain" }))
}

/// What is asked for, as a condition.
///
/// # Errors
/// The fields that cannot be.
pub fn parse(asked: &Asked) -> Result<Filter, AppError> {
    let mut wrong = Vec::new();
    let mut refuse = |field: &str, message: &str| {
        wrong.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    };
    let actor = given(&asked.who).map(Actor::from_stored);
    if actor == Some(None) {
        refuse("who", NOBODY);
    }
    let action = given(&asked.what).map(Action::from_stored);
    if action == Some(None) {
        refuse("what", "Choose something from the list.");
    }
    let from = given(&asked.from).map(|day| begin_of(day, false));
    let until = given(&asked.to).map(|day| begin_of(day, true));
    for (field, at) in [("from", from), ("to", until)] {
        if at == Some(None) {
            refuse(field, "Write a day like 2026-11-26.");
        }
    }
    let (from, until) = (from.flatten(), until.flatten());
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        refuse("to", "Choose a last day that is not before the first.");
    }
    if !wrong.is_empty() {
        return Err(AppError::Fields(wrong));
    }
    let actor = actor.flatten().map(Actor::to_stored);
    Ok(Filter { actor, action: action.flatten().map(Action::as_str), from, until })
}

/// What a field says, if anything.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The first instant of a day in UTC, or of the day after it.
fn begin_of(day: &str, of_the_next: bool) -> Option<Timestamp> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let date = if of_the_next { date.tomorrow().ok()? } else { date };
    let begin = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(begin.timestamp().as_microsecond()))
}

/// An entry with everything it is about, in words.
#[derive(Debug)]
pub struct Told {
    /// The entry.
    pub listed: Listed,
    /// Who did it.
    pub who: String,
    /// What was done.
    pub what: String,
    /// On what.
    pub about: Option<String>,
    /// A sentence more.
    pub note: Option<String>,
}

/// A page of the entries of the member's organization: those after a place, or the newest.
///
/// # Errors
/// When the database does not answer.
pub async fn page(work: &MemberWork, asked: Asked, before: Option<EntryCursor>) -> Result<ActivityView, Failure> {
    let organization = work.actor.organization_id;
    let mut conn = work.db.read().await?;
    let people = choices(&mut conn, organization).await?;
    let parsed = parse(&asked).and_then(|filter| {
        // Of people who did nothing here, nothing is said: not even that they exist (A51).
        let known = filter.actor.as_ref().is_none_or(|actor| people.iter().any(|choice| choice.value == *actor));
        if known { Ok(filter) } else { Err(AppError::field("who", NOBODY)) }
    });
    let (told, next, refused) = match parsed {
        Ok(filter) => {
            let (told, next) = tell(&mut conn, organization, &filter, before, PAGE).await?;
            (told, next, None)
        }
        Err(error) => (Vec::new(), None, Some(error)),
    };
    let now = work.now();
    let actions =
        Action::ALL.iter().map(|action| Choice { value: action.as_str().into(), label: action.label().into() });
    Ok(ActivityView {
        entries: told.into_iter().map(|told| view(told, now)).collect(),
        next,
        is_later_page: before.is_some(),
        asked,
        refused,
        people,
        actions: actions.collect(),
    })
}

fn view(told: Told, now: Timestamp) -> EntryView {
    let Told { listed, who, what, about, note } = told;
    let Listed { entry, sequence, .. } = listed;
    EntryView { id: entry.id, number: sequence, at: entry.at.moment(now), who, what, about, note, from: entry.peer }
}

/// Entries for the export, newest first, and where the older ones begin.
///
/// # Errors
/// When the database does not answer.
pub async fn export(
    work: &MemberWork,
    filter: &Filter,
    before: Option<EntryCursor>,
) -> Result<(Vec<Told>, Option<EntryCursor>), Failure> {
    let batch = usize::try_from(BATCH).unwrap_or(PAGE);
    tell(&mut work.db.read().await?, work.actor.organization_id, filter, before, batch).await
}

/// So many entries in words, and where the older ones begin.
async fn tell(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &Filter,
    before: Option<EntryCursor>,
    count: usize,
) -> Result<(Vec<Told>, Option<EntryCursor>), Failure> {
    let limit = i64::try_from(count + 1).unwrap_or(i64::MAX);
    let mut listed = queries::list(conn, organization, filter, before, limit).await?;
    let more = listed.len() > count;
    listed.truncate(count);
    let next =
        listed.last().filter(|_| more).map(|last| EntryCursor { at: last.entry.at.as_micros(), id: last.entry.id });
    let mut subjects: Vec<&str> = listed.iter().map(|listed| listed.entry.subject.as_str()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let names = queries::find_names(conn, organization, &subjects).await?;
    let mut people: Vec<_> = listed.iter().filter_map(|listed| member_of(&listed.entry)).collect();
    people.sort_unstable();
    people.dedup();
    let emails = queries::find_emails(conn, organization, &people).await?;
    let told = listed.into_iter().map(|listed| {
        let Entry { actor, action, subject, detail, .. } = &listed.entry;
        let email = member_of(&listed.entry).and_then(|id| emails.get(&id)).map(String::as_str);
        let action = Action::from_stored(action).ok_or(action.as_str());
        Told {
            who: words::who(Actor::from_stored(actor), email),
            what: action.map_or_else(str::to_owned, |action| action.label().to_owned()),
            about: action.ok().and_then(|action| words::about(action, detail, names.get(subject).map(String::as_str))),
            note: words::note(action.ok(), detail),
            listed,
        }
    });
    Ok((told.collect(), next))
}

fn member_of(entry: &Entry) -> Option<crate::ids::UserId> {
    match Actor::from_stored(&entry.actor) {
        Some(Actor::Member(id)) => Some(id),
        _ => None,
    }
}

/// Whose entries can be chosen: people by their addresses, then those who are none.
async fn choices(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Choice>, Failure> {
    let people = queries::list_people(conn, organization, MOST_PEOPLE).await?;
    let emails = queries::find_emails(conn, organization, &people).await?;
    let mut choices: Vec<Choice> = people
        .into_iter()
        .map(|id| {
            let label = words::who(Some(Actor::Member(id)), emails.get(&id).map(String::as_str));
            Choice { value: Actor::Member(id).to_stored(), label }
        })
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    choices
        .extend(Actor::OTHERS.map(|actor| Choice { value: actor.to_stored(), label: words::who(Some(actor), None) }));
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a65_what_cannot_be_asked_for_is_refused_field_by_field() {
        let asked = |who: &str, what: &str, from: &str, to: &str| Asked {
            who: who.into(),
            what: what.into(),
            from: from.into(),
            to: to.into(),
        };
        assert_eq!(parse(&Asked::default()), Ok(Filter::default()));
        let error = parse(&asked("' OR 1=1", "%", "yesterday", "2026-13-01")).unwrap_err();
        for field in ["who", "what", "from", "to"] {
            assert!(error.for_field(field).is_some(), "{field}");
        }
        let error = parse(&asked("", "", "2026-11-27", "2026-11-26")).unwrap_err();
        assert!(error.for_field("to").is_some() && error.for_field("from").is_none());
    }

    #[test]
    fn the_last_day_belongs_to_what_is_asked_for() {
        let asked = Asked { from: "2026-11-26".into(), to: "2026-11-26".into(), ..Asked::default() };
        let Filter { from, until, .. } = parse(&asked).unwrap();
        let day = until.unwrap().as_micros() - from.unwrap().as_micros();
        assert_eq!(day, 86_400_000_000);
        assert_eq!(from.unwrap().as_micros() % day, 0);
    }

    #[test]
    fn clients_and_members_are_conditions_of_their_own() {
        let asked = Asked { who: " client ".into(), what: "account.connected".into(), ..Asked::default() };
        let filter = parse(&asked).unwrap();
        assert_eq!((filter.actor.as_deref(), filter.action), (Some("client"), Some("account.connected")));
    }
}
