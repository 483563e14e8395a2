//! What the connect-link dialog and the question over it share: the links as last seen, and how to look again.

use super::load::{ConnectLinksView, load_connect_links};
use crate::{error::AppError, ids::LinkId, links::model::LinkView, pages::accounts::board::AccountsBoard};
use leptos::prelude::*;

/// The dialog's state.
#[derive(Clone, Copy)]
pub struct LinksBoard {
    /// What the dialog came with.
    pub first: OnceResource<Result<ConnectLinksView, AppError>>,
    /// What was seen last; `None` until the first load is there.
    seen: RwSignal<Option<ConnectLinksView>>,
    /// Asks the server again.
    again: Action<(), Result<ConnectLinksView, AppError>>,
    /// What happened last, for the status region.
    pub news: RwSignal<Option<String>>,
    /// Deleted since the dialog was opened.
    deleted: RwSignal<Vec<LinkId>>,
    /// What the frame around it knows.
    frame: Option<AccountsBoard>,
}

impl LinksBoard {
    /// Starts loading, and looks again whenever the dashboard below hears of a change.
    pub fn load() -> Self {
        let board = Self {
            first: OnceResource::new(load_connect_links()),
            seen: RwSignal::new(None),
            again: Action::new(|(): &()| load_connect_links()),
            news: RwSignal::new(None),
            deleted: RwSignal::new(Vec::new()),
            frame: use_context::<AccountsBoard>(),
        };
        Effect::new(move |_| {
            if let Some(Ok(view)) = board.again.value().get() {
                board.seen.set(Some(view));
            }
        });
        Effect::new(move |before: Option<u32>| {
            let changes = board.frame.map(|frame| frame.changes.get()).unwrap_or_default();
            if before.is_some() {
                board.refresh();
            }
            changes
        });
        board
    }

    /// What the dialog comes with, once the frame knows which organization it is about.
    ///
    /// # Errors
    /// Those of loading it.
    pub async fn loaded(self) -> Result<ConnectLinksView, AppError> {
        if let Some(frame) = self.frame {
            frame.known().await;
        }
        self.first.await
    }

    /// Notes what the dialog came with.
    pub fn start(self, view: ConnectLinksView) {
        if self.seen.with_untracked(Option::is_none) {
            self.seen.set(Some(view));
        }
    }

    /// Asks the server again.
    pub fn refresh(self) {
        self.again.dispatch(());
    }

    /// The links, newest first.
    pub fn links(self) -> Signal<Vec<LinkView>> {
        Signal::derive(move || self.seen.with(|seen| seen.as_ref().map(|seen| seen.links.clone()).unwrap_or_default()))
    }

    /// Whether the plan includes links now.
    pub fn included(self) -> Signal<bool> {
        Signal::derive(move || self.seen.with(|seen| seen.as_ref().is_some_and(|seen| seen.included)))
    }

    /// Whether this link was deleted while the dialog was open.
    pub fn is_deleted(self, id: LinkId) -> bool {
        self.deleted.with(|deleted| deleted.contains(&id))
    }

    /// One link, among those last seen.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for a viewer, who deletes none (A15).
    pub async fn find(self, id: Option<LinkId>) -> Result<Option<LinkView>, AppError> {
        let first = self.loaded().await?;
        if !first.may_share {
            return Err(AppError::Forbidden);
        }
        let Some(id) = id else { return Ok(None) };
        let find = |view: &ConnectLinksView| view.links.iter().find(|link| link.id == id).cloned();
        Ok(self.seen.with_untracked(|seen| seen.as_ref().map_or_else(|| find(&first), find)))
    }

    /// Takes a link off the list at once, says so, and asks the server for the rest.
    pub fn deleted(self, id: LinkId) {
        self.deleted.update(|deleted| deleted.push(id));
        self.seen.update(|seen| {
            if let Some(seen) = seen {
                seen.links.retain(|link| link.id != id);
            }
        });
        self.news.set(Some(LINK_DELETED.to_owned()));
        self.refresh();
    }
}

/// What is said after a link was deleted (U23).
pub const LINK_DELETED: &str = "Link deleted";
