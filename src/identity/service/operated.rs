//! What an operator does with people: the list of them, and an organization made for one. Nothing here asks for a
//! password: whoever runs the program has its database anyway.

use super::{insert_with_free_slug, password::insert_operators_link};
use crate::{
    audit,
    error::AppError,
    failure::Failure,
    identity::{model::Email, passwords, queries},
    ids::{EventId, UserId},
    organizations::{
        self,
        model::{OrganizationName, Role},
    },
    secret::Token,
    work::Tools,
};
use std::collections::HashMap;

/// Somebody who signs in.
#[derive(Debug)]
pub struct ListedPerson {
    /// Their address.
    pub email: String,
    /// Whether it was shown to be theirs.
    pub is_verified: bool,
    /// Whether they are asked for a code.
    pub has_second_step: bool,
    /// The slugs of their organizations, each with the word for what they are there.
    pub organizations: Vec<(String, String)>,
}

/// Everybody who signs in, by address.
///
/// # Errors
/// When the database does not answer.
pub async fn list_people(tools: &Tools) -> Result<Vec<ListedPerson>, Failure> {
    let mut conn = tools.db.read().await?;
    let people = queries::operated::list_people(&mut conn).await?;
    let mut memberships: HashMap<UserId, Vec<(String, String)>> = HashMap::new();
    for (user, slug, role) in queries::operated::list_memberships(&mut conn).await? {
        memberships.entry(user).or_default().push((slug, role));
    }
    let listed = people.into_iter().map(|person| ListedPerson {
        email: person.email,
        is_verified: person.verified_at.is_some(),
        has_second_step: person.second_step_since.is_some(),
        organizations: memberships.remove(&person.id).unwrap_or_default(),
    });
    Ok(listed.collect())
}

/// An organization that was made for somebody.
#[derive(Debug)]
pub struct Founded {
    /// What the operator calls it.
    pub slug: String,
    /// Opens the one-time link with which the owner sets a password; `None` for somebody who had an account before.
    pub password_link: Option<Token>,
    /// Whether there was an account whose address nobody has confirmed: it may be a stranger's.
    pub is_doubtful: bool,
}

/// Makes an organization and makes the person with this address its owner. Somebody new gets an account that nobody can
/// sign in to before its one-time link was used.
///
/// # Errors
/// When name or address cannot be such.
pub async fn found(tools: &Tools, name: &str, owner: &str) -> Result<Founded, Failure> {
    let (name, address) = match (OrganizationName::parse(name), Email::parse(owner)) {
        (Ok(name), Ok(address)) => (name, address),
        (name, address) => return Err(AppError::together([name.err(), address.err()].into_iter().flatten()).into()),
    };
    // Known to nobody, and forgotten at once.
    let password = Token::generate(&tools.randomness).expose().to_owned().into();
    let password_hash = passwords::hash(password, tools.randomness.clone()).await?;
    let now = tools.now();
    let newcomer = UserId::generate(now, &tools.randomness);
    let mut tx = tools.db.begin().await?;
    let is_new = queries::insert_user(&mut tx, newcomer, &address, &password_hash, now).await?;
    let user = if is_new { Some(newcomer) } else { queries::email::find_user(&mut tx, address.lower()).await? };
    let user = user.ok_or_else(|| Failure::internal("the owner changed their address at this moment"))?;
    let person = queries::email::find(&mut tx, user).await?;
    let is_doubtful = !is_new && person.is_some_and(|person| person.verified_at.is_none());
    let organization = insert_with_free_slug(tools, &mut tx, &name).await?;
    organizations::queries::insert_membership(&mut tx, organization.id, user, Role::Owner, now).await?;
    let password_link = if is_new { Some(insert_operators_link(tools, &mut tx, user).await?) } else { None };
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: organization.id,
        at: now,
        actor: audit::Actor::Operator,
        action: audit::Action::OrganizationCreated,
        subject: organization.id.to_string(),
        detail: name.as_str(),
        from: None,
    };
    audit::record(&mut tx, event).await?;
    tx.commit().await?;
    Ok(Founded { slug: organization.slug, password_link, is_doubtful })
}
