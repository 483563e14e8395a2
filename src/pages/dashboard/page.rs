//! The dashboard's frame. It stays while the page in it changes: the sidebar keeps its place and the focus, and what
//! keeps the list of accounts up to date goes on.

use crate::{
    accounts::components::{DisconnectButton, SidebarAccounts, Standing, title_id},
    error::AppError,
    ids::AccountId,
    links::components::{ReconnectActions, RequestActions},
    pages::accounts::{board::AccountsBoard, page::HEADING},
    paths,
    ui::{Avatar, Banner, ErrorView, Icon, PageReference, SandboxNotice, SiteFooter, Status, Tone},
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location, params::ParamsMap};

/// The sidebar, and the page that the address asks for beside it.
#[component]
pub fn DashboardScreen() -> impl IntoView {
    let board = AccountsBoard::load();
    provide_context(board);
    view! {
        <SandboxNotice />
        <a class="skip-link button button-secondary" href="#main" rel="external">
            "Skip to the page"
        </a>
        <div class="app">
            <Sidebar board />
            <Outlet />
        </div>
    }
}

/// Who works here, where to go, and the way out.
#[component]
fn Sidebar(
    /// The accounts of the organization.
    board: AccountsBoard,
) -> impl IntoView {
    let pathname = use_location().pathname;
    let open = Memo::new(move |_| pathname.with(|path| account_at(path)));
    view! {
        <header class="sidebar">
            <Suspense>
                {move || Suspend::new(async move {
                    // The page beside it says what went wrong.
                    let organization = board
                        .first
                        .await
                        .ok()
                        .map(|view| {
                            let organization = view.member.organization.clone();
                            board.start(view);
                            organization
                        });
                    view! {
                        {organization
                            .map(|organization| {
                                view! {
                                    <p class="sidebar-organization">
                                        <Avatar name=organization.clone() />
                                        <strong>{organization}</strong>
                                    </p>
                                }
                            })}
                        <nav class="sidebar-nav" aria-label="Main">
                            <a
                                class="sidebar-link"
                                href=paths::ACCOUNTS
                                aria-current=move || open.get().is_none().then_some("page")
                            >
                                <Icon name="accounts" />
                                <span>{HEADING}</span>
                            </a>
                            <SidebarAccounts accounts=board.accounts() open />
                        </nav>
                        <form class="sidebar-foot" method="post" action=paths::SIGN_OUT>
                            <button class="button button-quiet" type="submit">
                                <Icon name="sign-out" />
                                <span>"Sign out"</span>
                            </button>
                        </form>
                    }
                })}
            </Suspense>
        </header>
    }
}

/// The account whose page lies at this path, if it is one.
fn account_at(path: &str) -> Option<AccountId> {
    path.strip_prefix(paths::ACCOUNTS)?.trim_matches('/').parse().ok()
}

/// What happened last, and whether the page may have missed something (U26).
#[component]
pub fn PageNews(
    /// What keeps the page up to date.
    board: AccountsBoard,
    /// What happened last; empty for nothing.
    news: Signal<String>,
) -> impl IntoView {
    let pathname = use_location().pathname;
    view! {
        <p class="page-news">
            <Status text=news />
        </p>
        {move || {
            board
                .stale
                .get()
                .then(|| {
                    view! {
                        <Banner tone=Tone::Warning role="status">
                            "This page does not update by itself right now. "
                            <a href=move || pathname.get() rel="external">
                                "Reload it"
                            </a> " to see what is new."
                        </Banner>
                    }
                })
        }}
    }
}

/// In place of a page that could not be given.
#[component]
pub fn PageTrouble(
    /// What was to be shown.
    heading: &'static str,
    /// Why it is not.
    error: AppError,
) -> impl IntoView {
    view! {
        <h1>{heading}</h1>
        <ErrorView error=error.clone() />
        <PageReference error />
        <SiteFooter />
    }
}

/// What a member who may share can do about an account that stands so, in its row and on its page.
pub fn account_actions(
    board: AccountsBoard,
    query: Memo<ParamsMap>,
    account: AccountId,
    standing: Standing,
) -> AnyView {
    let named_by = title_id(account);
    // A plain form came back to show the new URL.
    let shown = Signal::derive(move || {
        let wanted = query.with(|query| query.get_str("request").is_some_and(|asked| asked == account.to_string()));
        if wanted { board.request_of(account) } else { None }
    });
    match standing {
        Standing::Pending => view! { <RequestActions account shown named_by /> }.into_any(),
        Standing::Active => view! {
            <div class="row-actions">
                <DisconnectButton account named_by />
            </div>
        }
        .into_any(),
        Standing::Dead => {
            let asked = Signal::derive(move || board.request_of(account).is_some());
            view! {
                <ReconnectActions account asked shown named_by=named_by.clone()>
                    <DisconnectButton account named_by />
                </ReconnectActions>
            }
            .into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_accounts_own_page_is_its_page() {
        let id: AccountId = "0198f000000070008000000000000000".parse().unwrap();
        assert_eq!(account_at(&paths::account(id)), Some(id));
        assert_eq!(account_at(&format!("{}/", paths::account(id))), Some(id));
        for other in [paths::ACCOUNTS, paths::NEW_CONNECTION, &paths::disconnect_account(id), &paths::deletion("x")] {
            assert_eq!(account_at(other), None, "{other}");
        }
    }
}
