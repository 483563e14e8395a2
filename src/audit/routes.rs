//! The door to the entries of an organization as a file for other programs. It is sent as it is read: a long history is
//! never held in memory, and between two reads no connection to the database is held either.

use super::{
    csv,
    model::{Asked, EntryCursor},
    queries::Filter,
    service::{self, Told},
};
use crate::{
    error::AppError,
    failure::Failure,
    organizations::model::Permission,
    paths,
    server::{door, pages},
    work::MemberWork,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use http::{header, request::Parts};
use std::io;
use url::form_urlencoded;

/// What a browser may do with the file (A60): nothing.
const POLICY: &str = "default-src 'none'; sandbox; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// Where the export is.
struct Export {
    /// The request: whoever asked may lose the right before the end.
    parts: Parts,
    work: MemberWork,
    filter: Filter,
    next: Option<EntryCursor>,
}

/// `GET /audit.csv`: with the same conditions as the page.
pub async fn export(parts: Parts) -> Response {
    let begun = async {
        let work = door::permitted_of(&parts, Permission::ReadAudit).await?;
        let filter = service::parse(&asked(parts.uri.query().unwrap_or_default()))?;
        // What fails before the first byte goes out is answered with a page.
        let (first, next) = service::export(&work, &filter, None).await?;
        Ok((lines(&work, &first), Export { parts: parts.clone(), work, filter, next }))
    };
    match begun.await {
        Ok((first, export)) => {
            let day = export.work.now().moment(export.work.now()).iso.chars().take(10).collect::<String>();
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"grantlink-activity-{day}.csv\"")),
                (header::CACHE_CONTROL, "no-store".to_owned()),
                // Should a browser show it after all, it is text and nothing else.
                (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
            ];
            let first = stream::iter([Ok(format!("{}{first}", csv::HEADER))]);
            (headers, Body::from_stream(first.chain(stream::try_unfold(export, go_on)))).into_response()
        }
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// The next lines. What fails here cuts the answer short: no program takes a part for the whole.
async fn go_on(export: Export) -> io::Result<Option<(String, Export)>> {
    let Export { parts, work: before, filter, next: Some(place) } = export else { return Ok(None) };
    let read = async {
        // A long answer may take longer than a role, a session, or the work for one organization.
        let work = door::permitted_of(&parts, Permission::ReadAudit).await?;
        if work.actor.organization_id != before.actor.organization_id {
            return Err(AppError::NotFound.into());
        }
        let (told, next) = service::export(&work, &filter, Some(place)).await?;
        Ok::<_, Failure>((work, told, next))
    };
    match read.await {
        Ok((work, told, next)) => Ok(Some((lines(&work, &told), Export { parts, work, filter, next }))),
        Err(failure) => {
            failure.log("an export was cut short");
            Err(io::Error::other("the export was cut short"))
        }
    }
}

fn lines(work: &MemberWork, told: &[Told]) -> String {
    let now = work.now();
    told.iter().map(|told| csv::line(told, now)).collect()
}

/// What the address asks for; of a field that is said twice, the last.
fn asked(query: &str) -> Asked {
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let field = match &*name {
            "who" => &mut asked.who,
            "what" => &mut asked.what,
            "from" => &mut asked.from,
            "to" => &mut asked.to,
            _ => continue,
        };
        *field = value.into_owned();
    }
    asked
}
