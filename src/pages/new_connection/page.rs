//! The dialog's three steps (T03 to T10).

use crate::{
    links::{components::RequestForm, server_fns::RequestAccess},
    organizations::{components::WindowField, model::Permission},
    pages::accounts::{board::AccountsBoard, page::NEW_CONNECTION_BUTTON},
    paths,
    ui::{CopyField, Dialog, Go, Icon, clipboard, focus_soon},
};
use leptos::{either::Either, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

/// Which kind of connection.
#[component]
pub fn NewConnectionScreen() -> impl IntoView {
    view! {
        <Step heading="New Instagram connection">
            <section class="choice" aria-labelledby="connection-type">
                <h3 id="connection-type">"Account"</h3>
                <p>"One Instagram account, with all its posts. Whoever has its password allows it once."</p>
                <Go path=paths::ADD_ACCOUNT class="button button-primary">
                    "+ Add Your Account"
                </Go>
            </section>
        </Step>
    }
}

/// Log in, or ask somebody.
#[component]
pub fn AddAccountScreen() -> impl IntoView {
    view! {
        <Step heading="Add your account">
            <section class="choice">
                <p>"You have the password: sign in at Instagram now."</p>
                <form method="post" action=paths::LOG_IN_TO_ACCOUNT>
                    <WindowField />
                    <button class="button button-secondary" type="submit">
                        <Icon name="external" />
                        <span>"Log in to an Account"</span>
                    </button>
                </form>
            </section>
            <section class="choice">
                <p>"Somebody else has it: send them a link. They allow it at Instagram, and nobody shares a password."</p>
                <Go path=paths::REQUEST_ACCESS class="button button-primary">
                    <Icon name="link" />
                    <span>"Request Account Access"</span>
                </Go>
            </section>
        </Step>
    }
}

/// Whom to ask for. One press makes the link, copies it and closes the window; where the browser gives no clipboard, the
/// window stays and shows the URL (T09, T10).
#[component]
pub fn RequestAccessScreen() -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    view! {
        <Step heading="Request account access">
            <AskForAccess board />
        </Step>
    }
}

/// The form, or the URL that came of it.
#[component]
fn AskForAccess(
    /// The accounts, and the requests for them.
    board: AccountsBoard,
) -> impl IntoView {
    let action = ServerAction::<RequestAccess>::new();
    let to_copy = RwSignal::new(None::<String>);
    let navigate = use_navigate();
    Effect::new(move |_| {
        let Some(Ok(request)) = action.value().get() else { return };
        board.refresh();
        let written = clipboard::write(&request.url);
        let navigate = navigate.clone();
        spawn_local(async move {
            if written.await {
                board.news.set(Some(LINK_COPIED.to_owned()));
                leave(&navigate);
            } else {
                to_copy.set(Some(request.url));
            }
        });
    });
    let query = use_query_map();
    let made = Memo::new(move |_| to_copy.get().or_else(|| board.request_url(query.read().get_str("made")?)));
    view! {
        <Show
            when=move || made.with(Option::is_some)
            fallback=move || {
                view! {
                    <p>"Which account do you need? Its owner gets a link from you, and nothing is collected before they agree."</p>
                    <RequestForm action />
                }
            }
        >
            <CopyField
                label="Request link URL"
                value=Signal::derive(move || made.get().unwrap_or_default())
                autofocus=true
            />
            <p>"Send it to whoever has the password, in any way you like. The account is pending in your list until they have connected it."</p>
        </Show>
    }
}

/// Back to the accounts, and to the button that led here: the steps in between are gone, and the focus with them.
fn leave(navigate: &impl Fn(&str, NavigateOptions)) {
    navigate(paths::ACCOUNTS, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    focus_soon(NEW_CONNECTION_BUTTON.to_owned());
}

/// One step of the dialog, for whoever may connect accounts.
#[component]
fn Step(
    /// What it asks.
    heading: &'static str,
    /// The choices.
    children: ChildrenFn,
) -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    let navigate = use_navigate();
    let close = move |()| leave(&navigate);
    view! {
        <Title text=heading />
        <Dialog heading open=Signal::stored(true) on_close=Callback::new(close) close_path=paths::ACCOUNTS>
            <div class="stack">
                <Suspense fallback=|| ()>
                    {move || {
                        let children = children.clone();
                        Suspend::new(async move {
                            // What a plain form came back to show is among the accounts' requests; trouble with these,
                            // the page below this window tells.
                            let may = match board.loaded().await {
                                Ok(view) => view.member.role.may(Permission::ShareLinks),
                                Err(_) => true,
                            };
                            if may {
                                Either::Left(children())
                            } else {
                                Either::Right(
                                    view! {
                                        <p>
                                            "Your role shows you accounts; connecting them takes another one. Ask an owner or an admin of your organization."
                                        </p>
                                    },
                                )
                            }
                        })
                    }}
                </Suspense>
            </div>
        </Dialog>
    }
}

/// What is said when the window has closed by itself.
const LINK_COPIED: &str = "The request link is copied. Send it to whoever has the password.";
