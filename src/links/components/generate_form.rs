//! Describe → generate. A plain form before hydration; afterwards the dialog stays as it is.

use crate::{
    error::AppError,
    links::{
        model::{Description, LinkView},
        server_fns::GenerateLink,
    },
    organizations::components::WindowField,
    ui::{ErrorView, Field, focus_if_free, use_form_reply},
};
use leptos::{ev::MouseEvent, html, prelude::*};

/// The form that makes a link.
#[component]
pub fn GenerateForm(
    /// Makes the link.
    action: ServerAction<GenerateLink>,
    /// Whether typing starts here.
    autofocus: bool,
) -> impl IntoView {
    let description = NodeRef::<html::Input>::new();
    let pending = action.pending();
    let failure = move || action.value().get().and_then(Result::err);
    let field_error = Signal::derive(move || failure().and_then(|error| error.for_field("description")));
    let other_error = move || failure().filter(|error| !matches!(error, AppError::Fields(_)));

    // What was typed stays after an error, and goes once it is stored.
    Effect::new(move |_| {
        if let (Some(Ok(LinkView { .. })), Some(input)) = (action.value().get(), description.get_untracked()) {
            input.set_value("");
        }
    });
    // What is to be mended is read out, and can be typed over at once (U18).
    Effect::new(move |_| {
        if let (true, Some(input)) = (field_error.with(Option::is_some), description.get_untracked()) {
            let _ = input.focus();
        }
    });
    // A dialog that is filled after it was opened gives the focus to its "Close".
    Effect::new(move |_| {
        if let (true, Some(input)) = (autofocus, description.get()) {
            focus_if_free(&input);
        }
    });
    // A second press would make a second link. The button keeps the focus, which a disabled one would lose.
    let once = move |event: MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        }
    };

    view! {
        <ActionForm action>
            <WindowField />
            <div class="stack">
                {move || other_error().map(|error| view! { <ErrorView error /> })}
                <Field
                    label="Description"
                    name="description"
                    hint="Only your organization sees this. It helps you tell links apart; you may leave it empty."
                    value=use_form_reply().typed("description")
                    error=field_error
                    maxlength=Description::MAX_CHARS
                    autofocus
                    input_ref=description
                />
                <button
                    class="button button-primary"
                    type="submit"
                    aria-busy=move || pending.get().then_some("true")
                    on:click=once
                >
                    "Generate connect-link"
                </button>
            </div>
        </ActionForm>
    }
}
