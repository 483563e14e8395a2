//! What all jobs that write a mail have in common: its envelope, its way out, and the end of the job. What it says, and
//! whether it still has to be said, is for each to know.

use crate::{
    email::{Mail, MailError, Message, Recipient},
    failure::Failure,
    queue::{self, Claim, Trouble},
    work::Tools,
};
use url::Url;

/// A mail to this address. Whatever goes out again has the same `id`, and with it the same Message-ID.
pub(super) fn mail(claim: &Claim, to: &str, message: Message, id: String) -> Result<Mail, Trouble> {
    let to = Recipient::parse(to).map_err(trouble)?;
    Ok(Mail { to, message, id, reply_to: None, sent_at: claim.created_at, unsubscribe: None })
}

/// Hands a mail to the relay.
pub(super) async fn send(tools: &Tools, mail: &Mail) -> Result<(), Trouble> {
    tools.mailer.send(mail).await.map_err(trouble)
}

/// Ends the job: its mail has left, or nobody has to be told any more.
pub(super) async fn finish(tools: &Tools, claim: &Claim) -> Result<(), Trouble> {
    queue::finish(&mut tools.db.write().await?, claim).await?;
    Ok(())
}

/// The whole address of one of our paths.
pub(super) fn address(tools: &Tools, path: &str) -> Result<Url, Failure> {
    tools.base_url.join(path).map_err(|error| Failure::Internal(Box::new(error)))
}

fn trouble(error: MailError) -> Trouble {
    match error {
        MailError::Temporary(why) => Trouble::Again(why),
        MailError::Refused(why) => Trouble::Never(why),
    }
}
