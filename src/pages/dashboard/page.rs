//! The frame of every page for members. It stays while the page in it changes: the sidebar keeps its place and the
//! focus, and what keeps the list of accounts up to date goes on.

use crate::{
    accounts::components::{DisconnectButton, SidebarAccounts, Standing, title_id},
    error::AppError,
    ids::AccountId,
    links::components::{ReconnectActions, RequestActions},
    organizations::{
        components::{OrganizationSwitcher, WindowOf},
        model::Permission,
    },
    pages::{
        accounts::{board::AccountsBoard, page::HEADING},
        audit::page::HEADING as ACTIVITY,
        checklist::page::HEADING as SETUP,
        members::page::HEADING as MEMBERS,
        plan::page::HEADING as PLAN,
        settings::page::HEADING as SETTINGS,
    },
    paths,
    ui::{Avatar, Banner, ErrorView, Icon, PageReference, SandboxNotice, SiteFooter, Status, Tone, site::use_site},
};
use leptos::{either::Either, prelude::*};
use leptos_router::{components::Outlet, hooks::use_location, params::ParamsMap};

/// The sidebar, and the page that the address asks for beside it.
#[component]
pub fn DashboardScreen() -> impl IntoView {
    let board = AccountsBoard::load();
    provide_context(board);
    provide_context(WindowOf(board.organization_id()));
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
    /// The accounts of the organization, and who looks.
    board: AccountsBoard,
) -> impl IntoView {
    view! {
        <header class="sidebar">
            <Suspense>
                {move || Suspend::new(async move {
                    // The page beside it says what went wrong.
                    board.known().await;
                    view! {
                        <Organization board />
                        <Places board />
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

/// The organization that is worked for; where there are more, the switch to another one.
#[component]
fn Organization(
    /// What knows it.
    board: AccountsBoard,
) -> impl IntoView {
    let (member, organizations) = (board.member(), board.organizations());
    let name = Memo::new(move |_| member.with(|member| member.as_ref().map(|member| member.organization.clone())));
    let others = Memo::new(move |_| organizations.get());
    move || {
        name.get().map(|current| {
            let organizations = others.get();
            if organizations.len() > 1 {
                Either::Left(view! { <OrganizationSwitcher organizations current /> })
            } else {
                Either::Right(view! {
                    <p class="sidebar-organization">
                        <Avatar name=current.clone() />
                        <strong>{current}</strong>
                    </p>
                })
            }
        })
    }
}

/// Where to go: the accounts, and whatever else the role of who looks allows. A role that changes while the page is
/// open changes this, too.
#[component]
fn Places(
    /// The accounts of the organization, and who looks.
    board: AccountsBoard,
) -> impl IntoView {
    let pathname = use_location().pathname;
    let open = Memo::new(move |_| pathname.with(|path| account_at(path)));
    let member = board.member();
    let role = Memo::new(move |_| member.with(|member| member.as_ref().map(|member| member.role)));
    let email = Memo::new(move |_| member.with(|member| member.as_ref().map(|member| member.email.clone())));
    let here = move |place: &'static str| Signal::derive(move || pathname.with(|path| paths::is_below(path, place)));
    let at_accounts = here(paths::ACCOUNTS);
    let has_plans = use_site().plans;
    let sets_up = board.sets_up();
    let sets_up = Memo::new(move |_| sets_up.get());
    view! {
        <nav class="sidebar-nav" aria-label="Main">
            <Place
                path=paths::ACCOUNTS
                icon="accounts"
                current=Signal::derive(move || at_accounts.get() && open.get().is_none())
            >
                {HEADING}
            </Place>
            <SidebarAccounts accounts=board.accounts() open />
            <div class="sidebar-places">
                {move || {
                    let role = role.get()?;
                    let places = OTHER_PLACES
                        .into_iter()
                        .filter(|place| role.may(place.permission) && (has_plans || place.path != paths::PLAN))
                        .map(|OtherPlace { path, icon, words, .. }| {
                            view! {
                                <Place path icon current=here(path)>
                                    {words}
                                </Place>
                            }
                        })
                        .collect_view();
                    Some(places)
                }}
                {move || {
                    sets_up
                        .get()
                        .then(|| {
                            view! {
                                <Place path=paths::CHECKLIST icon="check" current=here(paths::CHECKLIST)>
                                    {SETUP}
                                </Place>
                            }
                        })
                }}
            </div>
            <div class="sidebar-you">
                {move || {
                    email
                        .get()
                        .map(|email| {
                            view! {
                                <Place path=paths::YOU icon="person" current=here(paths::YOU)>
                                    <span class="sidebar-email">{email}</span>
                                </Place>
                            }
                        })
                }}
            </div>
        </nav>
    }
}

/// A page beside the accounts' own, and what a member needs to see it.
struct OtherPlace {
    path: &'static str,
    icon: &'static str,
    words: &'static str,
    permission: Permission,
}

const OTHER_PLACES: [OtherPlace; 4] = [
    OtherPlace { path: paths::MEMBERS, icon: "members", words: MEMBERS, permission: Permission::SeeAccounts },
    OtherPlace { path: paths::AUDIT, icon: "activity", words: ACTIVITY, permission: Permission::ReadAudit },
    OtherPlace { path: paths::SETTINGS, icon: "settings", words: SETTINGS, permission: Permission::ManageSettings },
    // Everybody may see it; those who decide about it are led there.
    OtherPlace { path: paths::PLAN, icon: "plan", words: PLAN, permission: Permission::OwnOrganization },
];

/// A link of the sidebar.
#[component]
fn Place(
    /// Where it leads.
    path: &'static str,
    /// Its drawing.
    icon: &'static str,
    /// Whether the page is there.
    current: Signal<bool>,
    /// What it says.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="sidebar-link" href=path aria-current=move || current.get().then_some("page")>
            <Icon name=icon />
            <span>{children()}</span>
        </a>
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
    fn a15_a_viewer_is_led_to_no_page_that_would_be_refused() {
        use crate::organizations::model::Role;
        let seen_by = |role: Role| -> Vec<_> {
            OTHER_PLACES.iter().filter(|place| role.may(place.permission)).map(|place| place.words).collect()
        };
        assert_eq!(seen_by(Role::Viewer), ["Members"]);
        assert_eq!(seen_by(Role::Member), ["Members"]);
        assert_eq!(seen_by(Role::Admin), ["Members", "Activity", "Settings"]);
        assert_eq!(seen_by(Role::Owner), ["Members", "Activity", "Settings", "Plan"]);
    }

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
