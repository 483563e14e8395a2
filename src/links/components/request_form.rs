//! Which account to ask for. A plain form before hydration; afterwards the link is copied and the window closes (T06 to T10).

use crate::{
    accounts::model::Handle,
    error::AppError,
    links::server_fns::RequestAccess,
    organizations::components::WindowField,
    ui::{ErrorView, Field, use_form_reply},
};
use leptos::{ev::MouseEvent, html, prelude::*};

/// The form that asks for access to an account.
#[component]
pub fn RequestForm(
    /// Asks.
    action: ServerAction<RequestAccess>,
) -> impl IntoView {
    let username = NodeRef::<html::Input>::new();
    let pending = action.pending();
    let failure = move || action.value().get().and_then(Result::err);
    let field_error = Signal::derive(move || failure().and_then(|error| error.for_field("username")));
    let other_error = move || failure().filter(|error| !matches!(error, AppError::Fields(_)));
    // What is to be mended is read out, and can be typed over at once (U18).
    Effect::new(move |_| {
        if let (true, Some(input)) = (field_error.with(Option::is_some), username.get_untracked()) {
            let _ = input.focus();
        }
    });
    // A second press would ask twice. The button keeps the focus, which a disabled one would lose.
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
                    label="Account username"
                    name="username"
                    kind="text"
                    value=use_form_reply().typed("username")
                    hint="As it stands in Instagram, with or without “@”."
                    error=field_error
                    // With an "@" and a little room for spaces around it.
                    maxlength=Handle::MAX_CHARS + 10
                    autofocus=true
                    input_ref=username
                />
                <button
                    class="button button-primary"
                    type="submit"
                    aria-busy=move || pending.get().then_some("true")
                    on:click=once
                >
                    "Generate Request Link"
                </button>
            </div>
        </ActionForm>
    }
}
