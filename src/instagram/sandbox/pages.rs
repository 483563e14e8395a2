//! The sandbox's pages: plain forms and plain words.

use super::{
    people::{Person, SECURITY_CODE, people},
    posts::{Kind, Post},
};
use crate::sandbox_pages::{Letterhead, Params, escaped};
use axum::{extract::RawQuery, http::StatusCode, response::Response};
use std::fmt::Write;

/// The longest text from an address that a page repeats, in characters.
const MESSAGE_LENGTH: usize = 300;

const LETTERHEAD: Letterhead = Letterhead { of: "Instagram", notice: "do not type a real password." };

/// The page on which a fault of the app ends. The app hears nothing of it.
pub(super) async fn stopped(RawQuery(query): RawQuery) -> Response {
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let message: String = query.get("message").chars().take(MESSAGE_LENGTH).collect();
    let main = format!(
        "<p class=\"problem\" role=\"alert\">{}</p>\
         <p>Instagram would stop here with a page like this one. The app is not told.</p>",
        escaped(&message)
    );
    page(StatusCode::BAD_REQUEST, "This cannot go on", &main)
}

pub(super) fn login(flow: &str, request: &Params, username: &str, failed: bool) -> Response {
    let (problem, invalid) = if failed {
        (
            "<p class=\"problem\" role=\"alert\" id=\"problem\">Username and password do not belong together. \
             The list below has them all.</p>",
            " aria-invalid=\"true\" aria-describedby=\"problem\"",
        )
    } else {
        ("", "")
    };
    let facebook = if matches!(request.get("enable_fb_login"), "false" | "0") {
        ""
    } else {
        "<button type=\"button\" class=\"second\" disabled>Log in with Facebook</button>"
    };
    let main = format!(
        "{problem}<form method=\"post\" action=\"/accounts/login/\">{flow}\
         <label for=\"username\">Username</label>\
         <input id=\"username\" name=\"username\" value=\"{username}\" autocomplete=\"off\" autocapitalize=\"none\" \
          spellcheck=\"false\" required{invalid}>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"off\" required{invalid}>\
         <button type=\"submit\">Log in</button>{facebook}</form>\
         <details><summary>Who can log in here?</summary>{roll}</details>",
        flow = hidden(flow),
        username = escaped(username),
        roll = roll(),
    );
    page(if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, "Log in to the sandbox", &main)
}

pub(super) fn two_factor(flow: &str, person: &Person, failed: bool) -> Response {
    let (problem, invalid) = if failed {
        (
            "<p class=\"problem\" role=\"alert\" id=\"problem\">That is not the security code.</p>",
            " aria-invalid=\"true\" aria-describedby=\"problem hint\"",
        )
    } else {
        ("", " aria-describedby=\"hint\"")
    };
    let main = format!(
        "{problem}<p id=\"hint\">{} uses two-factor authentication. In the sandbox the code is always \
         <code>{SECURITY_CODE}</code>.</p>\
         <form method=\"post\" action=\"/accounts/login/two_factor/\">{flow}\
         <label for=\"code\">Security code</label>\
         <input id=\"code\" name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required{invalid}>\
         <button type=\"submit\">Confirm</button></form>",
        escaped(person.username),
        flow = hidden(flow),
    );
    page(if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, "Enter the security code", &main)
}

pub(super) fn consent(flow: &str, handle: &str, person: &Person, scopes: &[&str]) -> Response {
    let mut wishes = String::new();
    for scope in scopes {
        let _ = write!(wishes, "<li>{}</li>", escaped(in_words(scope)));
    }
    let main = format!(
        "<p>Logged in as <strong>{username}</strong> ({name}). The app asks to:</p><ul>{wishes}</ul>\
         <form method=\"post\" action=\"/oauth/authorize/consent/\">{hidden}\
         <button type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\
         <button type=\"submit\" name=\"decision\" value=\"cancel\" class=\"second\">Cancel</button></form>\
         <p><a href=\"/accounts/login/?flow={id}\">Log in as somebody else</a></p>",
        username = escaped(handle),
        name = escaped(person.name),
        hidden = hidden(flow),
        id = escaped(flow),
    );
    page(StatusCode::OK, "Allow access?", &main)
}

/// One post; `picture` is an address on this origin.
pub(super) fn post(handle: &str, post: &Post, published: &str, picture: &str) -> Response {
    let kind = match post.kind {
        Kind::Image => "A picture",
        Kind::Video => "A video, of which only the preview exists",
        Kind::Carousel => "An album, of which only the first picture exists",
    };
    let caption = match &post.caption {
        Some(caption) => format!("<p class=\"caption\">{}</p>", escaped(caption)),
        None => "<p>No caption.</p>".to_owned(),
    };
    let main = format!(
        "<img src=\"{picture}\" alt=\"The picture of this post: two colours\">{caption}\
         <dl><dt>By</dt><dd>{handle}</dd><dt>Published</dt><dd>{published}</dd><dt>Kind</dt><dd>{kind}</dd>\
         <dt>Id</dt><dd><code>{id}</code></dd></dl><p><a href=\"/\">Back to the sandbox</a></p>",
        picture = escaped(picture),
        handle = escaped(handle),
        published = escaped(published),
        id = post.place.id,
    );
    page(StatusCode::OK, "A post", &main)
}

pub(super) fn expired() -> Response {
    let main = "<p class=\"problem\" role=\"alert\">This page is too old, or the sandbox was started anew. \
                Go back to the app and start again from there.</p>";
    page(StatusCode::GONE, "Start again", main)
}

pub(super) fn not_found() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "Nothing here",
        "<p>The sandbox has no such page. <a href=\"/\">Who can log in?</a></p>",
    )
}

/// Everybody, with passwords: as a list, so that it fits on a phone.
fn roll() -> String {
    let mut items = String::new();
    for person in people() {
        let _ = write!(items, "<li><dl>{}</dl><p>{}</p></li>", credentials(person), escaped(person.note));
    }
    format!("<ul class=\"roll\">{items}</ul>")
}

/// What somebody logs in with, as rows of a list of descriptions.
pub(super) fn credentials(person: &Person) -> String {
    let code = if person.two_factor {
        format!("<dt>Security code</dt><dd><code>{SECURITY_CODE}</code></dd>")
    } else {
        String::new()
    };
    format!(
        "<dt>Username</dt><dd><code>{}</code></dd><dt>Password</dt><dd><code>{}</code></dd>{code}",
        escaped(person.username),
        escaped(person.password),
    )
}

fn in_words(scope: &str) -> &str {
    match scope {
        "instagram_business_basic" => "see the profile and the posts of this account",
        "instagram_business_content_publish" => "publish posts for this account",
        "instagram_business_manage_comments" => "read and answer comments",
        "instagram_business_manage_messages" => "read and send messages",
        "instagram_business_manage_insights" => "see how posts are doing",
        other => other,
    }
}

fn hidden(flow: &str) -> String {
    format!("<input type=\"hidden\" name=\"flow\" value=\"{}\">", escaped(flow))
}

/// A whole page. The title and `main` are taken as they are.
pub(super) fn page(status: StatusCode, title: &str, main: &str) -> Response {
    LETTERHEAD.page(status, title, main)
}
