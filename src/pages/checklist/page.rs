//! The checklist: what is set, what is missing, and how to mend it, each with a button that tries it. The same checks
//! as `grantlink doctor` (U35). All of it works without JavaScript.

use super::load::{CheckRow, load_checklist};
use crate::{
    error::AppError,
    pages::dashboard::page::PageTrouble,
    paths,
    ui::{Badge, ErrorSummary, FormReply, SiteFooter, Tone, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// What the page is called, here and in the sidebar.
pub const HEADING: &str = "Setup";

/// The checklist of this installation.
#[component]
pub fn ChecklistScreen() -> impl IntoView {
    let reply = use_form_reply();
    let rows = OnceResource::new(load_checklist());
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Suspense fallback=|| {
                view! { <p role="status">"Loading…"</p> }
            }>
                {move || {
                    let reply = reply.clone();
                    Suspend::new(async move {
                        match rows.await {
                            Ok(rows) => checklist(rows, &reply).into_any(),
                            Err(error) => view! { <NoChecklist error /> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </main>
    }
}

/// The page once it is loaded: what can be said without asking anybody, and what was tried just now.
fn checklist(rows: Vec<CheckRow>, reply: &FormReply) -> impl IntoView + use<> {
    let rows = rows.into_iter().map(|row| row_view(row, reply)).collect_view();
    view! {
        <h1>{HEADING}</h1>
        <p>
            "What this installation needs to work. You see this page because your organization was the first one here. "
            "Settings stand in the environment of the server: change them there, and start it again. The command "
            <code>"grantlink doctor"</code> " checks the same, and the database and its keys."
        </p>
        {reply.error().map(|error| view! { <ErrorSummary error /> })}
        <ul class="rows" role="list">
            {rows}
        </ul>
        <SiteFooter />
    }
}

/// One line; what was tried just now takes the place of what was known before, and is announced.
fn row_view(row: CheckRow, reply: &FormReply) -> impl IntoView + use<> {
    let is_tried = reply.typed("name") == row.name;
    let row = if is_tried {
        CheckRow { outcome: reply.typed("outcome"), found: reply.typed("found"), remedy: reply.typed("remedy"), ..row }
    } else {
        row
    };
    let CheckRow { name, outcome, found, remedy, button } = row;
    let (tone, words) = match outcome.as_str() {
        "ok" => (Tone::Success, "In order"),
        "warning" => (Tone::Warning, "Have a look"),
        _ => (Tone::Danger, "To be mended"),
    };
    let title = format!("check-{name}");
    let labelled_by = title.clone();
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title" id=title>
                    <strong>{capitalized(&name)}</strong>
                    " "
                    <Badge tone>{words}</Badge>
                </p>
                <div role=is_tried.then_some("status")>
                    <p>{capitalized(&found)}</p>
                    {(!remedy.is_empty()).then(|| view! { <p class="row-meta">{capitalized(&remedy)}</p> })}
                </div>
            </div>
            {(!button.is_empty())
                .then(|| {
                    view! {
                        <form class="row-actions" method="post" action=paths::CHECKLIST>
                            <input type="hidden" name="check" value=name />
                            <button type="submit" class="button button-secondary" aria-describedby=labelled_by>
                                {button}
                            </button>
                        </form>
                    }
                })}
        </li>
    }
}

/// What the command says in the middle of a line stands by itself here. An address stays what it is.
fn capitalized(words: &str) -> String {
    if words.starts_with("http") {
        return words.to_owned();
    }
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// In place of what may not, or cannot, be shown. The response carries the status that says the same.
#[component]
fn NoChecklist(
    /// Why.
    error: AppError,
) -> impl IntoView {
    // Whoever is signed out is being sent to sign in.
    #[cfg(feature = "ssr")]
    if error != AppError::SignInNeeded {
        crate::server::door::refuse(&error);
    }
    view! { <PageTrouble heading=HEADING error /> }
}

#[cfg(test)]
mod tests {
    use super::capitalized;

    #[test]
    fn what_is_said_begins_with_a_capital_on_the_page_and_an_address_does_not() {
        assert_eq!(capitalized("mail"), "Mail");
        assert_eq!(capitalized("Instagram"), "Instagram");
        assert_eq!(capitalized("https://connect.example leads here"), "https://connect.example leads here");
        assert_eq!(capitalized(""), "");
    }
}
