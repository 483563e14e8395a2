//! The mails about signing in. The links in them are made when they go out, so that no job holds one, and none goes out
//! that nobody needs any more. A mail that is sent again after its server died has another link in it; both work.

use super::post;
use crate::{
    email::{
        Message,
        messages::{
            ConfirmEmail, ResetPassword, SignInNotice, confirm_email as say_confirm_email,
            reset_password as say_reset_password, sign_in_notice as say_notice,
        },
    },
    failure::step,
    identity::service,
    ids::UserId,
    paths,
    queue::{Claim, Notice, Trouble},
    work::Tools,
};

/// "Set a new password".
pub(super) async fn reset_password(tools: &Tools, claim: &Claim, to: UserId) -> Result<(), Trouble> {
    let Some((email, token)) = service::prepare_reset(tools, to).await? else {
        return post::finish(tools, claim).await;
    };
    let url = post::address(tools, &paths::reset_password(token.expose()))?;
    let facts = ResetPassword { email: &email, url: &url, support: tools.support_email.as_deref() };
    send(tools, claim, &email, say_reset_password(&facts)).await
}

/// "Confirm your email address".
pub(super) async fn confirm_email(tools: &Tools, claim: &Claim, to: UserId) -> Result<(), Trouble> {
    let Some(wanted) = service::prepare_confirmation(tools, to).await? else {
        return post::finish(tools, claim).await;
    };
    let url = post::address(tools, &paths::verify_email(wanted.token.expose()))?;
    let facts = ConfirmEmail {
        email: &wanted.email,
        is_change: wanted.is_change,
        url: &url,
        support: tools.support_email.as_deref(),
    };
    send(tools, claim, &wanted.email, say_confirm_email(&facts)).await
}

/// What happened to how somebody signs in. It goes to the address they had when it happened: who has changed that since
/// may be the one they are warned of.
pub(super) async fn notice(tools: &Tools, claim: &Claim, to: UserId, about: Notice) -> Result<(), Trouble> {
    let you_url = post::address(tools, paths::YOU)?;
    for (email, since) in service::list_notices(tools, to, about).await? {
        let support = tools.support_email.as_deref();
        let message = say_notice(&SignInNotice { about, email: &email, you_url: &you_url, support });
        // Several addresses may have to be told: each mail has a Message-ID of its own.
        let mail = post::mail(claim, &email, message, format!("{}-{}", claim.id, since.as_micros()))?;
        step("sign_in_mail::before_send")?;
        post::send(tools, &mail).await?;
        service::forget_notice(tools, to, about, &email, since).await?;
    }
    post::finish(tools, claim).await
}

async fn send(tools: &Tools, claim: &Claim, to: &str, message: Message) -> Result<(), Trouble> {
    let mail = post::mail(claim, to, message, claim.id.to_string())?;
    step("sign_in_mail::before_send")?;
    post::send(tools, &mail).await?;
    post::finish(tools, claim).await
}
