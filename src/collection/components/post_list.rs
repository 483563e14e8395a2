//! The collected posts of an account, newest first, a page of them at a time. Without JavaScript "Show older posts"
//! opens the next page; with it the older ones appear below those that stand there. Nobody's focus is moved but by
//! their press.

use super::post_card::{PostCard, post_id};
use crate::{
    collection::{
        model::{PostCursor, PostView, PostsPage},
        server_fns::list_posts,
    },
    ids::{AccountId, PostId},
    paths,
    ui::{ErrorView, Status, focus_soon},
};
use leptos::{ev::SubmitEvent, prelude::*};

/// The id of the heading over the posts, which takes the focus when there is no post to take it.
pub const POSTS_HEADING: &str = "posts-heading";

/// The posts of an account, as far as a page shows them.
#[derive(Clone, Copy)]
pub struct Posts {
    /// Newest first.
    shown: RwSignal<Vec<Shown>>,
    /// Where the older ones begin.
    next: RwSignal<Option<PostCursor>>,
    /// The place from which older ones were last asked for; `None` while the page shows what it came with.
    asked: RwSignal<Option<PostCursor>>,
}

/// A post in the page. It stays the same element when its picture arrives or its caption is edited.
#[derive(Clone)]
struct Shown {
    id: PostId,
    post: ArcRwSignal<PostView>,
}

impl From<PostView> for Shown {
    fn from(post: PostView) -> Self {
        Self { id: post.id, post: ArcRwSignal::new(post) }
    }
}

impl Posts {
    /// What the page came with.
    pub fn new(page: PostsPage) -> Self {
        Self {
            shown: RwSignal::new(page.posts.into_iter().map(Shown::from).collect()),
            next: RwSignal::new(page.next),
            asked: RwSignal::new(None),
        }
    }

    /// Takes in what the page would come with now; of an account that has this many posts.
    pub fn renew(self, fresh: PostsPage, collected: i64) {
        let PostsPage { posts, next } = fresh;
        let asked = self.asked.get_untracked();
        self.shown.update(|shown| *shown = renewed(std::mem::take(shown), posts, asked.is_some()));
        if asked.is_none() {
            self.next.set(next);
        } else if self.next.get_untracked().is_none() {
            // The first run adds older and older posts: what was the end may have moved.
            let shown = self.shown.with_untracked(Vec::len);
            if i64::try_from(shown).is_ok_and(|shown| shown < collected) {
                self.next.set(asked);
            }
        }
    }

    /// Puts older posts below, and answers with the first that was not there, and with how many were not.
    fn append(self, asked: PostCursor, page: PostsPage) -> (Option<PostId>, usize) {
        let PostsPage { posts, next } = page;
        let new: Vec<Shown> = self.shown.with_untracked(|shown| {
            posts.into_iter().filter(|post| shown.iter().all(|old| old.id != post.id)).map(Shown::from).collect()
        });
        let first = new.first().map(|new| new.id);
        let count = new.len();
        self.shown.update(|shown| shown.extend(new));
        self.next.set(next);
        self.asked.set(Some(asked));
        (first, count)
    }
}

/// The posts after a new look at the first of them, with or without those further below, which stay as they were.
fn renewed(before: Vec<Shown>, fresh: Vec<PostView>, with_older: bool) -> Vec<Shown> {
    let mut now: Vec<Shown> = fresh
        .into_iter()
        .map(|post| match before.iter().find(|old| old.id == post.id) {
            Some(old) => {
                if old.post.with_untracked(|old| *old != post) {
                    old.post.set(post);
                }
                old.clone()
            }
            None => Shown::from(post),
        })
        .collect();
    if with_older {
        let older: Vec<Shown> = before.into_iter().filter(|old| now.iter().all(|new| new.id != old.id)).collect();
        now.extend(older);
    }
    now
}

/// The posts, and the way to older ones.
#[component]
pub fn PostList(
    /// Whose posts.
    account: AccountId,
    /// As far as they are shown.
    posts: Posts,
    /// What is said where there are none.
    #[prop(into)]
    none: Signal<&'static str>,
) -> impl IntoView {
    let Posts { shown, next, .. } = posts;
    let some = Memo::new(move |_| shown.with(|shown| !shown.is_empty()));
    let news = RwSignal::new(String::new());
    let older = Action::new(move |place: &PostCursor| {
        let place = *place;
        async move { (place, list_posts(account, place.to_string()).await) }
    });
    let pending = older.pending();
    let error = move || {
        older.value().with(|answer| match answer {
            Some((_, Err(error))) => Some(error.clone()),
            _ => None,
        })
    };
    Effect::new(move |_| {
        let Some((place, Ok(page))) = older.value().get() else { return };
        let (first, count) = posts.append(place, page);
        news.set(more_shown(count));
        // The button may be gone by now, and whoever pressed it wants to read on.
        if let Some(first) = first {
            focus_soon(post_id(first));
        } else if next.get_untracked().is_none() {
            focus_soon(POSTS_HEADING.to_owned());
        }
    });
    let ask = move |event: SubmitEvent| {
        event.prevent_default();
        if let (false, Some(place)) = (pending.get_untracked(), next.get_untracked()) {
            news.set(String::new());
            older.dispatch(place);
        }
    };
    view! {
        <Show
            when=move || some.get()
            fallback=move || view! { <p class="posts-none">{move || none.get()}</p> }
        >
            <ul class="posts" role="list">
                <For
                    each=move || shown.get()
                    key=|shown| shown.id
                    children=|Shown { post, .. }| {
                        let picture = Memo::new({
                            let post = post.clone();
                            move |_| post.with(|post| post.picture.clone())
                        });
                        view! { <PostCard post picture /> }
                    }
                />
            </ul>
        </Show>
        {move || error().map(|error| view! { <ErrorView error /> })}
        <div class="posts-more">
            <Show when=move || next.with(Option::is_some)>
                <form class="go" method="get" action=paths::account(account) on:submit=ask>
                    <input
                        type="hidden"
                        name="before"
                        value=move || next.get().map(|place| place.to_string()).unwrap_or_default()
                    />
                    <button
                        class="button button-secondary"
                        type="submit"
                        aria-busy=move || pending.get().then_some("true")
                    >
                        "Show older posts"
                    </button>
                </form>
            </Show>
            <Status text=news />
        </div>
    }
}

/// What is said after older posts came.
fn more_shown(count: usize) -> String {
    match count {
        0 => "There are no older posts.".to_owned(),
        1 => "1 more post shown.".to_owned(),
        count => format!("{count} more posts shown."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Moment;

    fn post(n: u8, picture: Option<&str>) -> PostView {
        PostView {
            id: format!("{n:032x}").parse().unwrap(),
            kind: "Photo".into(),
            caption: None,
            permalink: "https://www.instagram.com/p/1/".into(),
            picture: picture.map(str::to_owned),
            posted_at: Moment { iso: String::new(), date: String::new(), full: String::new(), relative: String::new() },
        }
    }

    fn shown(numbers: &[u8]) -> Vec<Shown> {
        numbers.iter().map(|n| Shown::from(post(*n, None))).collect()
    }

    fn ids(shown: &[Shown]) -> Vec<PostId> {
        shown.iter().map(|shown| shown.id).collect()
    }

    #[test]
    fn u26_a_picture_that_arrives_and_a_caption_that_is_edited_leave_their_cards_in_place() {
        let before = shown(&[2, 1]);
        let cards: Vec<_> = before.iter().map(|shown| shown.post.clone()).collect();
        let edited = PostView { caption: Some("Sold out".into()), ..post(1, None) };
        let now = renewed(before, vec![post(2, Some("/pictures/2")), edited], false);
        assert_eq!(ids(&now), ids(&shown(&[2, 1])));
        assert_eq!(cards[0].get_untracked().picture.as_deref(), Some("/pictures/2"));
        assert_eq!(cards[1].get_untracked().caption.as_deref(), Some("Sold out"));
    }

    #[test]
    fn a_new_look_drops_what_is_gone_and_keeps_older_posts_that_were_asked_for() {
        let fresh = || vec![post(4, None), post(3, None)];
        assert_eq!(ids(&renewed(shown(&[3, 2, 1]), fresh(), false)), ids(&shown(&[4, 3])));
        assert_eq!(ids(&renewed(shown(&[3, 2, 1]), fresh(), true)), ids(&shown(&[4, 3, 2, 1])));
    }

    #[test]
    fn older_posts_are_counted_in_words() {
        assert_eq!(more_shown(0), "There are no older posts.");
        assert_eq!(more_shown(1), "1 more post shown.");
        assert_eq!(more_shown(48), "48 more posts shown.");
    }
}
