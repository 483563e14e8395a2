//! What a badge or a banner means. Colour is never the only sign (U19): each tone has an icon of its own, and
//! whoever uses it writes the word.

/// The meaning of a badge or a banner.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tone {
    /// A plain fact.
    #[default]
    Neutral,
    /// Worth a look; the one accent.
    Accent,
    /// Done, or in good order.
    Success,
    /// Needs a decision.
    Warning,
    /// Broken, or about to destroy something.
    Danger,
}

impl Tone {
    /// The icon in the sprite.
    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Neutral | Self::Accent => "info",
            Self::Success => "check",
            Self::Warning | Self::Danger => "warning",
        }
    }

    /// The class that colours it.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Success => "tone-success",
            Self::Warning => "tone-warning",
            Self::Danger => "tone-danger",
        }
    }
}
