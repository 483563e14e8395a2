//! What a collected post is to people, and how the collection of an account stands. No I/O.

use crate::{ids::PostId, timestamp::Moment};
use serde::{Deserialize, Serialize};

/// A post, as its organization's members see it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PostView {
    /// Names the row.
    pub id: PostId,
    /// "Photo", "Video" or "Album", in words; Instagram's own word when it is none of these.
    pub kind: String,
    /// What the author wrote, line breaks included. Text of a stranger.
    pub caption: Option<String>,
    /// The post at Instagram: an https address there.
    pub permalink: String,
    /// Where its picture lies with us; `None` until it was copied, or when Instagram gives none.
    pub picture: Option<String>,
    /// When it was posted.
    pub posted_at: Moment,
}

/// Some posts of an account, newest first.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct PostsPage {
    /// The posts.
    pub posts: Vec<PostView>,
    /// Where the older ones begin; `None` when there are none.
    pub next: Option<PostCursor>,
}

/// A place in the posts of an account, between two of them: what a page's address carries. Opaque to people.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PostCursor {
    /// When the last post before the place was posted, in microseconds since 1970.
    pub posted_at: i64,
    /// Which post that was.
    pub id: PostId,
}

impl std::fmt::Display for PostCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.posted_at, self.id)
    }
}

impl std::str::FromStr for PostCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (posted_at, id) = text.rsplit_once('-').ok_or(())?;
        Ok(Self { posted_at: posted_at.parse().map_err(|_| ())?, id: id.parse().map_err(|_| ())? })
    }
}

/// How the collection of an account's posts stands.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CollectionView {
    /// Posts collected until now.
    pub posts: i64,
    /// When all of them were last known to be as at Instagram; `None` while the first collection is under way.
    pub last_success_at: Option<Moment>,
    /// When Instagram is asked again; `None` when it is not, because the account is pending or dead (T22, T27).
    pub next_at: Option<Moment>,
    /// What went wrong last, in words for the member; `None` when nothing did.
    pub trouble: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_between_posts_survives_the_address_of_a_page() {
        let place = PostCursor { posted_at: -5, id: "0198f000000070008000000000000000".parse().unwrap() };
        assert_eq!(place.to_string().parse(), Ok(place));
        for wrong in ["", "-", "5", "x-0198f000000070008000000000000000", "5-x"] {
            assert!(wrong.parse::<PostCursor>().is_err(), "{wrong}");
        }
    }
}
