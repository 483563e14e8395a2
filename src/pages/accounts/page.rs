//! The dashboard's screen: the sidebar, the accounts as rows, and whatever dialog the address asks for over them.

use super::{
    board::{AccountsBoard, DISCONNECTED, REQUEST_WITHDRAWN},
    load::AccountsView,
};
use crate::{
    accounts::components::{AccountRows, NoAccounts, SidebarAccounts},
    identity::model::Member,
    ids::AccountId,
    links::components::RequestActions,
    paths,
    ui::{Avatar, Banner, ErrorView, Go, Icon, PageReference, SandboxNotice, SiteFooter, Status, Tone},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_query_map};

const HEADING: &str = "Instagram Accounts";
/// The id of the heading, which takes the focus when the row that had it is gone.
pub const ACCOUNTS_HEADING: &str = "accounts-heading";

/// The dashboard, with the dialogs that lie over it.
#[component]
pub fn AccountsScreen() -> impl IntoView {
    let board = AccountsBoard::load();
    provide_context(board);
    view! {
        <Title text=HEADING />
        <SandboxNotice />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match board.first.await {
                    Ok(view) => Either::Left(view! { <Dashboard board view /> }),
                    Err(error) => {
                        Either::Right(
                            view! {
                                <main class="page" id="main">
                                    <h1>{HEADING}</h1>
                                    <ErrorView error=error.clone() />
                                    <PageReference error />
                                    <SiteFooter />
                                </main>
                            },
                        )
                    }
                }
            })}
        </Suspense>
        <Outlet />
    }
}

/// The page once it is loaded.
#[component]
fn Dashboard(
    /// What it shares with the dialogs.
    board: AccountsBoard,
    /// What it came with.
    view: AccountsView,
) -> impl IntoView {
    let member = view.member.clone();
    board.start(view);
    let accounts = board.accounts();
    let some = Memo::new(move |_| accounts.with(|accounts| !accounts.is_empty()));
    let query = use_query_map();
    // A plain form came back with its news in the address.
    let news = Signal::derive(move || {
        board.news.get().unwrap_or_else(|| {
            query.with(|query| {
                let said = [("disconnected", DISCONNECTED), ("withdrawn", REQUEST_WITHDRAWN)];
                let told = said.into_iter().find(|(name, _)| query.get_str(name).is_some());
                told.map(|(_, words)| words.to_owned()).unwrap_or_default()
            })
        })
    });
    let Member { email, organization, role, .. } = member;
    let empty = {
        let organization = organization.clone();
        move || view! { <NoAccounts organization=organization.clone() email=email.clone() may_share=role.may_share() /> }
    };
    let pending_actions = Callback::new(move |id: AccountId| {
        // A plain form came back to show the new URL.
        let shown = Signal::derive(move || {
            query
                .with(|query| query.get_str("request").filter(|asked| *asked == id.to_string()).map(str::to_owned))
                .and_then(|asked| board.request_url(&asked))
        });
        view! { <RequestActions account=id shown named_by=format!("account-{id}-title") /> }.into_any()
    });
    view! {
        <a class="skip-link button button-secondary" href="#main" rel="external">
            "Skip to the accounts"
        </a>
        <div class="app">
            <Sidebar organization board />
            <main class="page" id="main">
                <div class="page-head">
                    <h1 id=ACCOUNTS_HEADING tabindex="-1">
                        {HEADING}
                    </h1>
                    <div class="page-actions">
                        <Go path=paths::NEW_CONNECTION class="button button-secondary">
                            <Icon name="plus" />
                            <span>"New Instagram connection"</span>
                        </Go>
                        <Go path=paths::CONNECT_LINKS class="button button-primary">
                            <Icon name="link" />
                            <span>"Share a connect-link"</span>
                        </Go>
                    </div>
                </div>
                <p class="page-news">
                    <Status text=news />
                </p>
                {move || board.stale.get().then(|| view! { <Stale /> })}
                <Show when=move || some.get() fallback=empty>
                    <AccountRows accounts may_disconnect=role.may_share() pending_actions />
                </Show>
                <SiteFooter />
            </main>
        </div>
    }
}

/// Who works here, where to go, and the way out.
#[component]
fn Sidebar(
    /// The organization.
    organization: String,
    /// The accounts in it.
    board: AccountsBoard,
) -> impl IntoView {
    view! {
        <header class="sidebar">
            <p class="sidebar-organization">
                <Avatar name=organization.clone() />
                <strong>{organization}</strong>
            </p>
            <nav class="sidebar-nav" aria-label="Main">
                <a class="sidebar-link" href=paths::ACCOUNTS aria-current="page">
                    <Icon name="accounts" />
                    <span>{HEADING}</span>
                </a>
                <SidebarAccounts accounts=board.accounts() />
            </nav>
            <form class="sidebar-foot" method="post" action=paths::SIGN_OUT>
                <button class="button button-quiet" type="submit">
                    <Icon name="sign-out" />
                    <span>"Sign out"</span>
                </button>
            </form>
        </header>
    }
}

/// Said when the page cannot keep up by itself (U26).
#[component]
fn Stale() -> impl IntoView {
    view! {
        <Banner tone=Tone::Warning role="status">
            "This page does not update by itself right now. "
            <a href=paths::ACCOUNTS rel="external">
                "Reload it"
            </a> " to see the newest accounts."
        </Banner>
    }
}

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <main class="page" id="main">
            <h1>{HEADING}</h1>
            <p role="status">"Loading your accounts…"</p>
            <div class="skeleton" aria-hidden="true"></div>
        </main>
    }
}
