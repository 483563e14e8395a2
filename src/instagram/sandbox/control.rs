//! The first page: who can log in, how things stand with everybody, and buttons for what people do at Instagram while
//! an app holds their token. Plain forms that post to one address. Like the rest of the sandbox they are open to
//! whoever reaches it, and reach nothing but the sandbox and the two callback addresses of its configuration.

use super::{
    Person, Sandbox, Standing,
    callbacks::{Signature, Told},
    pages::{self, credentials, page},
    people, posts,
};
use crate::sandbox_pages::{Params, escaped, see_other};
use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};
use serde_json::Value;
use std::fmt::Write;
use url::Url;

/// The way in: who can log in, what can happen to them, and where a program finds what.
pub(super) async fn index(State(sandbox): State<Sandbox>) -> Response {
    let app = sandbox.app("");
    let mut addresses = vec![
        ("INSTAGRAM_AUTHORIZE_URL", app.authorize_url.as_str()),
        ("INSTAGRAM_TOKEN_URL", app.token_url.as_str()),
        ("INSTAGRAM_GRAPH_URL", app.graph_url.as_str()),
    ];
    if let Some(callbacks) = &sandbox.config.callbacks {
        addresses.push(("Tells of a removal at", callbacks.deauthorize.as_str()));
        addresses.push(("Asks for deletion at", callbacks.data_deletion.as_str()));
    }
    let mut rows = String::new();
    for (name, address) in addresses {
        let _ = write!(rows, "<dt>{name}</dt><dd><code>{}</code></dd>", escaped(address));
    }
    let mut items = String::new();
    for person in people::people() {
        items.push_str(&item(&sandbox, person));
    }
    let main = format!(
        "<p>A stand-in for Instagram, for trying things out on one machine. A connection starts in the app, not \
         here.</p>\
         <h2>Who can log in</h2><ul class=\"roll\">{items}</ul><h2>Addresses</h2><dl>{rows}</dl>"
    );
    page(StatusCode::OK, "Sandbox", &main)
}

/// One person: what they log in with, how things stand, and what can happen.
fn item(sandbox: &Sandbox, person: &'static Person) -> String {
    let username = escaped(person.username);
    let handle = sandbox.handle(person);
    let renamed = if handle == person.username {
        String::new()
    } else {
        format!("<dt>Shown as</dt><dd><code>{}</code></dd>", escaped(&handle))
    };
    let untold =
        if sandbox.config.callbacks.is_some() { "" } else { "<p>No callback address is set: the app is not told.</p>" };
    let hidden = format!("<input type=\"hidden\" name=\"username\" value=\"{username}\">");
    format!(
        "<li id=\"{username}\"><dl>{credentials}{renamed}<dt>Posts</dt><dd>{posts}</dd>\
         <dt>Happened last</dt><dd>{standing}</dd></dl><p>{note}</p>\
         <details><summary>What can happen to {username}</summary>\
         <form method=\"post\" action=\"/sandbox/control\">{hidden}\
         {change_password}{check}{back_to_normal}</form>\
         <form method=\"post\" action=\"/sandbox/control\">{hidden}{untold}\
         <label for=\"signature-{username}\">The app is told with</label>\
         <select id=\"signature-{username}\" name=\"signature\"><option value=\"right\">the right signature</option>\
         <option value=\"broken\">a broken signature</option>\
         <option value=\"other_secret\">the signature of another app</option></select>\
         {remove_app}{ask_deletion}</form>\
         <form method=\"post\" action=\"/sandbox/control\">{hidden}\
         <label for=\"caption-{username}\">Caption</label>\
         <textarea id=\"caption-{username}\" name=\"caption\" rows=\"3\"></textarea>\
         {add_post}</form></details></li>",
        change_password = button("change_password", "Change password"),
        check = button("check", "Ask Instagram for a check"),
        back_to_normal = button("back_to_normal", "Back to normal"),
        remove_app = button("remove_app", "Remove the app"),
        ask_deletion = button("ask_deletion", "Ask for deletion"),
        add_post = button("add_post", "Add a post"),
        credentials = credentials(person),
        posts = sandbox.count_posts(person),
        standing = in_words(sandbox.standing(person)),
        note = escaped(person.note),
    )
}

fn button(action: &str, label: &str) -> String {
    format!("<button type=\"submit\" name=\"action\" value=\"{action}\" class=\"second\">{label}</button>")
}

fn in_words(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "nothing",
        Standing::AppRemoved => "removed the app",
        Standing::PasswordChanged => "changed the password",
        Standing::Checkpoint => "was asked for a check",
    }
}

/// `POST /sandbox/control`: a button was pressed.
pub(super) async fn act(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let Some(person) = people::find(form.get("username")) else { return pages::not_found() };
    let signature = Signature::parse(form.get("signature"));
    let standing = match form.get("action") {
        "change_password" => Standing::PasswordChanged,
        "check" => Standing::Checkpoint,
        "back_to_normal" => Standing::Normal,
        "remove_app" => {
            let told = sandbox.tell_removal(person.username, signature).await;
            return result(&format!("{} removed the app. Its tokens are dead.", person.username), &told);
        }
        "ask_deletion" => {
            let told = sandbox.tell_deletion(person.username, signature).await;
            return result(&format!("{} asked for deletion.", person.username), &told);
        }
        "add_post" => return see_other(&posts::add_from_form(&sandbox, person, &form)),
        _ => return pages::not_found(),
    };
    sandbox.set_standing(person.username, standing);
    see_other(&format!("/#{}", person.username))
}

/// What somebody did, and what the app said to it.
fn result(what: &str, told: &Told) -> Response {
    let back = "<p><a href=\"/\">Back to the sandbox</a></p>";
    let what = escaped(what);
    match told {
        Told::Answered { status, body } => {
            let main = format!(
                "<p>{what} The app was told.</p><dl><dt>It answered with status</dt><dd><code>{status}</code></dd>\
                 {deletion}<dt>And said</dt><dd><code>{body}</code></dd></dl>{back}",
                deletion = deletion(body),
                body = escaped(body),
            );
            page(StatusCode::OK, "What the app answered", &main)
        }
        Told::NoAnswer(why) => {
            let problem = format!("<p class=\"problem\" role=\"alert\">The app did not answer: {}.</p>", escaped(why));
            page(StatusCode::BAD_GATEWAY, "The app did not answer", &format!("<p>{what}</p>{problem}{back}"))
        }
        Told::NoAddress => {
            let main = format!("<p>{what} No callback address is set, so the app was not told.</p>{back}");
            page(StatusCode::OK, "The app was not told", &main)
        }
    }
}

/// The page and the code that an app answers a wish for deletion with, as Instagram shows them to the person.
fn deletion(body: &str) -> String {
    let Ok(answer) = serde_json::from_str::<Value>(body) else { return String::new() };
    let mut rows = String::new();
    if let Some(code) = answer["confirmation_code"].as_str() {
        let _ = write!(rows, "<dt>Confirmation code</dt><dd><code>{}</code></dd>", escaped(code));
    }
    // Only an address of the web becomes a link: "javascript:" is one for browsers, too.
    if let Some(url) = answer["url"].as_str().and_then(|url| Url::parse(url).ok())
        && matches!(url.scheme(), "http" | "https")
    {
        let url = escaped(url.as_str());
        let _ = write!(rows, "<dt>How it stands</dt><dd><a href=\"{url}\">{url}</a></dd>");
    }
    rows
}
