//! The page of the settings with the picture of what clients will see, and the page that asks before the organization
//! is deleted. Both are plain forms that come back to their own page; a refused one has the refusal's title.

use crate::{
    error::AppError,
    organizations::settings::{
        components::{DeleteOrganizationForm, SettingsForm},
        model::{EndView, SettingsView},
        server_fns::{load_organization_end, load_settings},
    },
    pages::{accounts::board::AccountsBoard, dashboard::page::PageTrouble},
    paths,
    ui::{ErrorSummary, SiteFooter, Status, use_form_reply},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// What the page is called, here and in the sidebar.
pub const HEADING: &str = "Settings";
/// What the page that asks is called before its organization is known.
const DELETE_HEADING: &str = "Delete organization";

/// The settings.
#[component]
pub fn SettingsScreen() -> impl IntoView {
    let frame = expect_context::<AccountsBoard>();
    let page = Resource::new(|| (), |()| load_settings());
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Suspense fallback=|| view! { <Loading heading=HEADING /> }>
                {move || Suspend::new(async move {
                    // The form says which organization it is about.
                    frame.known().await;
                    match page.await {
                        Ok(view) => Either::Left(view! { <Settings view /> }),
                        Err(error) => Either::Right(view! { <NotGiven heading=HEADING error /> }),
                    }
                })}
            </Suspense>
        </main>
    }
}

/// The page once it is loaded.
#[component]
fn Settings(
    /// What it came with.
    view: SettingsView,
) -> impl IntoView {
    let refused = use_form_reply().error();
    let saved = use_query_map().with_untracked(|query| query.get_str("saved").is_some()) && refused.is_none();
    let title = match (&refused, saved) {
        (Some(_), _) => "Settings not saved",
        (None, true) => "Settings saved",
        (None, false) => HEADING,
    };
    let news = if saved { "Saved. Your clients see it from now on." } else { "" };
    let may_delete = view.may_delete;
    view! {
        <Title text=title />
        <div class="page-head">
            <h1>{HEADING}</h1>
        </div>
        <p class="page-news">
            <Status text=Signal::stored(news.to_owned()) />
        </p>
        {refused.map(|error| view! { <ErrorSummary error /> })}
        <SettingsForm view />
        {may_delete
            .then(|| {
                view! {
                    <section class="stack" aria-labelledby="end-heading">
                        <h2 id="end-heading">"Delete the organization"</h2>
                        <p>"Every link is dead and every account disconnected from that moment on. You are asked first."</p>
                        <a class="button button-secondary" href=paths::DELETE_ORGANIZATION>
                            "Delete organization"
                        </a>
                    </section>
                }
            })}
        <SiteFooter />
    }
}

/// The page that asks before the organization is deleted.
#[component]
pub fn DeleteOrganizationScreen() -> impl IntoView {
    let frame = expect_context::<AccountsBoard>();
    let page = Resource::new(|| (), |()| load_organization_end());
    view! {
        <Title text=DELETE_HEADING />
        <main class="page" id="main">
            <Suspense fallback=|| view! { <Loading heading=DELETE_HEADING /> }>
                {move || Suspend::new(async move {
                    // The form says which organization it is about.
                    frame.known().await;
                    match page.await {
                        Ok(view) => Either::Left(view! { <DeleteOrganization view /> }),
                        Err(error) => Either::Right(view! { <NotGiven heading=DELETE_HEADING error /> }),
                    }
                })}
            </Suspense>
        </main>
    }
}

/// The question once it is known what it is about.
#[component]
fn DeleteOrganization(
    /// What goes.
    view: EndView,
) -> impl IntoView {
    let refused = use_form_reply().error();
    let title = if refused.is_some() { "Organization not deleted" } else { DELETE_HEADING };
    let heading = format!("Delete {}?", view.name);
    view! {
        <Title text=title />
        <h1>
            <bdi>{heading}</bdi>
        </h1>
        {refused.map(|error| view! { <ErrorSummary error /> })}
        <DeleteOrganizationForm view />
        <SiteFooter />
    }
}

/// In place of a page that could not be given. The response carries the status that says the same.
#[component]
fn NotGiven(
    /// What was to be shown.
    heading: &'static str,
    /// Why it is not.
    error: AppError,
) -> impl IntoView {
    // Whoever is signed out is being sent to sign in.
    #[cfg(feature = "ssr")]
    if error != AppError::SignInNeeded {
        crate::server::door::refuse(&error);
    }
    view! { <PageTrouble heading error /> }
}

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading(
    /// What is loaded.
    heading: &'static str,
) -> impl IntoView {
    view! {
        <h1>{heading}</h1>
        <p role="status">"Loading…"</p>
        <div class="skeleton" aria-hidden="true"></div>
    }
}
