//! How the collection of an account's posts stands, in a sentence: how many, when last, when next, and what went wrong.

use crate::{
    accounts::components::Standing,
    collection::model::CollectionView,
    ui::{Banner, Tone, When},
};
use leptos::prelude::*;

/// The sentence, and below it what went wrong last.
#[component]
pub fn CollectionState(
    /// How the collection stands.
    collection: CollectionView,
    /// How the account stands: only a connected one is collected (T22, T27).
    standing: Standing,
) -> impl IntoView {
    let CollectionView { posts, last_success_at, next_at, trouble } = collection;
    let last = last_success_at.map(|moment| view! { ", last checked " <When moment /> });
    let sentence = match standing {
        Standing::Pending => "Nothing is collected until the account is connected.".into_any(),
        Standing::Dead => {
            view! { {counted(posts)} {last} ". Nothing more is collected until the account is connected again." }
                .into_any()
        }
        Standing::Active if last.is_none() => {
            format!("Collecting posts: first run under way — {posts} so far").into_any()
        }
        Standing::Active => {
            view! { {counted(posts)} {last} {next_at.map(|moment| view! { ", next check " <When moment /> })} }
                .into_any()
        }
    };
    let trouble = trouble.filter(|_| standing == Standing::Active);
    view! {
        <p class="collection-state">{sentence}</p>
        {trouble.map(|trouble| view! { <Banner tone=Tone::Warning>{trouble}</Banner> })}
    }
}

/// How many posts, in words.
fn counted(posts: i64) -> String {
    if posts == 1 { "1 post".to_owned() } else { format!("{posts} posts") }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn posts_are_counted_in_words() {
        assert_eq!(counted(0), "0 posts");
        assert_eq!(counted(1), "1 post");
        assert_eq!(counted(12_345), "12345 posts");
    }
}
