//! What the pages of the dashboard and the dialogs over them share: the accounts as last seen, and how to look again.

use super::load::{AccountsView, load_accounts};
use crate::{
    accounts::{
        components::{disconnected, news::news_since},
        model::AccountView,
    },
    error::AppError,
    identity::model::Member,
    ids::{AccountId, OrganizationId},
    organizations::model::{OrganizationChoice, Permission},
    paths,
    ui::live::{Heard, listen},
};
use leptos::{ev, prelude::*};

/// The dashboard's state. Loaded once with the page; afterwards only changed parts of it are redrawn.
#[derive(Clone, Copy)]
pub struct AccountsBoard {
    /// What the page came with.
    pub first: OnceResource<Result<AccountsView, AppError>>,
    /// What was seen last; `None` until the first load is there.
    seen: RwSignal<Option<AccountsView>>,
    /// Asks the server again.
    again: Action<(), Result<AccountsView, AppError>>,
    /// What happened last, for the status region.
    pub news: RwSignal<Option<String>>,
    /// Whether the page may have missed something.
    pub stale: RwSignal<bool>,
    /// Goes up whenever something changed in the organization.
    pub changes: RwSignal<u32>,
}

impl AccountsBoard {
    /// Starts loading, and in the browser keeps up with changes (S17, U26).
    pub fn load() -> Self {
        let board = Self {
            first: OnceResource::new(load_accounts()),
            seen: RwSignal::new(None),
            again: Action::new(|(): &()| load_accounts()),
            news: RwSignal::new(None),
            stale: RwSignal::new(false),
            changes: RwSignal::new(0),
        };
        Effect::new(move |_| match board.again.value().get() {
            Some(Ok(view)) => board.take(view),
            Some(Err(_)) => board.stale.set(true),
            None => {}
        });
        Effect::new(move |_| {
            listen(paths::LIVE, &["accounts", "links", "members"], move |heard| match heard {
                Heard::Opened | Heard::Event(_) => {
                    board.again.dispatch(());
                    board.changes.update(|n| *n = n.wrapping_add(1));
                }
                Heard::Ended => board.stale.set(true),
            });
        });
        // Another window of this browser may have gone over to another organization, and this one with it: whoever comes
        // back here has to see that before they press anything.
        Effect::new(move |_| {
            let back = window_event_listener(ev::focus, move |_| board.refresh());
            on_cleanup(move || back.remove());
        });
        board
    }

    /// Notes what the page came with.
    pub fn start(self, view: AccountsView) {
        if self.seen.with_untracked(Option::is_none) {
            self.seen.set(Some(view));
        }
    }

    /// Notes a later answer, and announces what is new in it.
    fn take(self, view: AccountsView) {
        let elsewhere = self.seen.with_untracked(|seen| {
            seen.as_ref().is_some_and(|seen| seen.member.organization_id != view.member.organization_id)
        });
        if elsewhere {
            // Everything on the page belongs to the other one.
            let _ = location().assign(paths::ACCOUNTS);
            return;
        }
        let news =
            self.seen.with_untracked(|seen| seen.as_ref().and_then(|seen| news_since(&seen.accounts, &view.accounts)));
        if news.is_some() {
            self.news.set(news);
        }
        self.seen.set(Some(view));
        self.stale.set(false);
    }

    /// Waits until it is known who looks, and for which organization: forms say so.
    pub async fn known(self) {
        if let Ok(view) = self.first.await {
            self.start(view);
        }
    }

    /// The organization that this window is about.
    pub fn organization_id(self) -> Signal<Option<OrganizationId>> {
        Signal::derive(move || self.seen.with(|seen| seen.as_ref().map(|seen| seen.member.organization_id)))
    }

    /// Who looks, with the role they have now: it may change while the page is open.
    pub fn member(self) -> Signal<Option<Member>> {
        Signal::derive(move || self.seen.with(|seen| seen.as_ref().map(|seen| seen.member.clone())))
    }

    /// Whether who looks is led to what has to be set up for the installation.
    pub fn sets_up(self) -> Signal<bool> {
        Signal::derive(move || self.seen.with(|seen| seen.as_ref().is_some_and(|seen| seen.sets_up)))
    }

    /// Whether who looks may do this now.
    pub fn may(self, permission: Permission) -> Signal<bool> {
        Signal::derive(move || {
            self.seen.with(|seen| seen.as_ref().is_some_and(|seen| seen.member.role.may(permission)))
        })
    }

    /// The organizations of who looks.
    pub fn organizations(self) -> Signal<Vec<OrganizationChoice>> {
        Signal::derive(move || {
            self.seen.with(|seen| seen.as_ref().map(|seen| seen.organizations.clone()).unwrap_or_default())
        })
    }

    /// The accounts, newest first.
    pub fn accounts(self) -> Signal<Vec<AccountView>> {
        Signal::derive(move || {
            self.seen.with(|seen| seen.as_ref().map(|seen| seen.accounts.clone()).unwrap_or_default())
        })
    }

    /// Asks the server again.
    pub fn refresh(self) {
        self.again.dispatch(());
    }

    /// The URL of the live request for the account of this id, as an address names it.
    pub fn request_url(self, account: &str) -> Option<String> {
        self.request_of(account.parse().ok()?)
    }

    /// The URL of the live request for this account, among those last seen.
    pub fn request_of(self, account: AccountId) -> Option<String> {
        self.seen.with(|seen| {
            let request = seen.as_ref()?.requests.iter().find(|request| request.account_id == account)?;
            Some(request.url.clone())
        })
    }

    /// One account, among those last seen.
    pub async fn find(self, id: Option<AccountId>) -> Result<Option<AccountView>, AppError> {
        let first = self.first.await?;
        self.start(first.clone());
        let Some(id) = id else { return Ok(None) };
        let find = |view: &AccountsView| view.accounts.iter().find(|account| account.id == id).cloned();
        Ok(self.seen.with_untracked(|seen| seen.as_ref().map_or_else(|| find(&first), find)))
    }

    /// Takes an account off the list at once, says why, and asks the server for the rest.
    pub fn removed(self, id: AccountId, why: &str) {
        self.seen.update(|seen| {
            if let Some(seen) = seen {
                seen.accounts.retain(|account| account.id != id);
            }
        });
        self.news.set(Some(why.to_owned()));
        self.refresh();
    }

    /// Takes a disconnected account off the list at once, and says so by its name.
    pub fn disconnected(self, id: AccountId) {
        let why = self.seen.with_untracked(|seen| {
            let accounts = seen.as_ref().map(|seen| seen.accounts.as_slice()).unwrap_or_default();
            disconnected(accounts.iter().find(|account| account.id == id))
        });
        self.removed(id, &why);
    }
}

/// What is said after a request was taken back.
pub const REQUEST_WITHDRAWN: &str = "The request is withdrawn, and its link is dead.";
