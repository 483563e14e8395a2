//! From one organization of a person to another: a disclosure of the browser's own with a plain form, so that it works
//! before and without JavaScript. The whole page is loaded anew, because everything on it belongs to one organization.

use crate::{
    organizations::model::OrganizationChoice,
    paths,
    ui::{Avatar, Icon},
};
use leptos::prelude::*;

/// The organization that is worked for, and the others.
#[component]
pub fn OrganizationSwitcher(
    /// All organizations of the person.
    organizations: Vec<OrganizationChoice>,
    /// Name of the current one.
    current: String,
) -> impl IntoView {
    let choices = organizations
        .into_iter()
        .map(|OrganizationChoice { id, name, is_current }| {
            if is_current {
                view! {
                    <li class="switcher-choice" aria-current="true">
                        <Icon name="check" />
                        <span>{name} <span class="switcher-here">" (you are here)"</span></span>
                    </li>
                }
                .into_any()
            } else {
                view! {
                    <li>
                        <button class="switcher-choice" type="submit" name="organization" value=id.to_string()>
                            {name}
                        </button>
                    </li>
                }
                .into_any()
            }
        })
        .collect_view();
    view! {
        <details class="switcher">
            <summary class="sidebar-organization">
                <Avatar name=current.clone() />
                <span class="switcher-name">
                    <strong>{current}</strong>
                    <span class="switcher-hint">"Switch organization"</span>
                </span>
                <Icon name="chevron" />
            </summary>
            <form method="post" action=paths::SWITCH_ORGANIZATION>
                <ul class="switcher-choices" role="list">
                    {choices}
                </ul>
            </form>
        </details>
    }
}
