//! What the connect-link dialog and the question over it share: the links as last seen, and how to look again.

use super::load::{ConnectLinksView, load_connect_links};
use crate::{error::AppError, ids::LinkId, links::model::LinkView, pages::accounts::board::AccountsBoard, ui::Latest};
use leptos::prelude::*;

/// The dialog's state.
#[derive(Clone, Copy)]
pub struct LinksBoard {
    view: Latest<ConnectLinksView>,
    /// What happened last, for the status region.
    pub news: RwSignal<Option<String>>,
    /// Deleted since the dialog was opened.
    deleted: RwSignal<Vec<LinkId>>,
    /// What the frame around it knows.
    frame: AccountsBoard,
}

impl LinksBoard {
    /// Starts loading, and looks again whenever the dashboard below hears of a change.
    pub fn load() -> Self {
        let frame = expect_context::<AccountsBoard>();
        let view = Latest::load(load_connect_links);
        view.follow(frame.changes);
        Self { view, news: RwSignal::new(None), deleted: RwSignal::new(Vec::new()), frame }
    }

    /// What the dialog comes with, once the frame knows which organization it is about.
    ///
    /// # Errors
    /// Those of loading it.
    pub async fn loaded(self) -> Result<ConnectLinksView, AppError> {
        self.frame.known().await;
        self.view.loaded().await
    }

    /// Asks the server again.
    pub fn refresh(self) {
        self.view.refresh();
    }

    /// The links, newest first.
    pub fn links(self) -> Signal<Vec<LinkView>> {
        self.view.part(|view| view.links.clone())
    }

    /// Whether the plan includes links now.
    pub fn included(self) -> Signal<bool> {
        self.view.part(|view| view.included)
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
        self.frame.known().await;
        let view = self.view.latest().await?;
        if !view.may_share {
            return Err(AppError::Forbidden);
        }
        Ok(id.and_then(|id| view.links.into_iter().find(|link| link.id == id)))
    }

    /// Takes a link off the list at once, says so, and asks the server for the rest.
    pub fn deleted(self, id: LinkId) {
        self.deleted.update(|deleted| deleted.push(id));
        self.view.change(|view| view.links.retain(|link| link.id != id));
        self.news.set(Some(LINK_DELETED.to_owned()));
        self.refresh();
    }
}

/// What is said after a link was deleted (U23).
pub const LINK_DELETED: &str = "Link deleted";
