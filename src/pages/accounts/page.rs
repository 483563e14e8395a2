//! The dashboard's first page: the accounts as rows, and whatever dialog the address asks for over them.

use super::{
    board::{AccountsBoard, REQUEST_WITHDRAWN},
    load::AccountsView,
};
use crate::{
    accounts::components::{AccountRows, NoAccounts, Standing, disconnected},
    identity::model::Member,
    ids::AccountId,
    organizations::model::Permission,
    pages::dashboard::page::{PageNews, PageTrouble, account_actions},
    paths,
    ui::{Go, Icon, SiteFooter},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_query_map, params::ParamsMap};

/// What the page is called, here and in the sidebar.
pub const HEADING: &str = "Instagram Accounts";
/// The id of the heading, which takes the focus when the row that had it is gone.
pub const ACCOUNTS_HEADING: &str = "accounts-heading";
/// The id of the button that adds an account, which has the focus again when that is done.
pub const NEW_CONNECTION_BUTTON: &str = "new-connection";

/// The list of accounts, with the dialogs that lie over it.
#[component]
pub fn AccountsScreen() -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    board.news.set(None);
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match board.loaded().await {
                        Ok(view) => Either::Left(view! { <Accounts board view /> }),
                        Err(error) => Either::Right(view! { <PageTrouble heading=HEADING error /> }),
                    }
                })}
            </Suspense>
        </main>
        <Outlet />
    }
}

/// The page once it is loaded.
#[component]
fn Accounts(
    /// What it shares with the dialogs.
    board: AccountsBoard,
    /// What it came with.
    view: AccountsView,
) -> impl IntoView {
    let Member { email, organization, .. } = view.member;
    let accounts = board.accounts();
    let some = Memo::new(move |_| accounts.with(|accounts| !accounts.is_empty()));
    let may = board.may(Permission::ShareLinks);
    let may_share = Memo::new(move |_| may.get());
    let query = use_query_map();
    let news = Signal::derive(move || board.news.get().unwrap_or_else(|| query.with(told)));
    let empty = move || {
        view! { <NoAccounts organization=organization.clone() email=email.clone() may_share=may_share.get() /> }
    };
    let actions =
        Callback::new(move |(id, standing): (AccountId, Standing)| account_actions(board, query, id, standing));
    view! {
        <div class="page-head">
            <h1 id=ACCOUNTS_HEADING tabindex="-1">
                {HEADING}
            </h1>
            <Show
                when=move || may_share.get()
                fallback=|| {
                    view! {
                        <Go path=paths::CONNECT_LINKS class="button button-secondary">
                            <Icon name="link" />
                            <span>"See connect-links"</span>
                        </Go>
                    }
                }
            >
                <div class="page-actions">
                    <Go path=paths::NEW_CONNECTION class="button button-secondary" id=NEW_CONNECTION_BUTTON>
                        <Icon name="plus" />
                        <span>"New Instagram connection"</span>
                    </Go>
                    <Go path=paths::CONNECT_LINKS class="button button-primary">
                        <Icon name="link" />
                        <span>"Share a connect-link"</span>
                    </Go>
                </div>
            </Show>
        </div>
        <PageNews board news />
        <Show when=move || some.get() fallback=empty>
            <AccountRows accounts may_act=may_share actions />
        </Show>
        <SiteFooter />
    }
}

/// The news that a plain form came back with in the address.
fn told(query: &ParamsMap) -> String {
    if query.get_str("disconnected").is_some() {
        disconnected(None)
    } else if query.get_str("withdrawn").is_some() {
        REQUEST_WITHDRAWN.to_owned()
    } else {
        String::new()
    }
}

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <h1>{HEADING}</h1>
        <p role="status">"Loading your accounts…"</p>
        <div class="skeleton" aria-hidden="true"></div>
    }
}
