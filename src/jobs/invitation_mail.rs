//! The mail with an invitation. Its token is taken out of its seal when the mail goes out, and one that was accepted, taken
//! back or ran out meanwhile does not go out at all. Sent again, an invitation has another URL, and so another Message-ID.

use super::post;
use crate::{
    email::messages::{Invitation, invitation as say_invitation},
    failure::step,
    ids::InvitationId,
    organizations::{
        members::{
            queries::{By, find_invitation},
            service,
        },
        model::Role,
    },
    paths,
    queue::{Claim, Trouble},
    work::Tools,
};

/// Sends it.
pub(super) async fn perform(tools: &Tools, claim: &Claim, id: InvitationId) -> Result<(), Trouble> {
    let now = tools.now();
    let found = find_invitation(&mut tools.db.read().await?, By::Id(id)).await?;
    let open = found.filter(|invitation| invitation.is_open(now));
    let token = open.as_ref().map(|invitation| service::open_token(tools, invitation)).transpose()?.flatten();
    let (Some(invitation), Some(token)) = (open, token) else {
        return post::finish(tools, claim).await;
    };
    let url = post::address(tools, &paths::invitation(token.expose()))?;
    let message = say_invitation(&Invitation {
        organization: &invitation.organization,
        invited_by: invitation.invited_by.as_deref(),
        role: in_words(invitation.role),
        url: &url,
        until: &invitation.expires_at.moment(now).full,
        support: tools.support_email.as_deref(),
    });
    let mail = post::mail(claim, &invitation.email, message, format!("{id}-{}", invitation.expires_at.as_micros()))?;
    step("mail::before_send")?;
    post::send(tools, &mail).await?;
    step("mail::after_send")?;
    post::finish(tools, claim).await
}

/// What somebody becomes.
const fn in_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Admin => "an admin",
        Role::Member => "a member",
        Role::Viewer => "a viewer",
    }
}
