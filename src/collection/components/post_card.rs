//! One collected post: its picture, what its author wrote, when, and the way to it at Instagram.

use crate::{
    collection::model::PostView,
    ids::PostId,
    ui::{Icon, When},
};
use leptos::{either::Either, prelude::*};

/// A post, as an item of a list. It can take the focus: whoever asked for more posts is led to the first of them. Its
/// caption and its picture follow what becomes of the post; nothing else of it ever changes.
#[component]
pub fn PostCard(
    /// The post.
    #[prop(into)]
    post: Signal<PostView>,
    /// Its picture, which may arrive later than the post itself.
    #[prop(into)]
    picture: Signal<Option<String>>,
) -> impl IntoView {
    let PostView { id, kind, permalink, posted_at, .. } = post.get_untracked();
    let caption = Memo::new(move |_| {
        let written = post.with(|post| post.caption.clone());
        written.filter(|caption| !caption.trim().is_empty())
    });
    let date = posted_at.date.clone();
    // The words beside a picture say more of it than we could.
    let alt = move || if caption.with(Option::is_some) { String::new() } else { format!("Post of {date}") };
    let link_name = format!("Open at Instagram, post of {}", posted_at.full);
    let icon = match kind.as_str() {
        "Video" => "video",
        "Album" => "album",
        _ => "image",
    };
    let kind = (kind != "Photo").then_some(kind);
    view! {
        <li class="post" id=post_id(id) tabindex="-1">
            <div class="post-picture">
                {move || match picture.get() {
                    Some(picture) => {
                        Either::Left(
                            view! {
                                // Not before it is near: said first, because a browser begins to fetch at the address.
                                <img
                                    loading="lazy"
                                    decoding="async"
                                    width="320"
                                    height="320"
                                    alt=alt.clone()
                                    src=picture
                                />
                            },
                        )
                    }
                    None => Either::Right(view! { <Icon name=icon /> }),
                }}
            </div>
            <div class="post-words">
                <p class="post-facts">
                    <When moment=posted_at />
                    {kind
                        .map(|kind| {
                            view! {
                                <span class="post-kind">
                                    <Icon name=icon />
                                    <span>{kind}</span>
                                </span>
                            }
                        })}
                </p>
                {move || {
                    caption
                        .get()
                        .map(|caption| {
                            view! {
                                <p class="post-caption" dir="auto">
                                    {caption}
                                </p>
                            }
                        })
                }}
                <a class="post-link" href=permalink rel="noreferrer" aria-label=link_name>
                    <span>"Open at Instagram"</span>
                    <Icon name="external" />
                </a>
            </div>
        </li>
    }
}

/// The id of a post's element.
pub(super) fn post_id(id: PostId) -> String {
    format!("post-{id}")
}
