//! Stands where something would be made that the plan does not include (S26).

use crate::{
    billing::model::{LimitKind, Plan},
    paths,
    ui::{MailLink, site::use_site},
};
use leptos::prelude::*;

/// Says what is missing, which plan lifts the limit, what goes on working, and where to go on.
#[component]
pub fn UpgradePrompt(
    /// What is limited.
    limit: LimitKind,
    /// The smallest plan that lifts it; `None` when none does.
    plan: Option<Plan>,
) -> impl IntoView {
    let lifts = plan.map(|plan| format!(" The plan {} lifts this limit.", plan.title()));
    let more = match limit {
        LimitKind::ConnectLinks => {
            "With it, a client connects an Instagram account to your organization without sharing a password. Links you shared earlier work again, unchanged, as soon as your plan includes them."
        }
        LimitKind::Members => "Whoever is a member already stays one.",
        LimitKind::Accounts => "Those you have stay in your list, and can be connected again at any time.",
    };
    let help = use_site().support_email.map(|email| {
        view! {
            <p>
                "Questions? Write to " <MailLink email /> "."
            </p>
        }
    });
    view! {
        <section class="upgrade stack">
            <h3>{limit.heading()}</h3>
            <p>{limit.words()} {lifts}</p>
            <p>{more}</p>
            <p>"Accounts that are already connected stay connected."</p>
            <p>
                <a class="button button-primary" href=paths::PLAN>
                    "See the plans"
                </a>
            </p>
            {help}
        </section>
    }
}
