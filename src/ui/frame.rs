//! What surrounds every page: the note that this is the sandbox, and help in the same place everywhere (U34).

use super::{Icon, MailLink, site::use_site};
use leptos::prelude::*;

/// The column that client and sign-in pages stand in.
#[component]
pub fn ClientFrame(
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="client-frame">
            <SandboxNotice />
            <main class="client-main" id="main">
                {children()}
            </main>
            <SiteFooter />
        </div>
    }
}

/// Says that the stand-in Instagram is at work; nothing at all elsewhere.
#[component]
pub fn SandboxNotice() -> impl IntoView {
    use_site().sandbox.then(|| {
        view! {
            <aside class="sandbox-notice" aria-label="Sandbox">
                <Icon name="info" />
                <span>"Sandbox: no real Instagram is involved"</span>
            </aside>
        }
    })
}

/// Whose page this is, and where help is.
#[component]
pub fn SiteFooter() -> impl IntoView {
    let support = use_site().support_email;
    view! {
        <footer class="site-footer">
            <span>"Grantlink"</span>
            {support
                .map(|email| {
                    view! {
                        <span>
                            "Help: " <MailLink email=email />
                        </span>
                    }
                })}
        </footer>
    }
}
