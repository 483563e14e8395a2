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
    ui::{
        Latest,
        live::{Heard, listen},
    },
};
use leptos::{ev, prelude::*};

/// The dashboard's state. Loaded once with the page; afterwards only changed parts of it are redrawn.
#[derive(Clone, Copy)]
pub struct AccountsBoard {
    view: Latest<AccountsView>,
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
            view: Latest::load(load_accounts),
            news: RwSignal::new(None),
            stale: RwSignal::new(false),
            changes: RwSignal::new(0),
        };
        Effect::new(move |_| match board.view.later() {
            Some(Ok(view)) => board.take(view),
            Some(Err(_)) => board.stale.set(true),
            None => {}
        });
        Effect::new(move |_| {
            listen(paths::LIVE, &["accounts", "links", "members"], move |heard| match heard {
                Heard::Opened | Heard::Event(_) => {
                    board.refresh();
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

    /// Notes a later answer, and announces what is new in it.
    fn take(self, view: AccountsView) {
        let before = self.view.with_untracked(|seen| Some(seen.member.organization_id));
        if before.is_some_and(|before| before != view.member.organization_id) {
            // Everything on the page belongs to the other one.
            let _ = location().assign(paths::ACCOUNTS);
            return;
        }
        let news = self.view.with_untracked(|seen| news_since(&seen.accounts, &view.accounts));
        if news.is_some() {
            self.news.set(news);
        }
        self.view.show(view);
        self.stale.set(false);
    }

    /// What the page comes with, once it is there.
    ///
    /// # Errors
    /// Those of loading it.
    pub async fn loaded(self) -> Result<AccountsView, AppError> {
        self.view.loaded().await
    }

    /// Waits until it is known who looks, and for which organization: forms say so. Trouble with it, the page tells.
    pub async fn known(self) {
        let _ = self.view.loaded().await;
    }

    /// The organization that this window is about.
    pub fn organization_id(self) -> Signal<Option<OrganizationId>> {
        self.view.part(|view| Some(view.member.organization_id))
    }

    /// Who looks, with the role they have now: it may change while the page is open.
    pub fn member(self) -> Signal<Option<Member>> {
        self.view.part(|view| Some(view.member.clone()))
    }

    /// Whether who looks is led to what has to be set up for the installation.
    pub fn sets_up(self) -> Signal<bool> {
        self.view.part(|view| view.sets_up)
    }

    /// Whether who looks may do this now.
    pub fn may(self, permission: Permission) -> Signal<bool> {
        self.view.part(move |view| view.member.role.may(permission))
    }

    /// The organizations of who looks.
    pub fn organizations(self) -> Signal<Vec<OrganizationChoice>> {
        self.view.part(|view| view.organizations.clone())
    }

    /// The accounts, newest first.
    pub fn accounts(self) -> Signal<Vec<AccountView>> {
        self.view.part(|view| view.accounts.clone())
    }

    /// Asks the server again.
    pub fn refresh(self) {
        self.view.refresh();
    }

    /// The URL of the live request for the account of this id, as an address names it.
    pub fn request_url(self, account: &str) -> Option<String> {
        self.request_of(account.parse().ok()?)
    }

    /// The URL of the live request for this account, among those last seen.
    pub fn request_of(self, account: AccountId) -> Option<String> {
        self.view.with(|view| {
            view.requests.iter().find(|request| request.account_id == account).map(|request| request.url.clone())
        })
    }

    /// One account, among those last seen.
    pub async fn find(self, id: Option<AccountId>) -> Result<Option<AccountView>, AppError> {
        let view = self.view.latest().await?;
        Ok(id.and_then(|id| view.accounts.into_iter().find(|account| account.id == id)))
    }

    /// Takes an account off the list at once, says why, and asks the server for the rest.
    pub fn removed(self, id: AccountId, why: &str) {
        self.view.change(|view| view.accounts.retain(|account| account.id != id));
        self.news.set(Some(why.to_owned()));
        self.refresh();
    }

    /// Takes a disconnected account off the list at once, and says so by its name.
    pub fn disconnected(self, id: AccountId) {
        let account = self.view.with_untracked(|view| view.accounts.iter().find(|account| account.id == id).cloned());
        self.removed(id, &disconnected(account.as_ref()));
    }
}

/// What is said after a request was taken back.
pub const REQUEST_WITHDRAWN: &str = "The request is withdrawn, and its link is dead.";
