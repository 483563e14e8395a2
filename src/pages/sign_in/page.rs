//! Starts a session. A refused form comes back with what was typed and what to mend.

use crate::{
    paths,
    ui::{Banner, ClientFrame, ErrorSummary, Field, Tone, site::use_site, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Signing in.
#[component]
pub fn SignInScreen() -> impl IntoView {
    let reply = use_form_reply();
    let fresh = reply.error().is_none();
    let by_invitation = use_site().by_invitation;
    let deleted = fresh && use_query_map().with_untracked(|query| query.get_str("deleted").is_some());
    view! {
        <Title text=if fresh { "Sign in" } else { "Not signed in" } />
        <ClientFrame>
            <div class="sheet">
                <h1>"Sign in"</h1>
                {deleted
                    .then(|| {
                        view! {
                            <Banner tone=Tone::Success role="status">
                                "The organization is deleted, and you are signed out. Your own account stays."
                            </Banner>
                        }
                    })}
                {reply.error().map(|error| view! { <ErrorSummary error /> })}
                <form class="form" method="post" action=paths::SIGN_IN novalidate>
                    <Field
                        label="Email"
                        name="email"
                        kind="email"
                        value=reply.typed("email")
                        error=reply.mend("email")
                        autocomplete="username"
                        required=true
                        autofocus=fresh
                    />
                    <Field
                        label="Password"
                        name="password"
                        kind="password"
                        error=reply.mend("password")
                        autocomplete="current-password"
                        required=true
                    />
                    <button type="submit" class="button button-primary">
                        "Sign in"
                    </button>
                </form>
                <p>
                    <a href=paths::FORGOT_PASSWORD>"Forgot your password?"</a>
                </p>
                {(!by_invitation)
                    .then(|| {
                        view! {
                            <p>"New here? " <a href=paths::SIGN_UP>"Create an account"</a></p>
                        }
                    })}
            </div>
        </ClientFrame>
    }
}
