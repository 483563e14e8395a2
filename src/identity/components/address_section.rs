//! The address: which one it is, whether it is verified, and changing to another one.

use super::{button_form, password_again};
use crate::{
    identity::model::YouView,
    paths,
    ui::{Badge, Field, FormReply, Tone},
};
use leptos::prelude::*;

/// The section about the address.
pub fn address_section(view: &YouView, reply: &FormReply) -> impl IntoView + use<> {
    let YouView { email, is_verified, pending_email, .. } = view.clone();
    let badge = if is_verified {
        view! { <Badge tone=Tone::Success>"Verified"</Badge> }.into_any()
    } else {
        view! { <Badge tone=Tone::Warning>"Not verified"</Badge> }.into_any()
    };
    let unverified = !is_verified && pending_email.is_none();
    view! {
        <section class="you-section" aria-labelledby="you-address">
            <h2 id="you-address">"Email address"</h2>
            <p class="row-title">
                <bdi>{email}</bdi>
                {badge}
            </p>
            {unverified
                .then(|| {
                    view! {
                        <p>
                            "Clients read beside your requests that your address is not verified. Press the button in the mail we sent you."
                        </p>
                        {button_form("send_confirmation", "button button-secondary", "Send the mail again")}
                    }
                })}
            {pending_email
                .map(|pending| {
                    view! {
                        <p>
                            "It becomes " <bdi>{pending}</bdi>
                            " once you press the button in the mail there. If another account has that address, no mail comes."
                        </p>
                        <div class="you-actions">
                            {button_form("send_confirmation", "button button-secondary", "Send the mail again")}
                            {button_form("keep_email", "button button-quiet", "Keep the old address")}
                        </div>
                    }
                })}
            <form class="form" method="post" action=paths::YOU novalidate>
                <input type="hidden" name="form" value="email" />
                <Field
                    label="New email address"
                    name="email"
                    kind="email"
                    value=reply.typed("email")
                    hint="We send a mail there; nothing changes before you confirm it."
                    error=reply.mend("email")
                    autocomplete="email"
                    required=true
                />
                {password_again("email_password", reply)}
                <button type="submit" class="button button-secondary">
                    "Change email address"
                </button>
            </form>
        </section>
    }
}
