//! The way into the browser's half, and nothing else: everything it takes over is in the package `grantlink`.

/// Takes over the page that the server rendered. Called by the loader script in the browser.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(grantlink::app::App);
}
