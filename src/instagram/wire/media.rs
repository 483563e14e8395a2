//! Reading a page of posts. One that cannot be read is left out and counted, so that it costs no other; what is kept
//! is safe to show. Who has read the last page takes every other post for deleted, so a page is only called the last
//! when it says so. `paging.next` holds the token: it is looked at and never kept (A75).

use super::{Object, address, id, malformed, word};
use crate::{
    instagram::{Media, MediaKind, MediaPage, ProviderError},
    timestamp::Timestamp,
};
use serde_json::Value;
use std::collections::HashSet;
use url::Url;

/// The longest caption that is kept, in characters. Instagram allows 2,200.
const CAPTION_LENGTH: usize = 5_000;
/// The longest cursor that is believed. Instagram's have about 100 characters.
const CURSOR_LENGTH: usize = 1_024;

/// Reads a page; what headers said is added by the caller.
pub fn page(fields: &Object, graph: &Url) -> Result<MediaPage, ProviderError> {
    let Some(Value::Array(items)) = fields.get("data") else {
        return Err(malformed("data is missing or no list"));
    };
    let mut posts: Vec<Media> = items.iter().filter_map(|item| post(item, graph)).collect();
    let skipped = items.len() - posts.len();
    if skipped > 0 {
        tracing::warn!(skipped, read = posts.len(), "posts in an answer of Instagram's could not be read");
    }
    if posts.is_empty() && skipped > 1 {
        // One post may be odd; when all are, it is the answer that cannot be read.
        return Err(malformed("none of the posts is readable"));
    }
    // A post may move from one place to another while the page is made.
    let mut known = HashSet::new();
    posts.retain(|post| known.insert(post.instagram_id.clone()));
    let after = if items.is_empty() { None } else { after(fields)? };
    Ok(MediaPage { posts, skipped, after, usage: None, pause: None })
}

fn post(item: &Value, graph: &Url) -> Option<Media> {
    let fields = item.as_object()?;
    let kind = MediaKind::parse(word(fields, "media_type"));
    let picture = if kind == MediaKind::Video { "thumbnail_url" } else { "media_url" };
    Some(Media {
        instagram_id: id(fields, "id").ok()?,
        kind,
        caption: text(fields, "caption").and_then(caption),
        permalink: address::permalink(text(fields, "permalink").unwrap_or_default(), graph),
        picture_url: text(fields, picture).and_then(|url| address::picture(url, graph)),
        posted_at: timestamp(text(fields, "timestamp")?)?,
    })
}

fn text<'a>(fields: &'a Object, key: &str) -> Option<&'a str> {
    fields.get(key)?.as_str()
}

fn caption(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).take(CAPTION_LENGTH).collect();
    Some(kept.trim().to_owned()).filter(|t| !t.is_empty())
}

/// Instagram writes "+0000", which RFC 3339 does not know; both are taken.
fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text);
    let time = time.or_else(|_| text.parse::<jiff::Timestamp>()).ok()?;
    Some(Timestamp::from_micros(time.as_microsecond()))
}

/// The cursor of the next page. It also comes with the last page, so only `next` says that there is another one.
fn after(fields: &Object) -> Result<Option<String>, ProviderError> {
    let paging = |key: &str| fields.get("paging").and_then(|paging| paging.get(key));
    if paging("next").is_none_or(Value::is_null) {
        return Ok(None);
    }
    let cursor = paging("cursors").and_then(|cursors| cursors.get("after")).and_then(Value::as_str);
    match cursor {
        Some(text) if (1..=CURSOR_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(Some(text.to_owned()))
        }
        _ => Err(malformed("there is another page and no cursor to it")),
    }
}
