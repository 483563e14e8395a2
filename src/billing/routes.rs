//! The plain doors to paying: an owner goes to Stripe's pages and comes back, and Stripe itself says that something
//! changed. It comes without a session; the signature over the body, byte for byte, is what lets it in (A36). No card
//! and no amount ever passes through here.

use super::{
    service::paying::{self, Heard},
    stripe::signature,
};
use crate::{
    error::AppError,
    failure::Failure,
    organizations::model::Permission,
    paths,
    server::{door, forms, pages},
    work::MemberWork,
};
use axum::{
    body::Bytes,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;
use url::Url;

/// Bytes of a webhook. An invoice of many lines has some tens of thousands.
pub const MAX_WEBHOOK: usize = 1024 * 1024;

/// What an owner presses.
#[derive(Deserialize)]
struct Pressed {
    /// The organization that the page was about.
    #[serde(default)]
    organization_id: String,
    #[serde(default)]
    plan: String,
}

/// `POST /billing/checkout`: 303 to where the plan is paid for.
pub async fn checkout(request: Request) -> Response {
    let (parts, form) = match forms::read::<Pressed>(request).await {
        Ok(read) => read,
        Err(parts) => return pages::trouble(AppError::Unreadable, *parts).await,
    };
    let opened = async {
        let work = owner(&parts, &form).await?;
        paying::checkout(&work, &form.plan).await
    };
    lead(opened.await, parts).await
}

/// `POST /billing/portal`: 303 to where bills, card and plan are.
pub async fn portal(request: Request) -> Response {
    let (parts, form) = match forms::read::<Pressed>(request).await {
        Ok(read) => read,
        Err(parts) => return pages::trouble(AppError::Unreadable, *parts).await,
    };
    let opened = async {
        let work = owner(&parts, &form).await?;
        paying::portal(&work).await
    };
    lead(opened.await, parts).await
}

/// `GET /billing/return`: 303 to the page of the plan, which shows by now what was paid. It writes nothing but what
/// Stripe says when it is asked.
pub async fn come_back(parts: Parts) -> Response {
    let work = match door::permitted_of(&parts, Permission::OwnOrganization).await {
        Ok(work) => work,
        Err(failure) => return lead(Err(failure), parts).await,
    };
    // Paid is paid: that Stripe cannot be asked just now is no news for whoever comes from there. Its webhook follows.
    if let Err(failure) = paying::returned(&work).await {
        failure.log("Stripe could not be asked how a subscription stands");
    }
    pages::see_other(paths::PLAN)
}

/// `POST /stripe/webhook`: Stripe says that something changed. Anything but 200 has it say so again later.
pub async fn webhook(parts: Parts, body: Bytes) -> Response {
    let header = parts.headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let heard = match door::tools_of(&parts) {
        Ok(tools) => paying::hear(&tools, header, &body).await,
        Err(failure) => Err(failure),
    };
    match heard {
        Ok(Heard::Done) => StatusCode::OK.into_response(),
        Ok(Heard::Refused) => {
            (StatusCode::BAD_REQUEST, "not signed by the Stripe account this server knows\n").into_response()
        }
        Err(failure) => pages::undressed(failure.into()),
    }
}

async fn owner(parts: &Parts, form: &Pressed) -> Result<MemberWork, Failure> {
    let work = door::permitted_of(parts, Permission::OwnOrganization).await?;
    door::check_window(&work, &form.organization_id)?;
    Ok(work)
}

/// Where there is nothing to pay, the page of the plan says so.
async fn lead(opened: Result<Option<Url>, Failure>, parts: Parts) -> Response {
    match opened {
        Ok(Some(page)) => pages::see_other(page.as_str()),
        Ok(None) => pages::see_other(paths::PLAN),
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => pages::failed(failure, parts).await,
    }
}
