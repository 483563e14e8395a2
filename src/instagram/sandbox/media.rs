//! `/me/media`: a person's posts as the graph lists them, in pages, newest first, with the fields that were asked for.
//! As at Instagram, a page's `next` carries the access token in its address: nobody should follow or keep it.

use super::{
    Endpoint, Sandbox,
    graph::{Refusal, bearer, fields_of},
    posts::{Kind, Place, Post},
};
use crate::sandbox_pages::Params;
use axum::{
    Json,
    extract::{OriginalUri, RawQuery, State},
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// Posts on a page, unless the request says otherwise.
const PAGE: usize = 25;
/// And the most there are, whatever the request says.
const LONGEST_PAGE: usize = 100;

/// What can be asked of a post.
const FIELDS: [&str; 14] = [
    "id",
    "caption",
    "media_type",
    "media_product_type",
    "media_url",
    "thumbnail_url",
    "permalink",
    "shortcode",
    "timestamp",
    "username",
    "like_count",
    "comments_count",
    "alt_text",
    "is_shared_to_feed",
];

/// `GET /me/media` and `GET /{version}/{id}/media`.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    sandbox.state().calls.media += 1;
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let token = bearer(&headers).unwrap_or_else(|| query.get("access_token"));
    let person = sandbox.read_token(token).map(|claims| claims.person);
    let reply = sandbox.list(&uri, &method, token, &query).unwrap_or_else(|refusal| sandbox.refuse(&refusal));
    sandbox.spoil(Endpoint::Media, person, reply).await
}

impl Sandbox {
    fn list(&self, uri: &Uri, method: &Method, token: &str, query: &Params) -> Result<Response, Refusal> {
        self.expect_get(uri, method)?;
        let person = self.permit(token)?.person;
        let node = uri.path().rsplit('/').nth(1).unwrap_or_default();
        // The app-scoped id is another namespace: it names nobody here.
        if node != "me" && node != person.instagram_id.to_string() {
            return Err(Refusal::no_such_object(node));
        }
        let fields: Vec<&str> = fields_of(query.get("fields")).collect();
        if let Some(unknown) = fields.iter().find(|field| !FIELDS.contains(field)) {
            return Err(Refusal::no_such_field(unknown, "Media"));
        }
        let limit = limit(query.get("limit"))?;
        let sent = query.get("after");
        let after = place(sent)?;
        let (page, more) = self.posts_after(person, after, limit);
        let repeats = after.is_some() && self.repeats_cursor(person);
        let handle = self.handle(person);
        let described = |post: &Post| -> Value {
            let values = fields.iter().filter_map(|field| {
                let value = self.value_of_post(post, &handle, field)?;
                Some(((*field).to_owned(), value))
            });
            Value::Object(values.collect::<Map<_, _>>())
        };
        let mut body = json!({"data": page.iter().map(described).collect::<Vec<_>>()});
        if let (Some(first), Some(last)) = (page.first(), page.last()) {
            let cursor = if repeats { sent.to_owned() } else { last.place.cursor() };
            body["paging"] = json!({"cursors": {"before": first.place.cursor(), "after": cursor}});
            if more || repeats {
                body["paging"]["next"] = self.next(uri, token, query, &cursor).into();
            }
        }
        Ok((self.usage(), Json(body)).into_response())
    }

    /// The value of a field; `None` when this post has none.
    fn value_of_post(&self, post: &Post, handle: &str, field: &str) -> Option<Value> {
        let (id, index, video) = (post.place.id, post.index, post.kind == Kind::Video);
        let picture = || -> Value { self.picture_url(&format!("{id}.jpg")).as_str().into() };
        Some(match field {
            "id" => id.to_string().into(),
            "caption" => post.caption.as_deref()?.into(),
            "media_type" => post.kind.as_str().into(),
            "media_product_type" if video => "REELS".into(),
            "media_product_type" => "FEED".into(),
            "media_url" if video => self.picture_url(&format!("{id}.mp4")).as_str().into(),
            "media_url" => picture(),
            "thumbnail_url" if video => picture(),
            "permalink" => self.permalink(post).as_str().into(),
            "shortcode" => post.shortcode().into(),
            "timestamp" => timestamp(post.place.taken_at).into(),
            "username" => handle.into(),
            // Hidden by some.
            "like_count" if index % 11 != 4 => (3 + index * 37 % 400).into(),
            "comments_count" => (index % 9).into(),
            "alt_text" if index.is_multiple_of(5) => "Two quiet colours that flow into each other".into(),
            "is_shared_to_feed" if video => true.into(),
            _ => return None,
        })
    }

    /// The address of the next page, as complete as Instagram makes it.
    fn next(&self, uri: &Uri, token: &str, query: &Params, cursor: &str) -> String {
        let mut next = self.at(uri.path());
        let mut pairs = next.query_pairs_mut();
        pairs.append_pair("access_token", token);
        for name in ["fields", "limit"] {
            if !query.get(name).is_empty() {
                pairs.append_pair(name, query.get(name));
            }
        }
        pairs.append_pair("after", cursor);
        drop(pairs);
        next.into()
    }
}

fn limit(text: &str) -> Result<usize, Refusal> {
    if text.is_empty() {
        return Ok(PAGE);
    }
    match text.parse::<usize>() {
        Ok(limit @ 1..) => Ok(limit.min(LONGEST_PAGE)),
        _ => Err(Refusal::bad_parameter("Param limit must be a number greater than 0")),
    }
}

fn place(cursor: &str) -> Result<Option<Place>, Refusal> {
    if cursor.is_empty() {
        return Ok(None);
    }
    Place::parse(cursor).map(Some).ok_or_else(|| Refusal::bad_parameter("Invalid cursor"))
}

/// As the graph writes a time: without a colon in the offset, which RFC 3339 does not allow.
fn timestamp(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_the_graph_writes_it() {
        assert_eq!(timestamp(1_793_491_200), "2026-11-01T00:00:00+0000");
    }
}
