//! The doors to members and invitations. Each asks who it is and what their role allows, calls the service, and says
//! where a plain form goes. Accepting and switching are plain routes: they set the session's cookie.

use super::model::{InvitationView, InvitePage, MembersView, PasswordAgain};
use crate::{
    error::AppError,
    ids::{InvitationId, UserId},
    organizations::model::Role,
};
use leptos::prelude::*;

/// Loads the members; every role may. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session.
#[server(endpoint = "load_members")]
pub async fn load_members() -> Result<MembersView, AppError> {
    use super::service;
    use crate::server::door;
    door::unharmed(async {
        let work = door::member_page().await?;
        Ok(service::list(&work).await?)
    })
    .await
}

/// Invites somebody by mail.
///
/// # Errors
/// Without a session, without the role, when the address cannot be one, belongs to a member or is invited already,
/// before the member has confirmed their own address, after too many mails (A62), or without the password for an owner
/// (A50).
#[server(endpoint = "invite_member")]
pub async fn invite_member(
    /// Who is invited.
    email: String,
    /// As what.
    role: Role,
    /// The password of who invites, where they make somebody an owner.
    #[server(default)]
    password: PasswordAgain,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<InvitationView, AppError> {
    use super::service;
    use crate::{identity::model::Email, organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ManageMembers).await?;
    let again = service::Again { password: password.into_secret(), visitor: door::visitor()? };
    let invitation = service::invite(&work, &Email::parse(&email)?, role, again).await?;
    door::send_plain_form_to(&paths::member_invited());
    Ok(invitation)
}

/// Takes an invitation back: its URL is dead from the next request on.
///
/// # Errors
/// Without a session, without the role, or when the organization has no such open invitation.
#[server(endpoint = "revoke_invitation")]
pub async fn revoke_invitation(
    /// Which invitation.
    id: InvitationId,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ManageMembers).await?;
    service::revoke(&work, id).await?;
    door::send_plain_form_to(&paths::invitation_revoked());
    Ok(())
}

/// Sends an invitation again, with a new URL and a new term; the old URL is dead at once.
///
/// # Errors
/// Without a session, without the role, when the organization has no such open invitation, before the member has
/// confirmed their own address, or after too many mails (A62).
#[server(endpoint = "resend_invitation")]
pub async fn resend_invitation(
    /// Which invitation.
    id: InvitationId,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ManageMembers).await?;
    service::resend(&work, id).await?;
    door::send_plain_form_to(&paths::invitation_resent());
    Ok(())
}

/// Gives a member another role.
///
/// # Errors
/// Without a session, without the role, when nobody of that id is a member, when the last owner would be none any more,
/// or without the password for making an owner (A50).
#[server(endpoint = "change_role")]
pub async fn change_role(
    /// Whose role.
    user: UserId,
    /// Which one from now on.
    role: Role,
    /// The password of who changes it, where they make somebody an owner.
    #[server(default)]
    password: PasswordAgain,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ManageMembers).await?;
    let again = service::Again { password: password.into_secret(), visitor: door::visitor()? };
    service::change_role(&work, user, role, again).await?;
    door::send_plain_form_to(&paths::role_changed());
    Ok(())
}

/// Removes a member: their sessions in this organization end at once (A44). Links they made keep working.
///
/// # Errors
/// Without a session, without the role, when nobody of that id is a member, or for the last owner.
#[server(endpoint = "remove_member")]
pub async fn remove_member(
    /// Who.
    user: UserId,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ManageMembers).await?;
    service::remove(&work, user).await?;
    door::send_plain_form_to(&paths::member_removed());
    Ok(())
}

/// Leaves the organization and is signed out of it. Every role may, but for the last owner.
///
/// # Errors
/// Without a session, or for the last owner.
#[server(endpoint = "leave_organization")]
pub async fn leave_organization(
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{paths, server::door};
    let work = door::member_in(&organization_id).await?;
    service::leave(&work).await?;
    door::see_other(paths::SIGN_IN);
    Ok(())
}

/// Makes another member an owner, and the owner who does so an admin.
///
/// # Errors
/// Without a session, without the role, when nobody else of that id is a member, or without the password (A50).
#[server(endpoint = "transfer_ownership")]
pub async fn transfer_ownership(
    /// Who gets it.
    user: UserId,
    /// The password of who hands it over.
    #[server(default)]
    password: PasswordAgain,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::OwnOrganization).await?;
    let again = service::Again { password: password.into_secret(), visitor: door::visitor()? };
    service::transfer(&work, user, again).await?;
    door::send_plain_form_to(&paths::ownership_transferred());
    Ok(())
}

/// Loads the page of an invitation; `None` when it was used, taken back, ran out or never was. Whoever has the token
/// may ask; reading changes nothing, because scanners open the links in a mail before people do.
///
/// # Errors
/// When the database does not answer, or after too many wrong tokens.
#[server(endpoint = "load_invitation")]
pub async fn load_invitation(
    /// The token in the mail.
    token: String,
) -> Result<Option<InvitePage>, AppError> {
    use super::service;
    use crate::server::door;
    door::unharmed(async {
        let work = door::client().await?;
        let signed_in = door::member().await.ok().map(|member| member.actor);
        Ok(service::find_invite(&work, &token, signed_in.as_ref()).await?)
    })
    .await
}
