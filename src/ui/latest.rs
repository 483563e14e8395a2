//! An answer of the server that a page shows for a while: as the page came with it, and as it was seen last.
//! What the answer is about, its page knows; this only keeps it, and asks again.

use crate::error::AppError;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// An answer of the server. It comes with the page; afterwards only changed parts of it are redrawn.
pub struct Latest<T: Send + Sync + 'static> {
    /// What the page came with.
    first: OnceResource<Result<T, AppError>>,
    /// What was seen last; `None` until the first answer is there.
    seen: RwSignal<Option<T>>,
    /// Asks the server again.
    again: Action<(), Result<T, AppError>>,
}

// Derived, these would ask the same of the answer itself; here are only handles to it.
impl<T: Send + Sync> Clone for Latest<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync> Copy for Latest<T> {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned> Latest<T> {
    /// Starts to ask for it with this server function.
    pub fn load<Answer>(ask: impl Fn() -> Answer + Send + Sync + 'static) -> Self
    where
        Answer: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        Self { first: OnceResource::new(ask()), seen: RwSignal::new(None), again: Action::new(move |(): &()| ask()) }
    }

    /// Asks again whenever `changes` goes up, and shows what comes. What does not come is no news: what was seen last stays.
    pub fn follow(self, changes: RwSignal<u32>) {
        Effect::new(move |_| {
            if let Some(Ok(view)) = self.later() {
                self.show(view);
            }
        });
        Effect::new(move |before: Option<u32>| {
            let changes = changes.get();
            if before.is_some() {
                self.refresh();
            }
            changes
        });
    }

    /// What the page comes with, once it is there.
    ///
    /// # Errors
    /// Those of asking for it.
    pub async fn loaded(self) -> Result<T, AppError> {
        let first = self.first.await?;
        if self.seen.with_untracked(Option::is_none) {
            self.seen.set(Some(first.clone()));
        }
        Ok(first)
    }

    /// What was seen last, once anything is there.
    ///
    /// # Errors
    /// Those of asking for what the page comes with.
    pub async fn latest(self) -> Result<T, AppError> {
        let first = self.loaded().await?;
        Ok(self.seen.get_untracked().unwrap_or(first))
    }

    /// Asks the server again.
    pub fn refresh(self) {
        self.again.dispatch(());
    }

    /// The newest answer to having asked again.
    pub fn later(self) -> Option<Result<T, AppError>> {
        self.again.value().get()
    }

    /// Shows this from now on.
    pub fn show(self, view: T) {
        self.seen.set(Some(view));
    }

    /// Changes what is shown before the server confirms it.
    pub fn change(self, change: impl FnOnce(&mut T)) {
        self.seen.update(|seen| {
            if let Some(seen) = seen {
                change(seen);
            }
        });
    }

    /// A part of what was seen last; nothing of its kind until anything is there.
    pub fn part<Part>(self, part: impl Fn(&T) -> Part + Send + Sync + 'static) -> Signal<Part>
    where
        Part: Default + Send + Sync + 'static,
    {
        Signal::derive(move || self.seen.with(|seen| seen.as_ref().map(&part).unwrap_or_default()))
    }

    /// Looks at what was seen last, and again when that changes.
    pub fn with<Found>(self, look: impl FnOnce(&T) -> Option<Found>) -> Option<Found> {
        self.seen.with(|seen| seen.as_ref().and_then(look))
    }

    /// Looks once at what was seen last.
    pub fn with_untracked<Found>(self, look: impl FnOnce(&T) -> Option<Found>) -> Option<Found> {
        self.seen.with_untracked(|seen| seen.as_ref().and_then(look))
    }
}
