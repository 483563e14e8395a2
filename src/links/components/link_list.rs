//! The organization's links, newest first: what each is, and what can be done with it (S18 to S23).

use super::title;
use crate::{
    links::model::LinkView,
    paths,
    ui::{Badge, CopyButton, Go, Tone, When},
};
use leptos::prelude::*;

/// The id of the list's heading, which takes the focus when the row that had it is gone.
pub const LINKS_HEADING: &str = "connect-links";

/// The list.
#[component]
pub fn LinkList(
    /// The links, newest first.
    links: Signal<Vec<LinkView>>,
    /// Whether they work now; they rest while the plan does not include them.
    #[prop(into)]
    active: Signal<bool>,
    /// Whether the member may only look: then there are no URLs, and nothing to press (A15).
    #[prop(optional)]
    read_only: bool,
) -> impl IntoView {
    let none = if read_only {
        "None yet."
    } else {
        "None yet. Each link you generate stays here until you delete it: one per client keeps them apart."
    };
    let some = Memo::new(move |_| links.with(|links| !links.is_empty()));
    view! {
        <section class="stack" aria-labelledby=LINKS_HEADING>
            <h3 id=LINKS_HEADING tabindex="-1">
                "Your connect-links"
            </h3>
            <Show
                when=move || some.get()
                fallback=move || view! { <p class="small">{none}</p> }
            >
                <ul class="rows" role="list">
                    <For
                        each=move || links.get()
                        key=|link| link.id
                        children=move |first| {
                            let id = first.id;
                            let link = Memo::new(move |_| {
                                links
                                    .with(|all| all.iter().find(|link| link.id == id).cloned())
                                    .unwrap_or_else(|| first.clone())
                            });
                            view! { <LinkRow link active read_only /> }
                        }
                    />
                </ul>
            </Show>
        </section>
    }
}

/// One link.
#[component]
fn LinkRow(
    /// The link.
    link: Memo<LinkView>,
    /// Whether it works now.
    active: Signal<bool>,
    /// Whether the member may only look.
    read_only: bool,
) -> impl IntoView {
    let id = link.with_untracked(|link| link.id);
    let title_id = format!("link-{id}");
    let url = Signal::derive(move || link.with(|link| link.url.clone()));
    let facts = move || {
        let LinkView { created_at, created_by, uses, last_used_at, .. } = link.get();
        view! {
            <p class="row-meta">
                <span>"Created " <When moment=created_at /> {format!(" by {created_by}")}</span>
                <span>
                    {used(uses)}
                    {last_used_at.map(|moment| view! { " · last " <When moment /> })}
                </span>
                <span>"Never expires"</span>
            </p>
        }
    };
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <strong id=title_id.clone()>{move || link.with(title)}</strong>
                    {move || {
                        if active.get() {
                            view! { <Badge tone=Tone::Success>"Live"</Badge> }
                        } else {
                            view! { <Badge tone=Tone::Warning>"Not active right now"</Badge> }
                        }
                    }}
                </p>
                {facts}
                {(!read_only)
                    .then(|| {
                        view! {
                            <details class="row-url">
                                <summary>"Show URL"</summary>
                                <code>{move || url.get()}</code>
                            </details>
                        }
                    })}
            </div>
            {(!read_only)
                .then(|| {
                    view! {
                        <div class="row-actions">
                            <CopyButton value=url action=paths::CONNECT_LINKS ask=("made", id.to_string()) />
                            <Go
                                path=paths::delete_link(id)
                                class="button button-quiet button-danger"
                                described_by=title_id
                            >
                                "Delete"
                            </Go>
                        </div>
                    }
                })}
        </li>
    }
}

/// How often a link was used, in words.
fn used(uses: i32) -> String {
    match uses {
        0 => "Not used yet".to_owned(),
        1 => "Used once".to_owned(),
        uses => format!("Used {uses} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::used;

    #[test]
    fn uses_are_counted_in_words() {
        assert_eq!(used(0), "Not used yet");
        assert_eq!(used(1), "Used once");
        assert_eq!(used(12), "Used 12 times");
    }
}
