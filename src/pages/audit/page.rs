//! The activity of an organization: who did what, when and from where, newest first, a page at a time. All of it is in
//! the address, so that it works without JavaScript, and can be kept and passed on.

use super::load::load_audit;
use crate::{
    audit::{
        components::{EntryList, FilterForm},
        model::{ActivityView, Asked, EntryCursor},
    },
    error::AppError,
    pages::dashboard::page::PageTrouble,
    paths,
    ui::{EmptyState, SiteFooter},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What the page is called, here and in the sidebar.
pub const HEADING: &str = "Activity";

/// What happened, as the address asks for it.
#[component]
pub fn AuditScreen() -> impl IntoView {
    let query = use_query_map();
    let asked = move || query.with(|query| ["who", "what", "from", "to", "before"].map(|name| query.get(name)));
    let page =
        Resource::new(
            asked,
            |[who, what, from, to, before]| async move { load_audit(who, what, from, to, before).await },
        );
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => view! { <Activity view /> }.into_any(),
                        Err(error) => view! { <NoActivity error /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}

/// The page once it is loaded.
#[component]
fn Activity(
    /// What it came with.
    view: ActivityView,
) -> impl IntoView {
    let ActivityView { entries, next, is_later_page, asked, refused, people, actions } = view;
    let is_refused = refused.is_some();
    let download = asked.at(paths::AUDIT_CSV);
    let newest = asked.at(paths::AUDIT);
    let older = next.map(|place| older_path(&asked, place));
    let (none, why) = none_words(asked.is_filtered(), is_later_page);
    let list = if is_refused {
        None
    } else if entries.is_empty() {
        Some(
            view! {
                <EmptyState heading=none>
                    <p>{why}</p>
                </EmptyState>
            }
            .into_any(),
        )
    } else {
        Some(view! { <EntryList entries /> }.into_any())
    };
    view! {
        <div class="page-head">
            <h1>{HEADING}</h1>
            {(!is_refused)
                .then(|| {
                    view! {
                        <div class="page-actions">
                            <a class="button button-secondary" href=download rel="external">
                                "Download as CSV"
                            </a>
                        </div>
                    }
                })}
        </div>
        <p>
            "Who did what, when, and from which address. Nothing here can be changed or deleted: each entry is tied to the one before it."
        </p>
        <FilterForm asked refused people actions />
        {list}
        <p class="page-turns">
            {is_later_page
                .then(|| {
                    view! {
                        <a class="button button-secondary" href=newest>
                            "Newest entries"
                        </a>
                    }
                })}
            {older
                .map(|path| {
                    view! {
                        <a class="button button-secondary" href=path>
                            "Older entries"
                        </a>
                    }
                })}
        </p>
        <SiteFooter />
    }
}

/// The address of the entries after this place.
fn older_path(asked: &Asked, place: EntryCursor) -> String {
    let path = asked.at(paths::AUDIT);
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}before={place}")
}

/// What is said where there are no entries, and why.
const fn none_words(is_filtered: bool, is_later_page: bool) -> (&'static str, &'static str) {
    match (is_later_page, is_filtered) {
        (true, _) => ("No older entries", "There is nothing before this."),
        (false, true) => ("Nothing fits", "Choose other days, another person or another action."),
        (false, false) => ("Nothing has happened yet", "What people do here is listed as soon as they do it."),
    }
}

/// In place of what may not, or cannot, be shown. The response carries the status that says the same.
#[component]
fn NoActivity(
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

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <h1>{HEADING}</h1>
        <p role="status">"Loading the activity…"</p>
        <div class="skeleton" aria-hidden="true"></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_older_entries_asks_for_the_same() {
        let place = EntryCursor { at: 5, id: "0198f000000070008000000000000000".parse().unwrap() };
        let path = older_path(&Asked::default(), place);
        assert_eq!(path, "/audit?before=5-0198f000000070008000000000000000");
        let asked = Asked { who: "client".into(), ..Asked::default() };
        assert!(older_path(&asked, place).starts_with("/audit?who=client&before="));
    }
}
