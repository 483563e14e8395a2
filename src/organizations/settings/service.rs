//! The rules of an organization's settings: what its clients see of it, who may change that, and how it ends. Each
//! action is one transaction that holds the organization still first. A new logo lies in the store before its row names
//! it, and what is shown no more is deleted by a job.

use super::{
    model::{Accent, EndView, SettingsView, Support, check_typed_name},
    queries::{self, StoredSettings},
};
use crate::{
    accounts, audit,
    db::Conn,
    error::AppError,
    failure::{Failure, step},
    identity::model::{Email, Member},
    ids::{EventId, OrganizationId},
    links,
    live::Change,
    media::DrawnLogo,
    organizations::{
        self,
        members::{self, service::Again},
        model::{OrganizationName, Permission},
    },
    queue::{self, Job},
    timestamp::Timestamp,
    work::{MemberWork, Tools},
};
use url::Url;

/// Bytes of a logo as it is sent.
pub const MAX_LOGO_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of the URL of a support page.
const MAX_SUPPORT_URL: usize = 300;

/// What somebody typed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Typed {
    /// The name.
    pub name: String,
    /// The accent colour; empty for Grantlink's own.
    pub accent: String,
    /// The support address; empty for none.
    pub support: String,
}

/// What becomes of the logo.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LogoChange {
    /// It stays, if there is one.
    Keep,
    /// Initials take its place.
    Remove,
    /// Another one takes its place.
    Replace(DrawnLogo),
}

/// The settings of the member's organization.
///
/// # Errors
/// When the database does not answer.
pub async fn view(work: &MemberWork) -> Result<SettingsView, Failure> {
    let found = queries::find(&mut work.db.read().await?, work.actor.organization_id).await?;
    let settings = found.ok_or(AppError::SignInNeeded)?;
    Ok(SettingsView {
        brand: settings.brand(),
        name: settings.name,
        email: work.actor.email.clone(),
        may_delete: work.actor.role.may(Permission::OwnOrganization),
    })
}

/// What would go with the member's organization.
///
/// # Errors
/// When the database does not answer.
pub async fn end_view(work: &MemberWork) -> Result<EndView, Failure> {
    let mut conn = work.db.read().await?;
    let (accounts, links, members) = queries::count(&mut conn, work.actor.organization_id).await?;
    Ok(EndView { name: work.actor.organization.clone(), accounts, links, members })
}

/// The logo of this key, a JPEG. Whoever knows the key may see it: it stands on the pages of clients, who have no
/// session.
///
/// # Errors
/// [`AppError::NotFound`] when no organization shows a logo of this key.
pub async fn logo(tools: &Tools, key: &str) -> Result<Vec<u8>, Failure> {
    let found = queries::find_logo(&mut tools.db.read().await?, key).await?;
    let (organization, set_at) = found.ok_or(AppError::NotFound)?;
    Ok(tools.media.get_logo(organization, set_at).await?.ok_or(AppError::NotFound)?)
}

/// Makes the logo that a member sent small and harmless.
///
/// # Errors
/// What to send instead, when it is no picture that we take, or after too many of them (A67, A84).
pub async fn draw_logo(work: &MemberWork, bytes: Vec<u8>) -> Result<DrawnLogo, Failure> {
    work.limits.logo(work.actor.organization_id)?;
    let drawn = if bytes.len() <= MAX_LOGO_BYTES { work.media.draw_logo(bytes).await? } else { None };
    drawn.ok_or_else(|| logo_refused().into())
}

/// What is said of a logo that is not taken.
pub fn logo_refused() -> AppError {
    AppError::field("logo", "Choose a JPEG, PNG or WebP picture of at most 2 MB and 12 million pixels.")
}

/// Changes the settings of the member's organization: all of them, or none.
///
/// # Errors
/// Every field that has to be corrected, all at once; or that the member's role does not allow it any more.
pub async fn save(work: &MemberWork, typed: &Typed, logo: LogoChange) -> Result<(), Failure> {
    let parsed = parse(typed)?;
    let organization = work.actor.organization_id;
    let set_at = work.now();
    let change = match logo {
        LogoChange::Keep => None,
        LogoChange::Remove => Some(None),
        LogoChange::Replace(DrawnLogo { jpeg, width }) => {
            work.media.put_logo(organization, set_at, jpeg).await?;
            step("settings::logo_put")?;
            Some(Some((work.randomness.hex::<16>(), i32::try_from(width).unwrap_or(i32::MAX))))
        }
    };
    let is_new = matches!(change, Some(Some(_)));
    let saved = write(work, parsed, change, set_at).await;
    if saved.is_err() && is_new {
        // Nobody was told of it.
        work.media.delete_logo(organization, set_at).await?;
    }
    saved?;
    // The name stands in the sidebar of every open page.
    work.live.tell(organization, Change::Accounts);
    Ok(())
}

/// What was typed, understood.
struct Parsed {
    name: OrganizationName,
    accent: Option<Accent>,
    support: Option<Support>,
}

fn parse(typed: &Typed) -> Result<Parsed, AppError> {
    let name = OrganizationName::parse(&typed.name);
    let accent = (!typed.accent.trim().is_empty()).then(|| Accent::parse(&typed.accent)).transpose();
    let support = parse_support(&typed.support);
    match (name, accent, support) {
        (Ok(name), Ok(accent), Ok(support)) => Ok(Parsed { name, accent, support }),
        (name, accent, support) => {
            Err(AppError::together([name.err(), accent.err(), support.err()].into_iter().flatten()))
        }
    }
}

/// Whether the text alone could be saved; for a form whose logo was refused already.
pub fn check(typed: &Typed) -> Option<AppError> {
    parse(typed).err()
}

/// An email address or the URL of a page; `None` for nothing at all.
fn parse_support(text: &str) -> Result<Option<Support>, AppError> {
    let text = text.trim();
    let refused = || {
        let words = "Write an email address like help@example.com, or a web address that begins with https://.";
        AppError::field("support", words)
    };
    if text.is_empty() {
        return Ok(None);
    }
    if !text.contains("://") {
        // These would say something to the program that a mail is written with.
        let email = Email::parse(text).ok().filter(|email| !email.as_str().contains(['?', '&', '#', '%', '/']));
        return email.map(|email| Some(Support::Email(email.as_str().to_owned()))).ok_or_else(refused);
    }
    let is_plain = |url: &Url| {
        url.scheme() == "https"
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
            && url.password().is_none()
            && url.as_str().len() <= MAX_SUPPORT_URL
    };
    // As browsers read it, which is not always as it was typed.
    let url = Url::parse(text).ok().filter(is_plain);
    url.map(|url| Some(Support::Page(url.into()))).ok_or_else(refused)
}

/// Holds the member's organization still, and asks again whether they may: their role may have changed since the door.
async fn hold(work: &MemberWork, conn: &mut Conn, permission: Permission) -> Result<StoredSettings, Failure> {
    let Member { organization_id, user_id, .. } = work.actor;
    members::queries::lock(conn, organization_id).await?;
    let role = members::queries::find_role(conn, organization_id, user_id).await?;
    match (role, queries::find(conn, organization_id).await?) {
        (Some(role), Some(settings)) if role.may(permission) => Ok(settings),
        (Some(_), Some(_)) => Err(AppError::Forbidden.into()),
        _ => Err(AppError::SignInNeeded.into()),
    }
}

/// `change`: what becomes of the logo, as its key and width.
async fn write(
    work: &MemberWork,
    parsed: Parsed,
    change: Option<Option<(String, i32)>>,
    set_at: Timestamp,
) -> Result<(), Failure> {
    let mut tx = work.db.begin().await?;
    let done = replace(work, &mut tx, parsed, change, set_at).await;
    tx.settle(done).await
}

async fn replace(
    work: &MemberWork,
    conn: &mut Conn,
    parsed: Parsed,
    change: Option<Option<(String, i32)>>,
    set_at: Timestamp,
) -> Result<(), Failure> {
    let organization = work.actor.organization_id;
    let before = hold(work, conn, Permission::ManageSettings).await?;
    let mut after = StoredSettings {
        name: parsed.name.as_str().to_owned(),
        accent: parsed.accent.map(|accent| accent.to_string()),
        support: parsed.support.map(|support| support.as_str().to_owned()),
        ..before.clone()
    };
    let is_other_logo = change.as_ref().is_some_and(|logo| logo.is_some() || before.logo_key.is_some());
    if let Some(logo) = change.filter(|_| is_other_logo) {
        if before.logo_set_at >= Some(set_at) {
            // Somebody else was quicker: what is older than theirs may be deleted already.
            return Err(Failure::Busy("another logo was set at the same moment".into()));
        }
        (after.logo_key, after.logo_width) = logo.unzip();
        after.logo_set_at = Some(set_at);
    }
    if after == before {
        return Ok(());
    }
    queries::update(conn, organization, &after).await?;
    if is_other_logo {
        let job = Job::ForgetLogos { organization };
        queue::enqueue(conn, &work.randomness, None::<OrganizationId>, &job, set_at, set_at).await?;
        // One that is under way may have looked before.
        queue::reset(conn, &job, set_at).await?;
    }
    let detail = changed(&before, &after).join(", ");
    let at = work.now();
    let event = audit::Event {
        id: EventId::generate(at, &work.randomness),
        organization_id: organization,
        at,
        actor: audit::Actor::Member(work.actor.user_id),
        action: audit::Action::SettingsChanged,
        subject: organization.to_string(),
        detail: &detail,
        from: work.from,
    };
    audit::record(conn, event).await
}

/// What is different, in words.
fn changed(before: &StoredSettings, after: &StoredSettings) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("logo", before.logo_key != after.logo_key),
        ("accent colour", before.accent != after.accent),
        ("support address", before.support != after.support),
    ]
    .into_iter()
    .filter_map(|(word, is_other)| is_other.then_some(word))
    .collect()
}

/// Deletes the logos of an organization that are shown no more; all of them, where it is gone. For its job.
///
/// # Errors
/// When the database or the store refuses.
pub async fn forget_logos(tools: &Tools, claim: &queue::Claim, organization: OrganizationId) -> Result<(), Failure> {
    match queries::find(&mut tools.db.read().await?, organization).await? {
        None => tools.media.delete_logos(organization, None).await?,
        Some(StoredSettings { logo_set_at: Some(set_at), .. }) => {
            // What is newer is about to be shown.
            tools.media.delete_logos(organization, Some(set_at)).await?;
        }
        Some(_) => {}
    }
    queue::finish(&mut tools.db.write().await?, claim).await?;
    Ok(())
}

/// Deletes the member's organization for good (A56): its links are dead, its tokens erased and its queued mails dropped
/// at the commit; jobs delete the pictures after it. People keep their own accounts.
///
/// # Errors
/// When its name was not typed, for a wrong password (A50), or when the member does not own it any more.
pub async fn delete(work: &MemberWork, typed_name: &str, again: Again) -> Result<(), Failure> {
    let Member { organization_id, user_id, .. } = work.actor;
    check_typed_name(typed_name, &work.actor.organization)?;
    members::service::ask_again(work, again).await?;
    work.db.transact(|| end(work, typed_name)).await?;
    tracing::info!(organization = %organization_id, by = %user_id, "an organization was deleted by its owner");
    // Open pages look again, and find that they are signed out.
    work.live.tell(organization_id, Change::Accounts);
    Ok(())
}

/// Deletes the organization with this slug for good, as its owner would, and asks nobody. For the operator.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn delete_for_operator(tools: &Tools, slug: &str) -> Result<(), Failure> {
    let organization = tools.db.transact(|| end_for_operator(tools, slug)).await?;
    tracing::info!(organization = %organization, "an organization was deleted by the operator");
    tools.live.tell(organization, Change::Accounts);
    Ok(())
}

async fn end_for_operator(tools: &Tools, slug: &str) -> Result<OrganizationId, Failure> {
    let mut tx = tools.db.begin().await?;
    let done = erase_by_slug(tools, &mut tx, slug).await;
    step("settings::before_delete_commit")?;
    tx.settle(done).await
}

async fn erase_by_slug(tools: &Tools, conn: &mut Conn, slug: &str) -> Result<OrganizationId, Failure> {
    let organization = organizations::queries::find_by_slug(conn, slug).await?.ok_or(AppError::NotFound)?.id;
    if !members::queries::lock(conn, organization).await? {
        return Err(AppError::NotFound.into());
    }
    erase_held(tools, conn, organization).await?;
    Ok(organization)
}

async fn end(work: &MemberWork, typed_name: &str) -> Result<(), Failure> {
    let mut tx = work.db.begin().await?;
    let done = erase(work, &mut tx, typed_name).await;
    step("settings::before_delete_commit")?;
    tx.settle(done).await
}

/// The people first, then the links, then the accounts, then the jobs, and the end of the audit trail last, in the order
/// in which everybody takes them.
async fn erase(work: &MemberWork, conn: &mut Conn, typed_name: &str) -> Result<(), Failure> {
    let settings = hold(work, conn, Permission::OwnOrganization).await?;
    check_typed_name(typed_name, &settings.name)?;
    erase_held(work, conn, work.actor.organization_id).await
}

async fn erase_held(tools: &Tools, conn: &mut Conn, organization: OrganizationId) -> Result<(), Failure> {
    let now = tools.now();
    links::queries::delete_all(conn, organization).await?;
    let accounts = accounts::queries::delete_all(conn, organization).await?;
    queue::release(conn, organization).await?;
    let pictures = accounts.into_iter().map(|account| Job::ForgetPosts { account });
    for job in pictures.chain([Job::ForgetLogos { organization }]) {
        queue::enqueue(conn, &tools.randomness, None::<OrganizationId>, &job, now, now).await?;
        queue::reset(conn, &job, now).await?;
    }
    audit::service::close(conn, organization).await?;
    queries::delete(conn, organization).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(text: &str) -> Option<String> {
        parse_support(text).unwrap().map(|support| support.as_str().to_owned())
    }

    #[test]
    fn a_support_address_is_an_email_address_or_a_secure_page() {
        assert_eq!(support("  "), None);
        assert_eq!(support(" help@agency.example ").as_deref(), Some("help@agency.example"));
        assert_eq!(
            support("https://agency.example/help?from=x").as_deref(),
            Some("https://agency.example/help?from=x")
        );
        assert_eq!(support("HTTPS://Agency.Example").as_deref(), Some("https://agency.example/"));
    }

    #[test]
    fn a58_a_support_address_that_could_do_anything_else_is_refused() {
        let long = format!("https://agency.example/{}", "x".repeat(300));
        for wrong in [
            "agency.example/help",
            "http://agency.example/",
            "javascript:alert(1)",
            "javascript://agency.example/%0aalert(1)",
            "data://agency.example/x",
            "https://",
            "https://localhost/",
            "https://ann:secret@agency.example/",
            "https://agency.example@evil.example/",
            "a@x.example, b@x.example",
            "help?cc=everybody@agency.example",
            "help@agency.example?subject=x",
            "<help@agency.example>",
            &long,
        ] {
            let error = parse_support(wrong).unwrap_err();
            assert!(error.for_field("support").unwrap().contains("https://"), "{wrong}");
        }
    }

    #[test]
    fn everything_that_has_to_be_corrected_is_said_at_once() {
        let typed = Typed { name: " ".into(), accent: "#fff".into(), support: "nobody".into() };
        let error = check(&typed).unwrap();
        for field in ["organization", "accent", "support"] {
            assert!(error.for_field(field).is_some(), "{field}");
        }
        assert_eq!(check(&Typed { name: "Bright & Bold".into(), ..Typed::default() }), None);
    }
}
