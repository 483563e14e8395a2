//! What each job of the queue does, one file for each, and the runner that has them done. The top layer beside the pages:
//! a job may combine features, and nothing but the server and the worker starts one.

mod copy_pictures;
mod copy_profile_picture;
mod invitation_mail;
mod mail;
mod post;
pub mod runner;
mod sign_in_mail;

use crate::{
    accounts, collection, organizations,
    queue::{Claim, Job, Trouble},
    work::Tools,
};

/// Does one job and finishes it, in the transaction of its effect where it has one.
async fn perform(tools: &Tools, claim: &Claim) -> Result<(), Trouble> {
    match claim.job {
        Job::RenewAccess { account } => accounts::service::renew(tools, claim, account).await,
        Job::CollectPosts { account } => collection::service::collect(tools, claim, account).await,
        Job::CopyPictures { account } => copy_pictures::perform(tools, claim, account).await,
        Job::CopyProfilePicture { account } => copy_profile_picture::perform(tools, claim, account).await,
        Job::ForgetPosts { account } => Ok(collection::service::forget(tools, claim, account).await?),
        Job::ForgetLogos { organization } => {
            Ok(organizations::settings::service::forget_logos(tools, claim, organization).await?)
        }
        Job::MailInvitation { invitation } => invitation_mail::perform(tools, claim, invitation).await,
        Job::MailCollecting { account, to } => mail::collecting(tools, claim, account, to).await,
        Job::MailNeedsReconnection { account, to } => mail::needs_reconnection(tools, claim, account, to).await,
        Job::MailEndsSoon { account, to, days } => mail::ends_soon(tools, claim, account, to, days).await,
        Job::MailResetPassword { to } => sign_in_mail::reset_password(tools, claim, to).await,
        Job::MailConfirmEmail { to } => sign_in_mail::confirm_email(tools, claim, to).await,
        Job::MailSignInNotice { to, about } => sign_in_mail::notice(tools, claim, to, about).await,
    }
}
