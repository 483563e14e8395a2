//! The page behind the link at the end of a reminder: on or off, and one button that changes that. The button is a
//! plain form that posts to the page's own address; only its POST changes anything.

use super::load::load_reminders;
use crate::{
    connect::components::Refused,
    organizations::model::RemindersView,
    paths,
    ui::{Badge, ClientFrame, Tone},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The reminders that the token in the address is about.
#[component]
pub fn RemindersScreen() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.read().get("token").unwrap_or_default();
    let reminders = Resource::new(token, load_reminders);
    view! {
        <ClientFrame>
            <Suspense fallback=|| {
                view! { <p class="small">"Loading…"</p> }
            }>
                {move || Suspend::new(async move {
                    match reminders.await {
                        Ok(Some(reminders)) => {
                            let token = params.read_untracked().get("token").unwrap_or_default();
                            view! { <Reminders reminders action=paths::reminders(&token) /> }.into_any()
                        }
                        Ok(None) => view! { <NoReminders /> }.into_any(),
                        Err(error) => view! { <Refused heading="This page could not be shown" error /> }.into_any(),
                    }
                })}
            </Suspense>
        </ClientFrame>
    }
}

/// What the page says, and what its button asks for.
struct Words {
    badge: &'static str,
    tone: Tone,
    sentence: &'static str,
    wish: &'static str,
    button: &'static str,
    emphasis: &'static str,
}

const ON: Words = Words {
    badge: "On",
    tone: Tone::Success,
    sentence: "When the access to an Instagram account cannot be renewed, we write to you seven days and one day before it \
               ends.",
    wish: "off",
    button: "Stop these reminders",
    emphasis: "button button-primary",
};

const OFF: Words = Words {
    badge: "Off",
    tone: Tone::Neutral,
    sentence: "When the access to an Instagram account cannot be renewed, we do not write to you before it ends.",
    wish: "on",
    button: "Turn reminders on again",
    emphasis: "button button-secondary",
};

/// On or off, and the button that changes it.
#[component]
fn Reminders(
    /// How it stands.
    reminders: RemindersView,
    /// This page's own address.
    action: String,
) -> impl IntoView {
    let RemindersView { organization, on } = reminders;
    let Words { badge, tone, sentence, wish, button, emphasis } = if on { ON } else { OFF };
    view! {
        <Title text=format!("Reminders for {organization}: {}", badge.to_lowercase()) />
        <div class="sheet">
            <h1>"Reminders for " <bdi>{organization}</bdi></h1>
            <p>
                <Badge tone=tone>{badge}</Badge>
            </p>
            <p>{sentence}</p>
            <form method="post" action=action>
                <input type="hidden" name="reminders" value=wish />
                <button type="submit" class=emphasis>
                    {button}
                </button>
            </form>
            <p class="small">
                "Other mails still come: they tell you that an account is connected, or has to be connected again."
            </p>
        </div>
    }
}

/// Nobody gets reminders by this token.
#[component]
fn NoReminders() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text=NO_REMINDERS />
        <div class="outcome">
            <h1>{NO_REMINDERS}</h1>
            <p>"Part of the address may be missing. Copy the whole of it once more, as it stands in the mail."</p>
        </div>
    }
}

const NO_REMINDERS: &str = "There are no such reminders";
