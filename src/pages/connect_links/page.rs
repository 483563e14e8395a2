//! The connect-link dialog's screen: describe → generate → the URL, and the existing links below (S08 to S23).

use super::{
    board::{LINK_DELETED, LinksBoard},
    load::ConnectLinksView,
};
use crate::{
    billing::{
        components::UpgradePrompt,
        model::{LimitKind, Plan},
    },
    error::AppError,
    ids::LinkId,
    links::{
        components::{GenerateForm, LinkList, MadeLink},
        model::LinkView,
        server_fns::GenerateLink,
    },
    paths,
    ui::{Dialog, ErrorView, Status},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_navigate, use_query_map},
};

const HEADING: &str = "Share a connect-link";
const LINK_READY: &str = "The connect-link is ready.";

/// The dialog, with the question that may lie over it.
#[component]
pub fn ConnectLinksScreen() -> impl IntoView {
    let board = LinksBoard::load();
    provide_context(board);
    let navigate = use_navigate();
    let close = move |()| navigate(paths::ACCOUNTS, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    view! {
        <Title text=HEADING />
        <Dialog heading=HEADING open=Signal::stored(true) on_close=Callback::new(close) close_path=paths::ACCOUNTS>
            <Suspense fallback=|| view! { <p role="status">"Loading your links…"</p> }>
                {move || Suspend::new(async move {
                    match board.loaded().await {
                        Ok(view) => Either::Left(view! { <ShareLinks board view /> }),
                        Err(error) => Either::Right(view! { <ErrorView error /> }),
                    }
                })}
            </Suspense>
        </Dialog>
        <Outlet />
    }
}

/// The dialog once it is loaded.
#[component]
fn ShareLinks(
    /// What it shares with the question over it.
    board: LinksBoard,
    /// What it came with.
    view: ConnectLinksView,
) -> impl IntoView {
    let ConnectLinksView { organization, may_share, .. } = view;
    if !may_share {
        return Either::Left(view! {
            <p>
                "Your role shows you which links there are, not where they lead. Ask an owner of your organization for a link, or for the role that makes them."
            </p>
            <LinkList links=board.links() active=board.included() read_only=true />
        });
    }

    let generate = ServerAction::<GenerateLink>::new();
    let refused = move || matches!(generate.value().get(), Some(Err(AppError::PlanLimit { .. })));
    let included = board.included();
    let usable = Memo::new(move |_| included.get() && !refused());
    let links = board.links();
    let query = use_query_map();
    // The answer of the server, or what a plain form came back with in the address.
    let made = Memo::new(move |_| made_link(generate, &query.read().get("made"), links, board));
    let news = Signal::derive(move || {
        board.news.get().unwrap_or_else(|| {
            query.with(|query| query.get_str("deleted").map(|_| LINK_DELETED.to_owned()).unwrap_or_default())
        })
    });
    Effect::new(move |_| match generate.value().get() {
        Some(Ok(_)) => {
            board.news.set(Some(LINK_READY.to_owned()));
            board.refresh();
        }
        // The plan ended while the dialog was open.
        Some(Err(AppError::PlanLimit { .. })) => board.refresh(),
        Some(Err(_)) | None => {}
    });

    Either::Right(view! {
        <div class="stack">
            <p class="page-news">
                <Status text=news />
            </p>
            <Show
                when=move || usable.get()
                fallback=|| {
                    let limit = LimitKind::ConnectLinks;
                    view! { <UpgradePrompt limit plan=Plan::lifting(limit, 1) /> }
                }
            >
                <GenerateForm action=generate autofocus=made.with_untracked(Option::is_none) />
            </Show>
            <MadeLink link=made organization />
            <LinkList links active=usable />
        </div>
    })
}

/// The link that was just made, until it is deleted again.
fn made_link(
    generate: ServerAction<GenerateLink>,
    made: &Option<String>,
    links: Signal<Vec<LinkView>>,
    board: LinksBoard,
) -> Option<LinkView> {
    let answered = generate.value().with(|value| value.as_ref().and_then(|value| value.as_ref().ok().cloned()));
    let found = || {
        let id: LinkId = made.as_ref()?.parse().ok()?;
        links.with(|links| links.iter().find(|link| link.id == id).cloned())
    };
    answered.or_else(found).filter(|link| !board.is_deleted(link.id))
}
