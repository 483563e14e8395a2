//! Whom to invite, and as what. A plain form before hydration; afterwards the page stays as it is.

use super::{
    WindowField,
    password_field::PasswordField,
    role_words::{choices, given_by},
};
use crate::{
    error::AppError,
    organizations::{
        members::{model::InvitationView, server_fns::InviteMember},
        model::Role,
    },
    ui::{ErrorView, Field, FormReply, SelectField},
};
use leptos::{ev::MouseEvent, html, prelude::*};

/// The form that invites somebody.
#[component]
pub fn InviteForm(
    /// Invites.
    action: ServerAction<InviteMember>,
    /// The role of who invites.
    looking: Role,
    /// The form of this page that was refused, if one was.
    reply: StoredValue<FormReply>,
) -> impl IntoView {
    let email = NodeRef::<html::Input>::new();
    let pending = action.pending();
    let failure = move || action.value().get().and_then(Result::err);
    let email_error = Signal::derive(move || failure().and_then(|error| error.for_field("email")));
    let role_error = Signal::derive(move || failure().and_then(|error| error.for_field("role")));
    let password_error = Signal::derive(move || failure().and_then(|error| error.for_field("password")));
    // Asked for once somebody is invited as an owner, and as long as it does not fit.
    let asks = Memo::new(move |_| password_error.with(Option::is_some));
    let other_error = move || failure().filter(|error| !matches!(error, AppError::Fields(_)));

    // What was typed stays after an error, and goes once the invitation is made.
    Effect::new(move |_| {
        if let (Some(Ok(InvitationView { .. })), Some(input)) = (action.value().get(), email.get_untracked()) {
            input.set_value("");
        }
    });
    // What is to be mended is read out, and can be typed over at once (U18).
    Effect::new(move |_| {
        if let (true, Some(input)) = (email_error.with(Option::is_some), email.get_untracked()) {
            let _ = input.focus();
        }
    });
    // A second press would invite twice. The button keeps the focus, which a disabled one would lose.
    let once = move |event: MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        }
    };

    let typed = reply.with_value(|reply| reply.typed("email"));
    // Another form of the page has a role, too.
    let role =
        if typed.is_empty() { Role::Member.as_str().to_owned() } else { reply.with_value(|reply| reply.typed("role")) };

    view! {
        <ActionForm action>
            <WindowField />
            <div class="stack">
                {move || other_error().map(|error| view! { <ErrorView error /> })}
                <Field
                    label="Email"
                    name="email"
                    kind="email"
                    value=typed
                    hint="They get a mail with a link that only they can use."
                    error=email_error
                    required=true
                    input_ref=email
                />
                <SelectField
                    label="Role"
                    name="role"
                    choices=choices(&given_by(looking))
                    value=role
                    error=role_error
                />
                <Show when=move || asks.get()>
                    <PasswordField error=password_error />
                </Show>
                // What to mend is said by us, in the same words with and without a script.
                <button
                    class="button button-primary"
                    type="submit"
                    formnovalidate=true
                    aria-busy=move || pending.get().then_some("true")
                    on:click=once
                >
                    "Send invitation"
                </button>
            </div>
        </ActionForm>
    }
}
