//! Plain widgets: they know looks and behaviour, never a feature. Everything people see is composed of these.
//! Buttons are no widget: `class="button button-primary"` (or `-secondary`, `-quiet`, `-danger`) on a
//! `<button>` or a link says it all. Each widget's style stands in `style/components/` under its own name.

mod avatar;
mod badge;
mod banner;
pub mod clipboard;
mod copy_field;
mod dialog;
mod empty_state;
mod error_view;
mod facts;
mod field;
mod form_reply;
mod frame;
mod go;
mod icon;
mod latest;
pub mod live;
mod mail_link;
mod question;
mod select;
pub mod site;
mod status;
mod tone;
mod when;

pub use avatar::Avatar;
pub use badge::Badge;
pub use banner::Banner;
pub use copy_field::{CopyButton, CopyField};
pub use dialog::Dialog;
pub use empty_state::EmptyState;
pub use error_view::{ErrorSummary, ErrorView, PageReference};
pub use facts::Facts;
pub use field::Field;
pub use form_reply::{FormReply, use_form_reply};
pub use frame::{ClientFrame, SandboxNotice, SiteFooter};
pub use go::{CancelButton, Go, focus_if_free, focus_soon};
pub use icon::Icon;
pub use latest::Latest;
pub use mail_link::MailLink;
pub use question::{Answers, Question};
pub use select::{Choice, Select, SelectField};
pub use status::Status;
pub use tone::Tone;
pub use when::When;

/// Turns words into something fit for an `id`: the same on both sides, because it depends on nothing else.
fn id_from(prefix: &str, words: &str) -> String {
    let mut id = String::from(prefix);
    for word in words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        id.push('-');
        id.push_str(&word.to_ascii_lowercase());
    }
    id
}

#[cfg(test)]
mod tests {
    use super::id_from;

    #[test]
    fn an_id_is_made_of_words() {
        assert_eq!(id_from("dialog", "Share a connect-link"), "dialog-share-a-connect-link");
        assert_eq!(id_from("dialog", "\"><img onerror>"), "dialog-img-onerror");
        assert_eq!(id_from("copy", "…"), "copy");
    }
}
