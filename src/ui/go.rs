//! A button that leads somewhere: a plain form before hydration, afterwards a change of page without reloading.

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// A button that opens another page of ours, usually a dialog over this one.
#[component]
pub fn Go(
    /// Where it leads.
    #[prop(into)]
    path: String,
    /// The button's classes.
    class: &'static str,
    /// The button's own id, where something has to find it again.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The id of the element that says what the button is about, where a list repeats the button.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// What the button says.
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let submitted = {
        let path = path.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            navigate(&path, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    view! {
        <form class="go" method="get" action=path on:submit=submitted>
            <button class=class id=id type="submit" aria-describedby=described_by>
                {children()}
            </button>
        </form>
    }
}

/// The way out of a question: closes the dialog it stands in, which then leaves for `close_path` itself.
#[component]
pub fn CancelButton(
    /// Where the dialog leads when it is closed.
    #[prop(into)]
    close_path: String,
) -> impl IntoView {
    let submitted = |event: SubmitEvent| {
        let dialog = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|form| form.closest("dialog").ok().flatten())
            .and_then(|dialog| dialog.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if let Some(dialog) = dialog {
            event.prevent_default();
            dialog.close();
        }
    };
    view! {
        <form class="go" method="get" action=close_path on:submit=submitted>
            <button class="button button-secondary" type="submit" autofocus>
                "Cancel"
            </button>
        </form>
    }
}

/// Moves the focus to the element of this id, as soon as it can take it: while a dialog over it is closing, it cannot.
pub fn focus_soon(id: String) {
    fn attempt(id: String, frames: u8) {
        let _ = request_animation_frame(move || {
            let element =
                document().get_element_by_id(&id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(element) = element {
                let _ = element.focus();
            }
            let focused = document().active_element().is_some_and(|active| active.id() == id);
            if !focused && frames > 0 {
                attempt(id, frames - 1);
            }
        });
    }
    // Outside of whoever asks: what a component schedules ends with it, and the closing dialog is about to end.
    spawn_local(async move { attempt(id, 30) });
}

/// Moves the focus to `element`, unless the person is already busy elsewhere.
pub fn focus_if_free(element: &web_sys::HtmlElement) {
    let free =
        document().active_element().is_none_or(|active| active.matches("body, dialog, .dialog-close").unwrap_or(false));
    if free {
        let _ = element.focus();
    }
}
