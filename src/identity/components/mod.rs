//! What a person sees of how they sign in, section by section. Each form is a plain one that posts to the page of the
//! person's own account: it works before, and without, JavaScript, and a refused one comes back with what to mend.

mod address_section;
mod password_section;
mod sessions_section;
mod two_factor_section;

pub use address_section::address_section;
pub use password_section::password_section;
pub use sessions_section::sessions_section;
pub use two_factor_section::{recovery_codes, two_factor_section};

use crate::{
    paths,
    ui::{Field, FormReply},
};
use leptos::prelude::*;

/// A form of this page that is a single button.
fn button_form(form: &'static str, class: &'static str, label: &'static str) -> impl IntoView + use<> {
    view! {
        <form method="post" action=paths::YOU>
            <input type="hidden" name="form" value=form />
            <button type="submit" class=class>
                {label}
            </button>
        </form>
    }
}

/// The field in which a person gives their password once more (A50).
fn password_again(name: &'static str, reply: &FormReply) -> impl IntoView + use<> {
    view! {
        <Field
            label="Current password"
            name=name
            kind="password"
            error=reply.mend(name)
            autocomplete="current-password"
            required=true
        />
    }
}
