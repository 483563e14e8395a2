//! The document around the component tree: head, style and the script that lets the browser take over.
//! Members get the script at once; clients and people signing in get it when their browser is idle.

use super::App;
use crate::{
    pages::dev_components::page::DevComponentsScreen,
    paths,
    server::{front_end, pages::StandsIn},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use std::sync::OnceLock;

/// The document of every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let files = Files::of(&options);
    let start = Start::of_request();
    crate::server::security::set_policy(start.is_some());
    let loader = start.map(|start| view! { <Loader files start /> });
    document(files, view! { <AutoReload options /> {loader} }, false, view! { <App /> })
}

/// The document of the page of all components. No script takes it over; it shows what appears with one all the same.
pub fn components_shell(options: &LeptosOptions) -> impl IntoView + use<> {
    crate::server::security::set_policy(false);
    let title = view! { <title>"Components · Grantlink"</title> };
    document(Files::of(options), title, true, view! { <DevComponentsScreen /> })
}

fn document(files: &'static Files, more: impl IntoView, hydrated: bool, body: impl IntoView) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-hydrated=hydrated.then_some("")>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" id="leptos" href=files.css.as_str() />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                {more}
                <MetaTags />
            </head>
            <body>{body}</body>
        </html>
    }
}

/// When the browser takes over a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Start {
    /// At once, and it fetches what it needs before it has read the page: the pages inside the frame for members.
    AtOnce,
    /// When it has nothing else to do: what clients do, and people signing in, are plain forms.
    WhenIdle,
}

impl Start {
    /// `None` where the address in the browser is not the page's, so that there is nothing to take over.
    fn of_request() -> Option<Self> {
        let parts = use_context::<http::request::Parts>();
        let stands_in = parts.as_ref().is_some_and(|parts| parts.extensions.get::<StandsIn>().is_some());
        (!stands_in).then(|| Self::at(parts.as_ref().map_or("", |parts| parts.uri.path())))
    }

    fn at(path: &str) -> Self {
        let inside =
            [paths::ACCOUNTS, paths::MEMBERS, paths::AUDIT, paths::SETTINGS, paths::PLAN, paths::CHECKLIST, paths::YOU];
        if inside.iter().any(|place| paths::is_below(path, place)) { Self::AtOnce } else { Self::WhenIdle }
    }
}

/// Starts the browser's side.
///
/// Ours instead of leptos' own, which preloads the whole front end on every page.
#[component]
fn Loader(
    /// What to load.
    files: &'static Files,
    /// When.
    start: Start,
) -> impl IntoView {
    let preloads = (start == Start::AtOnce).then(|| {
        view! {
            <link rel="modulepreload" href=files.js.as_str() />
            <link rel="preload" r#as="fetch" r#type="application/wasm" crossorigin="anonymous" href=files.wasm.as_str() />
        }
    });
    view! {
        {preloads}
        <script type="module" nonce=use_nonce()>
            {files.script(start)}
        </script>
    }
}

/// The addresses of the front end's files, with the hash of their content in the name.
struct Files {
    css: String,
    js: String,
    wasm: String,
}

impl Files {
    /// Read once: a running server belongs to one build of the front end.
    fn of(options: &LeptosOptions) -> &'static Self {
        static FILES: OnceLock<Files> = OnceLock::new();
        FILES.get_or_init(|| {
            let file = |kind| format!("/{}/{}", options.pkg_url_path(), front_end::file_name(options, kind));
            Self { css: file("css"), js: file("js"), wasm: file("wasm") }
        })
    }

    /// The script in the page. It holds nothing a person typed. Where the files cannot be had, or cannot run, nothing
    /// happens: the page works by its plain forms.
    fn script(&self, start: Start) -> String {
        let Self { js, wasm, .. } = self;
        let run = format!(
            "const start = async () => {{ let front; try {{ front = await import({js:?}); \
             await front.default({{ module_or_path: {wasm:?} }}); }} catch {{ return; }} front.hydrate(); }};"
        );
        let when = match start {
            Start::AtOnce => "start();",
            Start::WhenIdle => {
                "\"requestIdleCallback\" in window ? requestIdleCallback(start, { timeout: 2000 }) : setTimeout(start, 200);"
            }
        };
        format!("{run} {when}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_page_waits_until_the_browser_is_idle() {
        let file = |kind: &str| format!("/pkg/grantlink.{kind}");
        let files = Files { css: file("css"), js: file("js"), wasm: file("wasm") };
        assert!(files.script(Start::WhenIdle).contains("requestIdleCallback"));
        assert!(!files.script(Start::AtOnce).contains("requestIdleCallback"));
    }

    #[test]
    fn only_pages_for_members_start_at_once() {
        for path in [
            "/accounts",
            "/accounts/connect-links",
            "/members",
            "/audit",
            "/settings/delete",
            "/plan",
            "/checklist",
            "/you",
        ] {
            assert_eq!(Start::at(path), Start::AtOnce, "{path}");
        }
        for path in
            ["/sign-in", "/connect/abc", "/invitations/abc", "/oauth/instagram/callback", "/accountsx", "/your", ""]
        {
            assert_eq!(Start::at(path), Start::WhenIdle, "{path}");
        }
    }
}
