//! Entries, one row each: what was done and on what, the sentence more, and under them who, when and from where.

use crate::{audit::model::EntryView, ui::When};
use leptos::prelude::*;

/// The list of entries.
#[component]
pub fn EntryList(
    /// Newest first.
    entries: Vec<EntryView>,
) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| view! { <EntryRow entry /> }).collect_view();
    view! {
        <ul class="rows" role="list">
            {rows}
        </ul>
    }
}

/// One entry.
#[component]
fn EntryRow(
    /// The entry.
    entry: EntryView,
) -> impl IntoView {
    let EntryView { number, at, who, what, about, note, from, .. } = entry;
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <strong>{what}</strong>
                    {about.map(|about| view! { <bdi>{about}</bdi> })}
                </p>
                {note.map(|note| view! { <p class="entry-note">{note}</p> })}
                <p class="row-meta">
                    <bdi>{who}</bdi>
                    <When moment=at />
                    {from.map(|from| view! { <span>{format!("From {from}")}</span> })}
                    {number.map(|number| view! { <span>{format!("Entry {number}")}</span> })}
                </p>
            </div>
        </li>
    }
}
