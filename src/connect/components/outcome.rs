//! The frame of every page after "Continue to Instagram": one heading that says what happened, one sentence
//! why, one thing to do. No state is a dead end, none blames.

use crate::ui::{Icon, Tone};
use leptos::prelude::*;
use leptos_meta::Title;

/// One outcome.
#[component]
pub fn Outcome(
    /// What happened; also the page's title.
    #[prop(into)]
    heading: String,
    /// What it means.
    #[prop(default = Tone::Neutral)]
    tone: Tone,
    /// The drawing above the heading.
    icon: &'static str,
    /// Why, and what to do.
    children: Children,
) -> impl IntoView {
    let (role, tone) = match tone {
        Tone::Danger => ("alert", "tone-danger"),
        Tone::Warning => ("alert", "tone-warning"),
        Tone::Success => ("status", "tone-success"),
        Tone::Neutral | Tone::Accent => ("status", "tone-neutral"),
    };
    view! {
        <Title text=heading.clone() />
        <div class=format!("outcome {tone}") role=role>
            <span class="outcome-mark">
                <Icon name=icon />
            </span>
            <h1>
                <bdi>{heading}</bdi>
            </h1>
            {children()}
        </div>
    }
}

/// The way back to the link's page. Without one, the person still has the link itself.
#[component]
pub fn TryAgain(
    /// The link's page, when this browser may know it.
    path: Option<String>,
) -> impl IntoView {
    match path {
        // A new request, because the server decides anew what the link's page says.
        Some(path) => view! {
            <a class="button button-primary" href=path rel="external">
                "Try again"
            </a>
        }
        .into_any(),
        None => view! { <p>"To try again, open the link you were sent once more."</p> }.into_any(),
    }
}
