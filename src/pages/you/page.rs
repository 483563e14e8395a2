//! A person's own account. Its forms are plain posts to this very page; a refused one is rendered again with what to mend.

use super::load::load_you;
use crate::{
    identity::components::{address_section, password_section, recovery_codes, sessions_section, two_factor_section},
    pages::dashboard::page::PageTrouble,
    ui::{Banner, ErrorSummary, FormReply, SiteFooter, Tone, use_form_reply},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

const HEADING: &str = "Your account";

/// The account of whoever is signed in.
#[component]
pub fn YouScreen() -> impl IntoView {
    let reply = use_form_reply();
    let query = use_query_map();
    let you = OnceResource::new(load_you());
    let done = move || query.with(|query| query.get_str("done").and_then(words));
    let title = title_of(&reply);
    view! {
        <Title text=title />
        <main class="page" id="main">
            <Suspense fallback=|| {
                view! { <p role="status">"Loading…"</p> }
            }>
                {move || {
                    let reply = reply.clone();
                    Suspend::new(async move {
                        match you.await {
                            Ok(view) => {
                                view! {
                                    <h1>{HEADING}</h1>
                                    {reply.error().map(|error| view! { <ErrorSummary error /> })}
                                    {(!reply.once().is_empty()).then(|| recovery_codes(reply.once()))}
                                    {move || {
                                        done()
                                            .map(|words| {
                                                view! {
                                                    <Banner tone=Tone::Success role="status">
                                                        {words}
                                                    </Banner>
                                                }
                                            })
                                    }}
                                    <div class="you">
                                        {address_section(&view, &reply)} {password_section(&reply)}
                                        {two_factor_section(&view.two_factor, &reply)}
                                        {sessions_section(&view.sessions)}
                                    </div>
                                    <SiteFooter />
                                }
                                    .into_any()
                            }
                            Err(error) => view! { <PageTrouble heading=HEADING error /> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </main>
    }
}

fn title_of(reply: &FormReply) -> &'static str {
    if reply.error().is_some() {
        "Your account was not changed"
    } else if reply.once().is_empty() {
        HEADING
    } else {
        "Your recovery codes"
    }
}

/// What was just done, from the word in the page's address.
fn words(done: &str) -> Option<&'static str> {
    Some(match done {
        "email" => "We have sent a mail to the new address. Press the button in it to change to it.",
        "sent" => "The mail is on its way.",
        "kept" => "Your address stays as it is.",
        "password" => "Your password is changed. All your other sessions have ended.",
        "two_factor_started" => "Enter a code of your app to turn two-factor sign-in on.",
        "two_factor_forgotten" => "Two-factor sign-in stays off.",
        "two_factor_off" => "Two-factor sign-in is off.",
        "ended" => "The session has ended.",
        "ended_others" => "All your other sessions have ended.",
        _ => return None,
    })
}
