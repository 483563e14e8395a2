//! The buttons of the checklist: a plain post that tries one thing and shows the page again with what was found. The
//! test message goes to whoever asks and nobody else, and is sent while they wait: they want to know why it does not
//! leave.

use crate::{
    error::AppError,
    failure::Failure,
    organizations::service::must_run_this,
    paths,
    server::{
        checks::{self, Check, Means},
        door,
        forms::{read, refused},
        pages,
    },
    ui::FormReply,
};
use axum::{extract::Request, response::Response};
use http::{StatusCode, request::Parts};
use serde::Deserialize;

/// What to try.
#[derive(Debug, Deserialize)]
struct Try {
    check: String,
}

/// `POST /checklist`: tries one thing. It changes nothing here.
pub async fn try_one(request: Request) -> Response {
    let (parts, form) = match read::<Try>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(paths::CHECKLIST, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    match perform(&parts, &form.check).await {
        Ok(Check { name, outcome, found, remedy }) => {
            let shown = vec![
                ("name".to_owned(), name.to_owned()),
                ("outcome".to_owned(), outcome.as_str().to_owned()),
                ("found".to_owned(), found),
                ("remedy".to_owned(), remedy.unwrap_or_default()),
            ];
            pages::render_at(paths::CHECKLIST, parts, StatusCode::OK, FormReply::of_server_function(shown)).await
        }
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => refused(paths::CHECKLIST, parts, Vec::new(), failure).await,
    }
}

async fn perform(parts: &Parts, name: &str) -> Result<Check, Failure> {
    let work = door::member_of(parts).await?;
    must_run_this(&work).await?;
    let config = door::config_of(parts)?;
    if checks::button(&config, name).is_none() {
        return Err(AppError::Unreadable.into());
    }
    work.limits.check_of_installation(work.actor.organization_id)?;
    let means = Means { clock: &work.clock, randomness: &work.randomness, mail_to: Some(&work.actor.email) };
    checks::one(&config, name, &means).await.ok_or_else(|| AppError::Unreadable.into())
}
