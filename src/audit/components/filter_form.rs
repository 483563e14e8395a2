//! Who, what, from and to: a form that is sent as an address, so that what it chose can be kept and passed on. It needs
//! no JavaScript.

use crate::{
    audit::model::{Asked, Choice},
    error::AppError,
    paths,
    ui::{self, ErrorSummary, Field, SelectField},
};
use leptos::prelude::*;

/// The form that chooses among entries.
#[component]
pub fn FilterForm(
    /// What is asked for now.
    asked: Asked,
    /// What of that cannot be.
    refused: Option<AppError>,
    /// Who can be chosen.
    people: Vec<Choice>,
    /// What can be chosen.
    actions: Vec<Choice>,
) -> impl IntoView {
    let mend = |field: &str| refused.as_ref().and_then(|error| error.for_field(field));
    let (who, what, from, to) = (mend("who"), mend("what"), mend("from"), mend("to"));
    let is_filtered = asked.is_filtered();
    view! {
        {refused.map(|error| view! { <ErrorSummary error /> })}
        <form class="filters" method="get" action=paths::AUDIT role="search" aria-label="Filter the activity">
            <SelectField
                label="Who"
                name="who"
                choices=with_all("Everybody", people)
                value=asked.who
                error=who
            />
            <SelectField
                label="What"
                name="what"
                choices=with_all("Everything", actions)
                value=asked.what
                error=what
            />
            <Field label="From" name="from" kind="date" value=asked.from error=from />
            <Field label="To" name="to" kind="date" value=asked.to error=to />
            <div class="filters-buttons">
                <button class="button button-secondary" type="submit">
                    "Filter"
                </button>
                {is_filtered
                    .then(|| {
                        view! {
                            <a class="button button-quiet" href=paths::AUDIT>
                                "Show everything"
                            </a>
                        }
                    })}
            </div>
            <p class="small filters-hint">"Days begin and end at midnight UTC."</p>
        </form>
    }
}

/// All, or one of these.
fn with_all(everything: &str, choices: Vec<Choice>) -> Vec<ui::Choice> {
    let all = (String::new(), everything.to_owned());
    std::iter::once(all).chain(choices.into_iter().map(|Choice { value, label }| (value, label))).collect()
}
