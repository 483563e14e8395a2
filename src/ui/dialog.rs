//! A dialog for one thing at a time. The server renders it already open, as a plain page that works without
//! JavaScript; once hydrated it is a real modal: focus stays inside, Escape closes, focus goes back.

use super::{Icon, id_from};
use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast, web_sys};

/// A modal dialog. Any link in it that leads to `close_path` closes it.
#[component]
pub fn Dialog(
    /// What it is for; names the dialog.
    #[prop(into)]
    heading: String,
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Called when the person closes it; has to make `open` false, or leave the page.
    #[prop(into)]
    on_close: Callback<()>,
    /// Whether it interrupts with a question. Such a dialog has no "Close": the children offer the answers.
    #[prop(optional)]
    alert: bool,
    /// Where closing leads without JavaScript.
    #[prop(into)]
    close_path: String,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading_id = id_from("dialog", &heading);

    Effect::new(move |was_open: Option<bool>| {
        let Some(dialog) = node.get() else { return false };
        let is_open = open.get();
        if is_open && was_open != Some(true) {
            // What the server rendered is open but not modal, and only a closed dialog can be made modal.
            let _ = dialog.remove_attribute("open");
            if dialog.show_modal().is_err() {
                let _ = dialog.set_attribute("open", "");
            }
        } else if !is_open && dialog.open() {
            dialog.close();
        }
        is_open
    });

    // Escape and the links below close the native dialog first, so that it gives the focus back; then we hear of it.
    let closed = move |_: ev::Event| {
        if open.get_untracked() {
            on_close.run(());
        }
    };
    let clicked = {
        let close_path = close_path.clone();
        move |event: ev::MouseEvent| {
            let plain = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key());
            let leads_out = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                .and_then(|target| target.closest("a[href]").ok().flatten())
                .and_then(|link| link.get_attribute("href"))
                .is_some_and(|href| href == close_path);
            if plain
                && leads_out
                && let Some(dialog) = node.get_untracked()
            {
                event.prevent_default();
                dialog.close();
            }
        }
    };

    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:dialog-alert=alert
            role=alert.then_some("alertdialog")
            aria-labelledby=heading_id
            open=open.get_untracked()
            on:close=closed
            on:click=clicked
        >
            <div class="dialog-head">
                <h2 class="dialog-heading" id=heading_id.clone()>
                    {heading}
                </h2>
                {(!alert)
                    .then(|| {
                        view! {
                            <a class="button button-quiet dialog-close" href=close_path>
                                <Icon name="close" />
                                <span>"Close"</span>
                            </a>
                        }
                    })}
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
