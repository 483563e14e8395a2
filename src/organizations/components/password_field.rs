//! Where somebody types their own password once more, because an organization is about to get another owner (A50).

use crate::ui::Field;
use leptos::{html, prelude::*};

/// The field.
#[component]
pub fn PasswordField(
    /// What to mend.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    // What is to be mended is read out, and can be typed over at once (U18).
    Effect::new(move |_| {
        if let (true, Some(input)) = (error.with(Option::is_some), input.get()) {
            let _ = input.focus();
        }
    });
    view! {
        <Field
            label="Your password"
            name="password"
            kind="password"
            hint="Making somebody an owner takes it: nobody but an owner can undo that."
            error
            autocomplete="current-password"
            required=true
            input_ref=input
        />
    }
}
