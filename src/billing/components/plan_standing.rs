//! How an organization's subscription stands, how much of its plan is in use, and whom to ask for another one.

use crate::{
    billing::model::{BillingMode, LimitKind, PlanView, SubscriptionState},
    organizations::components::WindowField,
    paths,
    timestamp::Moment,
    ui::{Banner, Facts, MailLink, Tone, When, site::use_site},
};
use leptos::prelude::*;

/// The plan that holds, what becomes of it, and what is in use.
#[component]
pub fn PlanStanding(
    /// What the page came with.
    view: PlanView,
) -> impl IntoView {
    let PlanView { organization, mode, state, plan, ends_at, people, accounts, may_pay, .. } = view;
    let has_it = format!(" has the plan {}.", plan.title());
    let counts = [(LimitKind::Members, people), (LimitKind::Accounts, accounts)];
    let is_over = counts.iter().any(|(limit, count)| !plan.limits().allow(*limit, *count));
    let over = is_over.then(|| {
        view! {
            <Banner tone=Tone::Warning>
                "You have more than this plan includes. All of it stays and goes on working; only adding more takes a larger plan."
            </Banner>
        }
    });
    let in_use = counts
        .into_iter()
        .map(|(limit, count)| {
            view! {
                <dt>{limit.title()}</dt>
                <dd>{format!("{count}, {}", plan.allowance(limit))}</dd>
            }
        })
        .collect_view();
    view! {
        <p>
            <bdi>{organization}</bdi>
            {has_it}
        </p>
        {note(state, ends_at)}
        {over}
        <section class="stack" aria-labelledby="in-use">
            <h2 id="in-use">"In use"</h2>
            <Facts>{in_use}</Facts>
            <p class="small">"People who are invited count as members, and pending accounts as accounts."</p>
        </section>
        <Way mode state may_pay />
    }
}

/// What becomes of the subscription, where something does.
fn note(state: SubscriptionState, ends_at: Option<Moment>) -> Option<AnyView> {
    let on_trial = state == SubscriptionState::Trialing;
    Some(match state {
        SubscriptionState::Free => return None,
        SubscriptionState::Trialing | SubscriptionState::Active => {
            let moment = ends_at?;
            let words = if on_trial { "You are trying it out until " } else { "It ends on " };
            view! { <p>{words} <When moment /> "."</p> }.into_any()
        }
        SubscriptionState::PastDue => {
            let moment = ends_at?;
            view! {
                <Banner tone=Tone::Warning>
                    "A payment failed. Everything goes on until " <When moment />
                    ". See to the payment before then."
                </Banner>
            }
            .into_any()
        }
        SubscriptionState::Unpaid | SubscriptionState::Canceled | SubscriptionState::Lapsed => view! {
            <Banner tone=Tone::Warning>
                "Your subscription has ended. Accounts that are connected stay connected. Connect-links rest, and the same ones work again as soon as a plan includes them."
            </Banner>
        }
        .into_any(),
    })
}

/// Where the plan can be changed, or by whom.
#[component]
fn Way(
    /// Who decides whether the organization has paid.
    mode: BillingMode,
    /// How its subscription stands.
    state: SubscriptionState,
    /// Whether who looks can pay here.
    may_pay: bool,
) -> impl IntoView {
    if may_pay {
        // Who never paid has no bills.
        return (state != SubscriptionState::Free).then(|| view! { <Portal /> }.into_any());
    }
    let whom = match (mode.is_online(), use_site().support_email) {
        (true, _) => view! { <p>"To change the plan, ask an owner of your organization."</p> }.into_any(),
        (false, Some(email)) => view! {
            <p>
                "To change the plan, write to " <MailLink email /> "."
            </p>
        }
        .into_any(),
        (false, None) => view! { <p>"To change the plan, ask whoever runs this installation."</p> }.into_any(),
    };
    Some(whom)
}

/// Leads to where an owner sees bills and changes things.
#[component]
fn Portal() -> impl IntoView {
    view! {
        <form method="post" action=paths::BILLING_PORTAL>
            <WindowField />
            <div class="stack">
                <button class="button button-secondary" type="submit">
                    "Manage billing"
                </button>
                <p class="small">"Bills, card, another plan, or cancelling."</p>
            </div>
        </form>
    }
}
