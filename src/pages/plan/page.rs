//! The page of the plan. Paying happens elsewhere: its forms lead there, and work without JavaScript.

use super::load::load_plan;
use crate::{
    billing::{
        components::{PlanList, PlanStanding},
        model::{BillingMode, PlanView},
    },
    pages::{accounts::board::AccountsBoard, dashboard::page::PageTrouble},
    ui::SiteFooter,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// What the page is called, here and in the sidebar.
pub const HEADING: &str = "Plan";

/// The plan of the organization.
#[component]
pub fn PlanScreen() -> impl IntoView {
    let frame = expect_context::<AccountsBoard>();
    // Paid in another window, or lapsed: whatever changes in the organization is looked at anew.
    let page = Resource::new(move || frame.changes.get(), |_| load_plan());
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    // The forms say which organization they are about.
                    frame.known().await;
                    match page.await {
                        Ok(view) => Either::Left(view! { <PlanOf view /> }),
                        Err(error) => Either::Right(view! { <PageTrouble heading=HEADING error /> }),
                    }
                })}
            </Transition>
        </main>
    }
}

/// The page once it is loaded.
#[component]
fn PlanOf(
    /// What it came with.
    view: PlanView,
) -> impl IntoView {
    let content = if view.mode == BillingMode::None {
        Either::Left(view! { <p>"Everything is included here, and nothing is limited."</p> })
    } else {
        Either::Right(view! {
            <PlanStanding view=view.clone() />
            <PlanList view />
        })
    };
    view! {
        <div class="page-head">
            <h1>{HEADING}</h1>
        </div>
        <div class="stack">{content}</div>
        <SiteFooter />
    }
}

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <h1>{HEADING}</h1>
        <p role="status">"Loading the plan…"</p>
        <div class="skeleton" aria-hidden="true"></div>
    }
}
