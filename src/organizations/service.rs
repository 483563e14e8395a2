//! Who runs this installation; and reminders: the address in each of them, and whether the member it went to wants more
//! (U27, U29). The mails' job makes the address; whoever has it may look, stop them, and turn them on again, without a
//! session. Nothing here sends mail.

use super::{
    model::{Permission, RemindersView},
    queries,
};
use crate::{
    audit,
    error::AppError,
    failure::Failure,
    ids::{EventId, OrganizationId, UserId},
    paths,
    secret::{ExposeSecret, Place, Sealed, SecretString},
    work::{ClientWork, MemberWork, Tools},
};

/// Where the token of a reminder is sealed. It holds whose reminders it is about, so nothing of it is stored, and only
/// the holder of our keys can make one. It lasts as long as the key it was sealed under.
const PLACE: Place<'static> = Place { column: "reminders", organization: b"", row: b"" };

/// Whether a member runs this installation: they own the organization that was here first (U35).
///
/// # Errors
/// When the database does not answer.
pub async fn runs_this(work: &MemberWork) -> Result<bool, Failure> {
    if !work.actor.role.may(Permission::OwnOrganization) {
        return Ok(false);
    }
    let first = queries::find_first(&mut work.db.read().await?).await?;
    Ok(first == Some(work.actor.organization_id))
}

/// The same, as a refusal.
///
/// # Errors
/// [`AppError::Forbidden`] for everybody else.
pub async fn must_run_this(work: &MemberWork) -> Result<(), Failure> {
    if runs_this(work).await? { Ok(()) } else { Err(AppError::Forbidden.into()) }
}

/// Where a member stops the reminders of an organization. The token in the path is a secret, and another one each time.
pub fn reminders_path(tools: &Tools, organization: OrganizationId, user: UserId) -> String {
    let whose: SecretString = format!("{organization} {user}").into();
    paths::reminders(&tools.keys.seal(PLACE, &whose, &tools.randomness).to_text())
}

/// How it stands with the reminders that a token is about; `None` when there is no such member. It changes nothing:
/// scanners open the links in a mail before people do.
///
/// # Errors
/// When the database does not answer.
pub async fn find_reminders(tools: &Tools, token: &str) -> Result<Option<RemindersView>, Failure> {
    let Some((organization, user)) = open(tools, token) else { return Ok(None) };
    let found = queries::find_reminders(&mut tools.db.read().await?, organization, user).await?;
    Ok(found.map(|(organization, on)| RemindersView { organization, on }))
}

/// Stops the reminders that a token is about, or turns them on again. Asked for twice, it is done and recorded once: by
/// somebody with the address, who need not be the member.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such member.
pub async fn set_reminders(work: &ClientWork, token: &str, on: bool) -> Result<(), Failure> {
    let whose = open(work, token).ok_or(AppError::NotFound)?;
    // Whoever deletes the organization meanwhile may wait for the member while this waits for the end of the trail.
    work.db.transact(|| write_reminders(work, whose, on)).await
}

async fn write_reminders(
    work: &ClientWork,
    (organization, user): (OrganizationId, UserId),
    on: bool,
) -> Result<(), Failure> {
    let now = work.now();
    let mut tx = work.db.begin().await?;
    if !queries::set_reminders(&mut tx, organization, user, (!on).then_some(now)).await? {
        let member = queries::find_reminders(&mut tx, organization, user).await?;
        tx.rollback().await?;
        return member.map(|_| ()).ok_or_else(|| AppError::NotFound.into());
    }
    let event = audit::Event {
        id: EventId::generate(now, &work.randomness),
        organization_id: organization,
        at: now,
        actor: audit::Actor::Client,
        action: if on { audit::Action::RemindersResumed } else { audit::Action::RemindersStopped },
        subject: user.to_string(),
        detail: "",
        from: work.from,
    };
    audit::record(&mut tx, event).await?;
    tx.commit().await
}

fn open(tools: &Tools, token: &str) -> Option<(OrganizationId, UserId)> {
    let whose = tools.keys.open(PLACE, &Sealed::from_text(token)?)?;
    let (organization, user) = whose.expose_secret().split_once(' ')?;
    Some((organization.parse().ok()?, user.parse().ok()?))
}
