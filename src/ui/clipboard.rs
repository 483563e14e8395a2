//! Puts text on the clipboard, as far as the browser lets a page do so.

/// Tries to put `text` on the clipboard; false where there is none (plain http) or the browser refuses.
/// The attempt is made at once, while the press that led here still counts as the person's own.
pub fn write(text: &str) -> impl Future<Output = bool> + use<> {
    #[cfg(feature = "hydrate")]
    let attempt = {
        let navigator = leptos::prelude::window().navigator();
        // The generated getter promises a clipboard even where the browser has none.
        let there = js_sys::Reflect::get(navigator.as_ref(), &"clipboard".into()).is_ok_and(|c| c.is_object());
        there.then(|| navigator.clipboard().write_text(text))
    };
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
    async move {
        #[cfg(feature = "hydrate")]
        if let Some(promise) = attempt {
            return promise.await.is_ok();
        }
        false
    }
}

/// The older way: copies what is selected in the page. False where the browser refuses.
pub(super) fn copy_selection() -> bool {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let document = leptos::prelude::document();
        js_sys::Reflect::get(document.as_ref(), &"execCommand".into())
            .ok()
            .and_then(|command| command.dyn_into::<js_sys::Function>().ok())
            .and_then(|command| command.call1(document.as_ref(), &"copy".into()).ok())
            .is_some_and(|done| done.is_truthy())
    }
    #[cfg(not(feature = "hydrate"))]
    false
}
