//! "Copy" in its two forms: beside a field that shows the text, and alone in a list row (U21).
//! Without JavaScript the button is not there (style hides it until the page is hydrated); the field still
//! lets itself be selected. Where the browser offers no clipboard, the text stands selected and the page says so.

use super::{Icon, Status, clipboard, id_from};
use leptos::{html, prelude::*, task::spawn_local};
use std::time::Duration;

/// How a press of "Copy" went.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Outcome {
    #[default]
    Nothing,
    Copied,
    ByHand,
}

impl Outcome {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Copied => "Copied",
            Self::ByHand => "Press Ctrl+C (on a Mac ⌘C) to copy",
        }
    }
}

/// Copies, and says how it went. "Copied" fades after a while, so that the next press is news again.
fn copy(value: &str, outcome: RwSignal<Outcome>, by_hand: impl FnOnce() -> bool + 'static) {
    let written = clipboard::write(value);
    outcome.set(Outcome::Nothing);
    spawn_local(async move {
        let result = if written.await || by_hand() { Outcome::Copied } else { Outcome::ByHand };
        // The row may be gone by now.
        let _ = outcome.try_set(result);
        if result == Outcome::Copied {
            let _ = set_timeout(
                move || {
                    let _ = outcome.try_set(Outcome::Nothing);
                },
                Duration::from_secs(4),
            );
        }
    });
}

/// A few characters that differ where texts differ. They tell nobody what the text is: it may be a secret, and an id is
/// read by more than the page.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}

/// Selects what the field shows and tries to copy that.
fn copy_from(input: NodeRef<html::Input>) -> bool {
    let Some(input) = input.try_get_untracked().flatten() else { return false };
    let _ = input.focus();
    input.select();
    clipboard::copy_selection()
}

/// A read-only field with a "Copy" button.
#[component]
pub fn CopyField(
    /// The field's label.
    label: &'static str,
    /// What it shows and copies.
    #[prop(into)]
    value: Signal<String>,
    /// Whether the button is focused when the field appears, for Enter to copy.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it copies as soon as it appears: the press that led to it asked for that.
    #[prop(optional)]
    at_once: bool,
) -> impl IntoView {
    // Several may stand on one page: what is shown tells them apart, on both sides alike.
    let id = id_from("copy", &format!("{label} {}", fingerprint(&value.get_untracked())));
    let input = NodeRef::<html::Input>::new();
    let button = NodeRef::<html::Button>::new();
    let outcome = RwSignal::new(Outcome::Nothing);
    let icon = move || if outcome.get() == Outcome::Copied { "check" } else { "copy" };
    // The browser heeds `autofocus` only while a page loads.
    Effect::new(move |_| {
        if let (true, Some(button)) = (autofocus, button.get()) {
            let _ = button.focus();
        }
    });
    Effect::new(move |_| {
        if at_once && input.get().is_some() {
            copy(&value.get_untracked(), outcome, move || copy_from(input));
        }
    });
    view! {
        <div class="field copy-field">
            <label class="field-label" for=id.clone()>
                {label}
            </label>
            <div class="copy-field-row">
                <input
                    node_ref=input
                    class="input"
                    id=id
                    type="text"
                    readonly
                    spellcheck="false"
                    autocomplete="off"
                    value=move || value.get()
                    on:focus=move |_| {
                        if let Some(input) = input.get_untracked() {
                            input.select();
                        }
                    }
                />
                <button
                    node_ref=button
                    type="button"
                    class="button button-primary copy-button"
                    autofocus=autofocus
                    on:click=move |_| copy(&value.get_untracked(), outcome, move || copy_from(input))
                >
                    {move || view! { <Icon name=icon() /> }}
                    <span>"Copy"</span>
                </button>
            </div>
            <Status text=Signal::derive(move || outcome.get().words().to_owned()) />
        </div>
    }
}

/// "Copy" for a row of a list. Where the browser offers no clipboard, a field to copy from appears beside it.
/// Without JavaScript it is a form that leads to a page which shows the value.
#[component]
pub fn CopyButton(
    /// What it copies.
    #[prop(into)]
    value: Signal<String>,
    /// The page that shows the value.
    action: &'static str,
    /// What that page is told, as name and value.
    ask: (&'static str, String),
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let outcome = RwSignal::new(Outcome::Nothing);
    let by_hand = RwSignal::new(false);
    let icon = move || if outcome.get() == Outcome::Copied { "check" } else { "copy" };
    // The field is made for the second way of copying; it takes the selection as soon as it is there.
    Effect::new(move |_| {
        if by_hand.get()
            && let Some(input) = input.get()
        {
            let _ = input.focus();
            input.select();
        }
    });
    view! {
        <form class="copy" method="get" action=action>
            <input type="hidden" name=ask.0 value=ask.1 />
            <button
                type="submit"
                class="button button-quiet"
                on:click=move |event| {
                    event.prevent_default();
                    copy(
                        &value.get_untracked(),
                        outcome,
                        move || {
                            let _ = by_hand.try_set(true);
                            copy_from(input)
                        },
                    );
                }
            >
                {move || view! { <Icon name=icon() /> }}
                <span>"Copy"</span>
            </button>
            {move || {
                by_hand
                    .get()
                    .then(|| {
                        view! {
                            <input
                                node_ref=input
                                class="input"
                                type="text"
                                readonly
                                spellcheck="false"
                                autocomplete="off"
                                aria-label="Address to copy"
                                value=move || value.get()
                            />
                        }
                    })
            }}
            <Status text=Signal::derive(move || outcome.get().words().to_owned()) />
        </form>
    }
}
