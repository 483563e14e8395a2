//! Changing the password.

use super::password_again;
use crate::{
    identity::model::password_rules,
    paths,
    ui::{Field, FormReply},
};
use leptos::prelude::*;

/// The section about the password.
pub fn password_section(reply: &FormReply) -> impl IntoView + use<> {
    view! {
        <section class="you-section" aria-labelledby="you-password">
            <h2 id="you-password">"Password"</h2>
            <form class="form" method="post" action=paths::YOU novalidate>
                <input type="hidden" name="form" value="password" />
                {password_again("old_password", reply)} <Field
                    label="New password"
                    name="password"
                    kind="password"
                    hint=password_rules::HINT
                    error=reply.mend("password")
                    autocomplete="new-password"
                    required=true
                />
                <p class="small">"All your other sessions end."</p>
                <button type="submit" class="button button-secondary">
                    "Change password"
                </button>
            </form>
        </section>
    }
}
