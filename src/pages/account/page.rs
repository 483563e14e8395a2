//! The page of one account. It keeps up with what changes: how the account stands, how far its collection is, and which
//! posts there are.

use super::load::{AccountPageView, load_account};
use crate::{
    accounts::components::{AccountBadge, AccountFacts, AccountNotice, Standing, title_id},
    collection::{
        components::{CollectionState, POSTS_HEADING, PostList, Posts},
        model::CollectionView,
    },
    error::AppError,
    ids::AccountId,
    pages::{
        accounts::board::AccountsBoard,
        dashboard::page::{PageNews, PageTrouble, account_actions},
    },
    paths,
    ui::{Avatar, Banner, SiteFooter, Tone},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// One account, as the address names it.
#[component]
pub fn AccountScreen() -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    board.news.set(None);
    let params = use_params_map();
    let query = use_query_map();
    let asked = move || {
        let id: Option<AccountId> = params.with(|params| params.get_str("id")?.parse().ok());
        (id, query.with(|query| query.get("before")))
    };
    let page = Resource::new(asked, |(id, before)| async move {
        match id {
            Some(id) => load_account(id, before).await,
            None => Err(AppError::NotFound),
        }
    });
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    // Whether the client was asked to reconnect stands in what the sidebar shows, too.
                    board.known().await;
                    match page.await {
                        Ok(view) => view! { <Account board view /> }.into_any(),
                        Err(error) => view! { <NoAccount error /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}

/// The page once it is loaded.
#[component]
fn Account(
    /// What it shares with the rest of the dashboard.
    board: AccountsBoard,
    /// What it came with.
    view: AccountPageView,
) -> impl IntoView {
    let mut view = view;
    let id = view.account.id;
    let before = view.before;
    let handle = format!("@{}", view.account.username);
    let posts = Posts::new(std::mem::take(&mut view.posts));
    let seen = RwSignal::new(view);
    let again = Action::new(move |(): &()| load_account(id, before.map(|place| place.to_string())));
    let gone = RwSignal::new(false);
    Effect::new(move |_| match again.value().get() {
        Some(Ok(mut view)) => {
            posts.renew(std::mem::take(&mut view.posts), view.collection.posts);
            seen.set(view);
        }
        Some(Err(AppError::NotFound)) => gone.set(true),
        Some(Err(_)) => board.stale.set(true),
        None => {}
    });
    Effect::new(move |heard: Option<u32>| {
        let changes = board.changes.get();
        if heard.is_some() {
            again.dispatch(());
        }
        changes
    });
    let standing = Memo::new(move |_| seen.with(|view| Standing::of(&view.account)));
    let may_act = Memo::new(move |_| seen.with(|view| view.may_act));
    let news = Signal::derive(move || board.news.get().unwrap_or_default());
    view! {
        <Title text=handle />
        <div class="page-head">
            <div class="account-head">
                {move || {
                    let (name, picture) = seen
                        .with(|view| (view.account.username.clone(), view.account.picture.clone()));
                    view! { <Avatar name picture /> }
                }}
                <h1 class="account-name" id=title_id(id)>
                    <bdi>{move || seen.with(|view| format!("@{}", view.account.username))}</bdi>
                </h1>
                {move || view! { <AccountBadge state=seen.with(|view| view.account.state.clone()) /> }}
            </div>
        </div>
        <PageNews board news />
        {move || {
            gone.get()
                .then(|| {
                    view! {
                        <Banner tone=Tone::Warning role="status">
                            "This account is no longer one of your organization's. "
                            <a href=paths::ACCOUNTS>"Go to your accounts"</a>
                        </Banner>
                    }
                })
        }}
        {move || {
            seen.with(|view| view.mail_trouble.clone())
                .map(|trouble| view! { <Banner tone=Tone::Warning>{trouble}</Banner> })
        }}
        {move || view! { <AccountNotice account=seen.with(|view| view.account.clone()) /> }}
        {move || {
            let name = seen.with(|view| view.account.display_name.clone());
            name.map(|name| view! { <p class="account-called">{name}</p> })
        }}
        <Show when=move || may_act.get()>
            <Actions board id standing />
        </Show>
        {move || {
            let (account, access) = seen.with(|view| (view.account.clone(), view.access.clone()));
            view! { <AccountFacts account access /> }
        }}
        <section class="account-posts" aria-labelledby=POSTS_HEADING>
            <h2 id=POSTS_HEADING tabindex="-1">
                "Posts"
            </h2>
            {move || {
                let collection = seen.with(|view| view.collection.clone());
                view! { <CollectionState collection standing=standing.get() /> }
            }}
            {before
                .is_some()
                .then(|| {
                    view! {
                        <p>
                            <a href=paths::account(id)>"Newest posts"</a>
                        </p>
                    }
                })}
            <PostList
                account=id
                posts
                none=Signal::derive(move || {
                    let standing = standing.get();
                    seen.with(|view| no_posts(standing, before.is_some(), &view.collection))
                })
            />
        </section>
        <SiteFooter />
    }
}

/// What can be done about the account. Its buttons stay while it stands as it did.
#[component]
fn Actions(
    /// What knows which requests are live.
    board: AccountsBoard,
    /// The account.
    id: AccountId,
    /// How it stands.
    standing: Memo<Standing>,
) -> impl IntoView {
    let query = use_query_map();
    view! { <div class="account-actions">{move || account_actions(board, query, id, standing.get())}</div> }
}

/// What is said where there are no posts to show.
fn no_posts(standing: Standing, older: bool, collection: &CollectionView) -> &'static str {
    match standing {
        _ if older => "There are no older posts.",
        Standing::Pending => "Its posts appear here once it is connected.",
        Standing::Dead => "No posts were collected.",
        Standing::Active if collection.last_success_at.is_none() => {
            "The first posts appear here as soon as they are collected."
        }
        Standing::Active => "This account has no posts yet. New ones appear here by themselves.",
    }
}

/// In place of an account that could not be shown. The response carries the status that says the same.
#[component]
fn NoAccount(
    /// Why.
    error: AppError,
) -> impl IntoView {
    // Whoever is signed out is being sent to sign in.
    #[cfg(feature = "ssr")]
    if error != AppError::SignInNeeded {
        crate::server::door::refuse(&error);
    }
    if error == AppError::NotFound {
        view! {
            <Title text="Not found" />
            <h1>"There is nothing at this address"</h1>
            <p>"This account is not one of your organization's. It may have been disconnected."</p>
            <p>
                <a class="button button-secondary" href=paths::ACCOUNTS>
                    "Go to your accounts"
                </a>
            </p>
            <SiteFooter />
        }
        .into_any()
    } else {
        view! { <PageTrouble heading=HEADING error /> }.into_any()
    }
}

/// What the page is called before its account is known.
const HEADING: &str = "Instagram account";

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <h1>{HEADING}</h1>
        <p role="status">"Loading the account…"</p>
        <div class="skeleton" aria-hidden="true"></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t22_t27_an_empty_list_says_why_it_is_empty() {
        let collection = CollectionView { posts: 0, last_success_at: None, next_at: None, trouble: None };
        let mut words = std::collections::BTreeSet::new();
        for standing in [Standing::Pending, Standing::Active, Standing::Dead] {
            assert!(words.insert(no_posts(standing, false, &collection)));
            assert_eq!(no_posts(standing, true, &collection), "There are no older posts.");
        }
    }
}
