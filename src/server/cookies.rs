//! The four kinds of cookies, always `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax` (A49).
//! `Strict` would be dropped on the way back from Instagram; loopback counts as secure, so plain http works there.

use crate::{
    identity::service::{SECOND_STEP_LIFE, SESSION_LIFE},
    ids::AttemptId,
    secret::Token,
};
use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, HeaderValue, header::COOKIE};

/// The cookie of a signed-in member.
const SESSION: &str = "__Host-session";

/// The cookie of a browser in which somebody has signed in before (A46). It opens nothing.
const DEVICE: &str = "__Host-device";

/// The cookie of somebody who has given their password and not yet their code. It opens that one form.
const SECOND_STEP: &str = "__Host-second-step";

/// How long a browser is known.
const DEVICE_LIFE: Duration = Duration::days(365);

/// The cookies that bind attempts to a browser: this and the attempt's id. One each, so that two tabs which start at
/// the same moment cannot overwrite each other (A31).
const BINDING: &str = "__Host-attempt-";

/// Attempts one browser is remembered for; the oldest make room (ids sort by time).
const MAX_BINDINGS: usize = 8;

/// How long the outcome of an attempt can be read again in the browser that made it.
const BINDING_LIFE: Duration = Duration::hours(24);

/// The session's token, when the request carries one.
pub fn session(headers: &HeaderMap) -> Option<Token> {
    all(headers).find(|cookie| cookie.name() == SESSION).and_then(|cookie| Token::parse(cookie.value()))
}

/// What a known browser has to show, when the request carries it.
pub fn device(headers: &HeaderMap) -> Option<String> {
    all(headers).find(|cookie| cookie.name() == DEVICE).map(|cookie| cookie.value().to_owned())
}

/// `Set-Cookie` for a known browser.
pub fn set_device(secret: &str) -> HeaderValue {
    header(build(DEVICE.into(), secret.into()).max_age(DEVICE_LIFE))
}

/// The attempts this browser started, newest first.
pub fn bindings(headers: &HeaderMap) -> Vec<(AttemptId, Token)> {
    let mut bindings: Vec<_> = all(headers)
        .filter_map(|cookie| {
            let id: AttemptId = cookie.name().strip_prefix(BINDING)?.parse().ok()?;
            Some((id, Token::parse(cookie.value())?))
        })
        .collect();
    bindings.sort_by(|(a, _), (b, _)| b.cmp(a));
    bindings
}

/// `Set-Cookie` for a new session.
pub fn set_session(token: &Token) -> HeaderValue {
    let life = Duration::seconds(i64::try_from(SESSION_LIFE.as_secs()).unwrap_or(i64::MAX));
    header(build(SESSION.into(), token.expose().into()).max_age(life))
}

/// `Set-Cookie` that ends a session in the browser.
pub fn clear_session() -> HeaderValue {
    header(build(SESSION.into(), String::new()).max_age(Duration::ZERO))
}

/// The token of a sign-in that waits for its code, when the request carries one.
pub fn second_step(headers: &HeaderMap) -> Option<Token> {
    all(headers).find(|cookie| cookie.name() == SECOND_STEP).and_then(|cookie| Token::parse(cookie.value()))
}

/// `Set-Cookie` for a sign-in that waits for its code.
pub fn set_second_step(token: &Token) -> HeaderValue {
    let life = Duration::seconds(i64::try_from(SECOND_STEP_LIFE.as_secs()).unwrap_or(i64::MAX));
    header(build(SECOND_STEP.into(), token.expose().into()).max_age(life))
}

/// `Set-Cookie` that ends such a sign-in in the browser.
pub fn clear_second_step() -> HeaderValue {
    header(build(SECOND_STEP.into(), String::new()).max_age(Duration::ZERO))
}

/// `Set-Cookie` headers for a new attempt, and for forgetting the oldest ones.
pub fn set_binding(known: &[(AttemptId, Token)], id: AttemptId, token: &Token) -> Vec<HeaderValue> {
    let set = build(format!("{BINDING}{id}"), token.expose().into()).max_age(BINDING_LIFE);
    let forget = known
        .iter()
        .skip(MAX_BINDINGS - 1)
        .map(|(old, _)| header(build(format!("{BINDING}{old}"), String::new()).max_age(Duration::ZERO)));
    std::iter::once(header(set)).chain(forget).collect()
}

fn all(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| Cookie::split_parse(text).filter_map(Result::ok))
}

fn build(name: String, value: String) -> cookie::CookieBuilder<'static> {
    Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax)
}

#[expect(clippy::expect_used, reason = "names and values are ASCII of our own making")]
fn header(cookie: cookie::CookieBuilder<'static>) -> HeaderValue {
    let mut value = HeaderValue::from_str(&cookie.build().to_string()).expect("our cookies are header values");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Randomness, timestamp::Timestamp};

    #[test]
    fn a49_every_cookie_is_host_only_secure_http_only_and_lax() {
        let token = Token::generate(&Randomness);
        let id = AttemptId::generate(Timestamp::from_micros(1), &Randomness);
        let set =
            [set_session(&token), clear_session(), set_device("abc"), set_second_step(&token), clear_second_step()];
        for value in set.into_iter().chain(set_binding(&[], id, &token)) {
            let text = value.to_str().unwrap();
            assert!(text.starts_with("__Host-"), "{text}");
            for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
                assert!(text.contains(part), "{text} lacks {part}");
            }
            assert!(!text.contains("Domain"), "{text}");
        }
    }

    #[test]
    fn a31_a_browser_keeps_eight_attempts_and_forgets_the_oldest() {
        let token = Token::generate(&Randomness);
        let id = |at: i64| AttemptId::generate(Timestamp::from_micros(at * 1_000), &Randomness);
        let mut headers = HeaderMap::new();
        let ids: Vec<_> = (1..=8).map(id).collect();
        for id in &ids {
            let cookie = format!("{BINDING}{id}={}", token.expose());
            headers.append(COOKIE, HeaderValue::from_str(&cookie).unwrap());
        }
        let known = bindings(&headers);
        assert_eq!(known.len(), 8);
        assert_eq!(known[0].0, ids[7]);
        let set = set_binding(&known, id(9), &token);
        assert_eq!(set.len(), 2);
        assert!(set[1].to_str().unwrap().contains(&ids[0].to_string()));
    }
}
