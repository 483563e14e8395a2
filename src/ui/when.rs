//! A point in time for people (U24): the date with its year, the distance beside it, time and zone for whoever
//! points at it or reaches it with the keyboard.

use crate::timestamp::Moment;
use leptos::prelude::*;

/// A date, and how far away it is.
#[component]
pub fn When(
    /// The point in time, already in words.
    moment: Moment,
) -> impl IntoView {
    let Moment { iso, date, full, relative } = moment;
    view! {
        <time class="when" datetime=iso title=full tabindex="0">
            {format!("{date} ")} <span class="when-relative">{format!("· {relative}")}</span>
        </time>
    }
}
