//! What clients see of an organization beside its name, and which colours can be seen at all. No I/O.

mod accent;

pub use accent::Accent;

use crate::{error::AppError, paths};
use serde::{Deserialize, Serialize};

/// What clients see of an organization beside its name.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Brand {
    /// Its logo; initials stand where there is none.
    pub logo: Option<Logo>,
    /// The colour of the one button; Grantlink's own where there is none.
    pub accent: Option<Accent>,
    /// Where clients turn with questions.
    pub support: Option<Support>,
}

impl Brand {
    /// Back from what was stored. What this version cannot read is left out: a client's page is shown all the same.
    pub fn from_stored(
        (logo_key, logo_width, accent, support): (Option<String>, Option<i32>, Option<String>, Option<String>),
    ) -> Self {
        let logo = logo_key
            .zip(logo_width)
            .and_then(|(key, width)| Some(Logo { address: paths::logo(&key), width: u32::try_from(width).ok()? }));
        Self {
            logo,
            accent: accent.and_then(|text| Accent::parse(&text).ok()),
            support: support.map(|text| Support::from_stored(&text)),
        }
    }
}

/// A logo as a page shows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Logo {
    /// Where it is: a path of ours, or the picture itself as a `data:` URL where it is not saved yet.
    pub address: String,
    /// Its width in pixels. Every logo is [`Logo::HEIGHT`] pixels high.
    pub width: u32,
}

impl Logo {
    /// In pixels: twice what the client's page shows, for screens of higher density.
    pub const HEIGHT: u32 = 88;
    /// In pixels, of the widest.
    pub const MAX_WIDTH: u32 = 240;
}

/// Where clients turn with questions.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Support {
    /// An email address.
    Email(String),
    /// A page of the organization's: a URL that begins with "https://".
    Page(String),
}

impl Support {
    /// Back from what was stored.
    pub fn from_stored(text: &str) -> Self {
        if text.starts_with("https://") { Self::Page(text.to_owned()) } else { Self::Email(text.to_owned()) }
    }

    /// As it is stored, and typed.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(text) | Self::Page(text) => text,
        }
    }

    /// What a link to it leads to.
    pub fn href(&self) -> String {
        match self {
            Self::Email(email) => format!("mailto:{email}"),
            Self::Page(url) => url.clone(),
        }
    }
}

/// What the page of the settings shows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    /// The name of the organization.
    pub name: String,
    /// What clients see beside it.
    pub brand: Brand,
    /// The address of who looks: clients see that of whoever made their link.
    pub email: String,
    /// Whether they may delete the organization.
    pub may_delete: bool,
}

/// What goes with an organization, for the page that asks before it is deleted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EndView {
    /// The name that has to be typed.
    pub name: String,
    /// The accounts on its list.
    pub accounts: i64,
    /// The links that work now.
    pub links: i64,
    /// Its members.
    pub members: i64,
}

/// Whether the right name was typed: spaces around and between its words are forgiven, nothing else.
///
/// # Errors
/// When it was not.
pub fn check_typed_name(typed: &str, name: &str) -> Result<(), AppError> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words(typed) == words(name) {
        Ok(())
    } else {
        Err(AppError::field("organization", format!("Type “{name}” as it stands here. Nothing was deleted.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_is_read_back_and_what_cannot_be_read_is_left_out() {
        let stored = (Some("ab12".into()), Some(120), Some("#c2410c".into()), Some("https://a.example/help".into()));
        let brand = Brand::from_stored(stored);
        assert_eq!(brand.logo, Some(Logo { address: "/brand/ab12.jpg".into(), width: 120 }));
        assert_eq!(brand.accent.unwrap().to_string(), "#c2410c");
        assert_eq!(brand.support, Some(Support::Page("https://a.example/help".into())));
        let strange = (Some("ab12".into()), None, Some("tomato".into()), None);
        assert_eq!(Brand::from_stored(strange), Brand::default());
    }

    #[test]
    fn a_support_address_leads_to_a_mail_or_to_a_page() {
        for (text, href) in
            [("help@agency.example", "mailto:help@agency.example"), ("https://a.example/", "https://a.example/")]
        {
            let support = Support::from_stored(text);
            assert_eq!((support.as_str(), support.href().as_str()), (text, href));
        }
    }

    #[test]
    fn u36_only_the_organizations_own_name_deletes_it() {
        for right in ["Bright & Bold", "  Bright &  Bold "] {
            assert!(check_typed_name(right, "Bright & Bold").is_ok(), "{right}");
        }
        for wrong in ["", "bright & bold", "Bright & Bol", "Bright&Bold", "delete"] {
            let error = check_typed_name(wrong, "Bright & Bold").unwrap_err();
            assert!(error.for_field("organization").unwrap().contains("Bright & Bold"), "{wrong}");
        }
    }
}
