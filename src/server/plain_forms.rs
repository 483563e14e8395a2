//! Forms that reach a server function without JavaScript. A refused one is answered with the page that holds it: what
//! was typed, what to mend, and the refusal's status. Leptos would write the refusal into that page's address instead,
//! where what was typed is lost, and anybody could make a page of ours say what they like. Only the router uses this.

use super::{door, pages};
use crate::{error::AppError, paths, ui::FormReply};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, header};
use leptos::server_fn::error::ServerFnUrlError;
use url::{Url, form_urlencoded};

/// Longest request body: the largest form has a few hundred bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// The names under which leptos writes a refusal into an address.
const REFUSAL: [&str; 2] = ["__path", "__err"];

/// The layer around the component tree.
pub async fn answer(request: Request, next: Next) -> Response {
    let below_api = paths::is_below(request.uri().path(), paths::API);
    if *request.method() == Method::GET {
        return match without_refusal(request.uri()) {
            // The whole address: a path alone may begin with "//", which browsers take for another host.
            Some(path) => match door::tools_of_extensions(request.extensions()) {
                Ok(tools) => pages::see_other(&tools.absolute(&path)),
                Err(failure) => pages::undressed(failure.into()),
            },
            // Where a refused form was answered; opened anew, there is nothing.
            None if below_api && pages::wants_page(request.headers()) => pages::see_other(paths::HOME),
            None => next.run(request).await,
        };
    }
    if !below_api || !pages::wants_page(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return pages::trouble(AppError::Unreadable, parts).await;
    };
    let typed: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let Some(page) = page_of(parts.uri.path(), &typed) else {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    };
    // Leptos takes the page from here, and a browser may say something else, or nothing.
    match door::tools_of(&parts).map(|tools| HeaderValue::from_str(&tools.absolute(&page))) {
        Ok(Ok(referer)) => drop(parts.headers.insert(header::REFERER, referer)),
        Ok(Err(_)) => return pages::trouble(AppError::NotFound, parts).await,
        Err(failure) => return pages::failed(failure, parts).await,
    }
    let kept = parts.clone();
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    match refusal(response.headers()) {
        None => response,
        Some((_, AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        // The page that holds the form is another organization's now: what was typed does not belong there.
        Some((_, error @ AppError::OtherOrganization { .. })) => pages::trouble(error, kept).await,
        Some((query, error)) => {
            let reply = FormReply::of_server_function(typed);
            let mut response = pages::render_at(&format!("{page}?{query}"), kept, error.http_status(), reply).await;
            pages::say_when_to_retry(&mut response, &error);
            response
        }
    }
}

/// The page that holds the form of a server function.
fn page_of(path: &str, typed: &[(String, String)]) -> Option<String> {
    let typed = |field: &str| typed.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str());
    let id = || typed("id");
    match path.strip_prefix(paths::API)?.trim_start_matches('/') {
        "generate_link" => Some(paths::CONNECT_LINKS.to_owned()),
        "revoke_link" => Some(paths::delete_link(id()?.parse().ok()?)),
        "disconnect_account" => Some(paths::disconnect_account(id()?.parse().ok()?)),
        "request_access" => Some(paths::REQUEST_ACCESS.to_owned()),
        "regenerate_request" => Some(paths::ACCOUNTS.to_owned()),
        "withdraw_request" => Some(paths::withdraw_request(id()?.parse().ok()?)),
        "invite_member" | "revoke_invitation" | "resend_invitation" | "change_role" => Some(paths::MEMBERS.to_owned()),
        "transfer_ownership" => Some(paths::transfer_ownership(typed("user")?.parse().ok()?)),
        "remove_member" => Some(paths::remove_member(typed("user")?.parse().ok()?)),
        "leave_organization" => Some(paths::LEAVE.to_owned()),
        _ => None,
    }
}

/// The refusal that leptos wrote into the address of a redirect, and that part of the address.
fn refusal(headers: &HeaderMap) -> Option<(String, AppError)> {
    let location = Url::parse(headers.get(header::LOCATION)?.to_str().ok()?).ok()?;
    let error = location.query_pairs().find(|(name, _)| name == "__err")?.1.into_owned();
    Some((location.query()?.to_owned(), ServerFnUrlError::<AppError>::decode_err(&error)))
}

/// The address without what only [`answer`] may say; `None` when it says nothing of the kind.
fn without_refusal(uri: &http::Uri) -> Option<String> {
    let query = uri.query()?;
    let (said, kept): (Vec<_>, Vec<_>) =
        form_urlencoded::parse(query.as_bytes()).partition(|(name, _)| REFUSAL.contains(&&**name));
    if said.is_empty() {
        return None;
    }
    let kept = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    Some(if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{kept}", uri.path()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_bring_a_refusal_along() {
        let clean = |address: &str| without_refusal(&address.parse().unwrap());
        assert_eq!(clean("/accounts?__path=%2Fapi%2Fx&__err=abc").as_deref(), Some("/accounts"));
        assert_eq!(clean("/accounts?made=1&__err=abc").as_deref(), Some("/accounts?made=1"));
        assert_eq!(clean("/accounts?made=1"), None);
        assert_eq!(clean("/accounts"), None);
    }

    #[test]
    fn a_form_is_found_again_by_its_door_and_not_by_what_a_browser_says() {
        let id = "0198f000000070008000000000000000";
        let typed = vec![("id".to_owned(), id.to_owned())];
        assert_eq!(page_of("/api/generate_link", &[]).as_deref(), Some("/accounts/connect-links"));
        assert_eq!(page_of("/api/revoke_link", &typed), Some(format!("/accounts/connect-links/{id}/delete")));
        assert_eq!(page_of("/api/disconnect_account", &typed), Some(format!("/accounts/{id}/disconnect")));
        for (path, typed) in [("/api/revoke_link", &[][..]), ("/api/load_accounts", &typed), ("/accounts", &typed)] {
            assert_eq!(page_of(path, typed), None, "{path}");
        }
    }
}
