//! Where a person is signed in, and ending that.

use super::button_form;
use crate::{
    identity::model::SessionView,
    paths,
    ui::{Badge, Tone, When},
};
use leptos::prelude::*;

/// The section about the sessions.
pub fn sessions_section(sessions: &[SessionView]) -> impl IntoView + use<> {
    let others = sessions.iter().any(|session| !session.is_this);
    let rows = sessions.iter().cloned().map(session_row).collect_view();
    view! {
        <section class="you-section" aria-labelledby="you-sessions">
            <h2 id="you-sessions">"Sessions"</h2>
            <p>"Where you are signed in. A session that you do not know: end it, and change your password."</p>
            <ul class="rows" role="list">
                {rows}
            </ul>
            {others.then(|| button_form("end_other_sessions", "button button-secondary", "End all others"))}
        </section>
    }
}

fn session_row(session: SessionView) -> impl IntoView + use<> {
    let SessionView { name, browser, from, started_at, is_this } = session;
    let title = format!("session-{name}");
    let action = if is_this {
        view! { <Badge tone=Tone::Success>"This one"</Badge> }.into_any()
    } else {
        view! {
            <form class="row-actions" method="post" action=paths::YOU>
                <input type="hidden" name="form" value="end_session" />
                <input type="hidden" name="session" value=name />
                <button type="submit" class="button button-quiet" aria-describedby=title.clone()>
                    "End"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title" id=title>
                    <strong>{browser}</strong>
                </p>
                <p class="row-meta">
                    <span>"Signed in " <When moment=started_at /></span>
                    {from.map(|from| view! { <span>"from " {from}</span> })}
                </p>
            </div>
            {action}
        </li>
    }
}
