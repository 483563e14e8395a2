//! What each plan allows, made from the one table, with the way to pay for it.

use crate::{
    billing::model::{LimitKind, Plan, PlanView},
    organizations::components::WindowField,
    paths,
    ui::{Badge, Facts, Tone},
};
use leptos::prelude::*;

/// Every plan, the smallest first.
#[component]
pub fn PlanList(
    /// What the page came with.
    view: PlanView,
) -> impl IntoView {
    let PlanView { plan: own, sold, .. } = view;
    let plans = Plan::ALL
        .into_iter()
        .map(|plan| {
            let allowances = LimitKind::ALL.map(|limit| {
                view! {
                    <dt>{limit.title()}</dt>
                    <dd>{plan.allowance(limit)}</dd>
                }
            });
            let mark = (plan == own).then(|| view! { <Badge tone=Tone::Success>"Your plan"</Badge> });
            // Whoever pays already changes the plan where the bills are.
            let choose = (sold.contains(&plan) && own == Plan::Free).then(|| view! { <Choose plan /> });
            view! {
                <li class="plan">
                    <div class="row-title">
                        <h3>{plan.title()}</h3>
                        {mark}
                    </div>
                    <Facts>{allowances.into_iter().collect_view()}</Facts>
                    {choose}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="all-plans">
            <h2 id="all-plans">"All plans"</h2>
            <ul class="plans" role="list">
                {plans}
            </ul>
        </section>
    }
}

/// Leads to where the plan is paid for.
#[component]
fn Choose(
    /// Which.
    plan: Plan,
) -> impl IntoView {
    view! {
        <form method="post" action=paths::CHECKOUT>
            <WindowField />
            <input type="hidden" name="plan" value=plan.as_str() />
            <button class="button button-primary" type="submit">
                {format!("Choose {}", plan.title())}
            </button>
        </form>
    }
}
