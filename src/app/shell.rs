//! The document around the component tree: head, style and the script that lets the browser take over.
//! Members get the script at once; clients and people signing in get it when their browser is idle.

use super::App;
use crate::{pages::dev_components::page::DevComponentsScreen, paths, server::pages::StandsIn};
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
        let inside = [paths::ACCOUNTS, paths::MEMBERS, paths::AUDIT, paths::SETTINGS, paths::YOU];
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
            let hashes = if options.hash_files { read_hashes(options) } else { String::new() };
            Self::named(&format!("/{}/{}", options.pkg_url_path(), options.output_name), &hashes)
        })
    }

    /// From the lines `kind: hash` that the build leaves beside the executable. A kind without one keeps its plain name.
    fn named(base: &str, hashes: &str) -> Self {
        let file = |kind: &str| {
            let hash = hashes
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find_map(|(name, hash)| (name.trim() == kind).then(|| hash.trim()));
            hash.map_or_else(|| format!("{base}.{kind}"), |hash| format!("{base}.{hash}.{kind}"))
        };
        Self { css: file("css"), js: file("js"), wasm: file("wasm") }
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

/// The hash file of this build; empty where there is none (tests, `cargo run`).
fn read_hashes(options: &LeptosOptions) -> String {
    std::env::current_exe()
        .ok()
        .and_then(|exe| std::fs::read_to_string(exe.parent()?.join(options.hash_file.as_ref())).ok())
        .unwrap_or_else(|| {
            tracing::warn!(file = %options.hash_file, "no hash file beside the executable: front-end files go by their plain names");
            String::new()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_carry_the_hash_of_their_content() {
        let files = Files::named("/pkg/grantlink", "js: abc\nwasm: def\ncss: ghi\n");
        assert_eq!(files.js, "/pkg/grantlink.abc.js");
        assert_eq!(files.wasm, "/pkg/grantlink.def.wasm");
        assert_eq!(files.css, "/pkg/grantlink.ghi.css");
    }

    #[test]
    fn files_without_a_hash_go_by_their_plain_names() {
        let files = Files::named("/pkg/grantlink", "");
        assert_eq!((files.js.as_str(), files.css.as_str()), ("/pkg/grantlink.js", "/pkg/grantlink.css"));
    }

    #[test]
    fn the_client_page_waits_until_the_browser_is_idle() {
        let files = Files::named("/pkg/grantlink", "");
        assert!(files.script(Start::WhenIdle).contains("requestIdleCallback"));
        assert!(!files.script(Start::AtOnce).contains("requestIdleCallback"));
    }

    #[test]
    fn only_pages_for_members_start_at_once() {
        for path in ["/accounts", "/accounts/connect-links", "/members", "/audit", "/settings/delete", "/you"] {
            assert_eq!(Start::at(path), Start::AtOnce, "{path}");
        }
        for path in
            ["/sign-in", "/connect/abc", "/invitations/abc", "/oauth/instagram/callback", "/accountsx", "/your", ""]
        {
            assert_eq!(Start::at(path), Start::WhenIdle, "{path}");
        }
    }
}
