//! Where a client turns with questions: the organization's own support address.

use crate::organizations::settings::model::Support;
use leptos::prelude::*;

/// The support address, where the organization has one.
#[component]
pub fn Questions(
    /// The organization's name.
    organization: String,
    /// Its support address.
    support: Option<Support>,
) -> impl IntoView {
    support.map(|support| {
        let href = support.href();
        // What a page says stays open behind what it leads to.
        let target = matches!(support, Support::Page(_)).then_some("_blank");
        view! {
            <p class="small">
                "Questions? Ask " <bdi>{organization}</bdi> ": "
                <a href=href target=target rel="external noopener noreferrer">
                    {shown(&support)}
                </a>
            </p>
        }
    })
}

/// An address as people read it: of a page's, everything but what all of them begin with.
pub fn shown(support: &Support) -> String {
    let text = support.as_str();
    text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_says_nothing() {
        for (stored, read) in [
            ("help@agency.example", "help@agency.example"),
            ("https://agency.example/", "agency.example"),
            ("https://agency.example/help?x=1", "agency.example/help?x=1"),
        ] {
            assert_eq!(shown(&Support::from_stored(stored)), read);
        }
    }
}
