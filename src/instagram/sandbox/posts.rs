//! Everybody's posts. Those from the start are a function of person and index, so 10,000 of them cost nothing to keep;
//! remembered is only what differs from that: posts that were added, captions that were edited, posts that were
//! deleted. `media` lists them; tests and the control page change them.

use super::{
    Sandbox, captions, pages,
    people::{self, Person},
};
use crate::{sandbox_pages::Params, timestamp::Timestamp};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use url::{Position, Url};

/// 2026-11-01T00:00:00Z, in seconds. Posts from the start are older, so they stay the same whenever a sandbox runs.
const EPOCH: i64 = 1_793_491_200;
/// From one of them to the next, in seconds.
const RHYTHM: i64 = 8 * 3_600;

/// Ids have as many digits as Instagram's, and tell person and index: a person has a range, an index a place in it.
const FIRST_ID: u64 = 17_900_000_000_000_000;
const IDS_EACH: u64 = 1_000_000_000_000;
const ID_STEP: u64 = 7_919;

/// Posts from the start have an index below this one; added posts have it or a higher one.
const ADDED: u64 = 1_000_000;

/// Where a post stands in the list: by time, then by id. A cursor says this of the last post of a page, so it stays
/// right when posts come and go around it, that one included.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Place {
    /// In seconds since 1970-01-01T00:00:00Z.
    pub(super) taken_at: i64,
    pub(super) id: u64,
}

impl Place {
    fn at(person: &Person, index: u64) -> Self {
        let age = RHYTHM.saturating_mul(i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1));
        Self { taken_at: EPOCH.saturating_sub(age), id: id_of(person, index) }
    }

    pub(super) fn cursor(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.taken_at, self.id))
    }

    pub(super) fn parse(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (taken_at, id) = text.split_once(' ')?;
        Some(Self { taken_at: taken_at.parse().ok()?, id: id.parse().ok()? })
    }
}

/// What a post consists of, in the graph's words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Image,
    Video,
    Carousel,
}

impl Kind {
    /// Mostly pictures. What was added is always one.
    fn of(index: u64) -> Self {
        match index % 7 {
            _ if index >= ADDED => Self::Image,
            3 => Self::Video,
            5 => Self::Carousel,
            _ => Self::Image,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::Carousel => "CAROUSEL_ALBUM",
        }
    }
}

/// A post as it is now.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) place: Place,
    pub(super) index: u64,
    pub(super) kind: Kind,
    pub(super) caption: Option<String>,
}

impl Post {
    pub(super) fn taken_at(&self) -> Timestamp {
        Timestamp::from_micros(self.place.taken_at.saturating_mul(1_000_000))
    }

    pub(super) fn shortcode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.place.id.to_be_bytes())
    }

    /// The path of its page.
    pub(super) fn path(&self) -> String {
        format!("/p/{}/", self.shortcode())
    }
}

/// One person's posts: how many there are from the start, and what was done to them since.
#[derive(Debug, Default)]
pub(super) struct Posts {
    count: u64,
    added: Vec<(Place, Option<String>)>,
    /// How many were ever added: no id is given twice.
    ever_added: u64,
    edited: HashMap<u64, Option<String>>,
    deleted: HashSet<u64>,
}

impl Posts {
    /// All that are there, in no order.
    fn places(&self, person: &Person) -> impl Iterator<Item = Place> {
        (0..self.count)
            .map(move |index| Place::at(person, index))
            .chain(self.added.iter().map(|(place, _)| *place))
            .filter(move |place| !self.deleted.contains(&place.id))
    }

    fn post(&self, person: &Person, id: u64) -> Option<Post> {
        let (_, index) = owner(id).filter(|(owner, _)| owner.username == person.username)?;
        if self.deleted.contains(&id) {
            return None;
        }
        let (place, first) = if index < ADDED {
            (index < self.count).then(|| (Place::at(person, index), captions::caption(index)))?
        } else {
            self.added.iter().find(|(place, _)| place.id == id).cloned()?
        };
        let caption = self.edited.get(&id).cloned().unwrap_or(first);
        Some(Post { place, index, kind: Kind::of(index), caption })
    }
}

impl super::State {
    fn posts_of(&mut self, person: &'static Person) -> &mut Posts {
        self.posts.entry(person.username).or_insert_with(|| Posts { count: person.posts, ..Posts::default() })
    }
}

impl Sandbox {
    /// Gives a person so many posts from the start, up to a million, however many there were. What was added, edited
    /// or deleted is forgotten. `false` when there is no such person.
    pub fn set_posts(&self, username: &str, count: u64) -> bool {
        let Some(person) = people::find(username) else { return false };
        let mut state = self.state();
        let posts = state.posts_of(person);
        *posts = Posts { count: count.min(ADDED), ever_added: posts.ever_added, ..Posts::default() };
        true
    }

    /// Publishes a picture now; without a caption when it is empty. Returns the post's id, and nothing at all when
    /// there is no such person.
    pub fn add_post(&self, username: &str, caption: &str) -> String {
        let Some(person) = people::find(username) else { return String::new() };
        let taken_at = self.config.clock.now().as_micros() / 1_000_000;
        let mut state = self.state();
        let posts = state.posts_of(person);
        let place = Place { taken_at, id: id_of(person, ADDED + posts.ever_added) };
        posts.ever_added += 1;
        posts.added.push((place, text(caption)));
        place.id.to_string()
    }

    /// Writes another caption below a post; an empty one takes it away. `false` when there is no such post.
    pub fn edit_caption(&self, username: &str, id: &str, caption: &str) -> bool {
        self.change_post(username, id, |posts, id| {
            posts.edited.insert(id, text(caption));
        })
    }

    /// Deletes a post. `false` when there is no such post.
    pub fn delete_post(&self, username: &str, id: &str) -> bool {
        self.change_post(username, id, |posts, id| {
            posts.deleted.insert(id);
        })
    }

    fn change_post(&self, username: &str, id: &str, change: impl FnOnce(&mut Posts, u64)) -> bool {
        let Some(person) = people::find(username) else { return false };
        let Ok(id) = id.parse() else { return false };
        let mut state = self.state();
        let posts = state.posts_of(person);
        let there = posts.post(person, id).is_some();
        if there {
            change(posts, id);
        }
        there
    }

    /// The posts behind a place, newest first, and whether there are more than these.
    pub(super) fn posts_after(&self, person: &'static Person, after: Option<Place>, limit: usize) -> (Vec<Post>, bool) {
        let mut state = self.state();
        let posts = &*state.posts_of(person);
        let mut places: Vec<Place> =
            posts.places(person).filter(|place| after.is_none_or(|after| *place < after)).collect();
        places.sort_unstable_by(|a, b| b.cmp(a));
        let page = places.iter().take(limit).filter_map(|place| posts.post(person, place.id)).collect();
        (page, places.len() > limit)
    }

    pub(super) fn count_posts(&self, person: &'static Person) -> usize {
        self.state().posts_of(person).places(person).count()
    }

    /// A post by its id, and whose it is.
    pub(super) fn find_post(&self, id: u64) -> Option<(&'static Person, Post)> {
        let (person, _) = owner(id)?;
        let post = self.state().posts_of(person).post(person, id)?;
        Some((person, post))
    }

    /// The address of a post's page.
    pub(super) fn permalink(&self, post: &Post) -> Url {
        self.at(&post.path())
    }
}

/// What shall happen to somebody's posts.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(super) enum Change {
    Add {
        username: String,
        #[serde(default)]
        caption: String,
    },
    Edit {
        username: String,
        id: String,
        #[serde(default)]
        caption: String,
    },
    Delete {
        username: String,
        id: String,
    },
    Count {
        username: String,
        count: u64,
    },
}

/// `POST /sandbox/posts`: something happens to somebody's posts. Answers with the id of an added one.
pub(super) async fn change(State(sandbox): State<Sandbox>, Json(change): Json<Change>) -> Response {
    let done = match change {
        Change::Add { username, caption } => {
            let id = sandbox.add_post(&username, &caption);
            if !id.is_empty() {
                return Json(json!({"ok": true, "id": id})).into_response();
            }
            false
        }
        Change::Edit { username, id, caption } => sandbox.edit_caption(&username, &id, &caption),
        Change::Delete { username, id } => sandbox.delete_post(&username, &id),
        Change::Count { username, count } => sandbox.set_posts(&username, count),
    };
    let status = if done { StatusCode::OK } else { StatusCode::NOT_FOUND };
    (status, Json(json!({"ok": done}))).into_response()
}

/// The page of a post.
pub(super) async fn show(State(sandbox): State<Sandbox>, Path(shortcode): Path<String>) -> Response {
    let Some((person, post)) = id_behind(&shortcode).and_then(|id| sandbox.find_post(id)) else {
        return pages::not_found();
    };
    let picture = sandbox.picture_url(&format!("{}.jpg", post.place.id));
    let published = post.taken_at().moment(sandbox.config.clock.now()).full;
    // Without the origin: the page may have been reached by another name.
    pages::post(&sandbox.handle(person), &post, &published, &picture[Position::BeforePath..])
}

/// Adds the post of a form, and returns the path of its page.
pub(super) fn add_from_form(sandbox: &Sandbox, person: &Person, form: &Params) -> String {
    let id = sandbox.add_post(person.username, &form.get("caption").replace("\r\n", "\n"));
    let post = id.parse().ok().and_then(|id| sandbox.find_post(id));
    post.map_or_else(|| "/".to_owned(), |(_, post)| post.path())
}

/// Whose post this is or would be, and its index.
pub(super) fn owner(id: u64) -> Option<(&'static Person, u64)> {
    let rest = id.checked_sub(FIRST_ID)?;
    let person = people::people().iter().find(|person| number(person) == rest / IDS_EACH)?;
    let place = rest % IDS_EACH;
    place.is_multiple_of(ID_STEP).then_some((person, place / ID_STEP))
}

fn id_of(person: &Person, index: u64) -> u64 {
    FIRST_ID + number(person) * IDS_EACH + index * ID_STEP
}

/// A number of two digits that stays a person's own when people are added to the sandbox.
fn number(person: &Person) -> u64 {
    person.instagram_id % 100
}

fn id_behind(shortcode: &str) -> Option<u64> {
    let bytes: [u8; 8] = URL_SAFE_NO_PAD.decode(shortcode).ok()?.try_into().ok()?;
    Some(u64::from_be_bytes(bytes))
}

fn text(caption: &str) -> Option<String> {
    (!caption.is_empty()).then(|| caption.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a29_the_id_of_a_post_is_its_own_and_tells_whose_it_is() {
        let mut seen = HashSet::new();
        for person in people::people() {
            for index in [0, 1, 59, 9_999, ADDED - 1, ADDED, 2 * ADDED] {
                let id = id_of(person, index);
                assert!(seen.insert(id) && id > 1 << 53 && id.to_string().starts_with("179"), "{id}");
                let (whose, at) = owner(id).unwrap();
                assert_eq!((whose.username, at), (person.username, index));
                assert!(owner(id + 1).is_none());
            }
        }
        assert!(owner(0).is_none() && owner(u64::MAX).is_none());
    }

    #[test]
    fn a_cursor_is_read_back_and_rubbish_is_not() {
        let place = Place { taken_at: -5, id: 17_914_000_000_000_000 };
        assert_eq!(Place::parse(&place.cursor()), Some(place));
        for rubbish in ["x", "QUJD", "%%%", "MTIg"] {
            assert_eq!(Place::parse(rubbish), None, "{rubbish}");
        }
    }
}
