//! Pictures, in the manner of a network of caches: at signed addresses that anybody may read and that die after a day.
//! What is at an address is a function of its name, and looks like nothing in particular: two quiet colours. Nothing
//! here knows tokens, and a post that was deleted keeps its picture until the address dies, as in life.

use super::{
    Endpoint, HOUR, Sandbox,
    people::{self, Person},
    posts,
    token::TAG,
};
use crate::sandbox_pages::Params;
use axum::{
    extract::{Path, RawQuery, State},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use image::{ImageResult, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::Url;

/// How long an address is good for.
const LIFE: Duration = Duration::from_secs(24 * HOUR.as_secs());
/// Edges of a picture in pixels; some are higher than wide. Far smaller than in life: whoever tries the product, and every
/// test, draws hundreds.
const EDGE: u32 = 160;
const HIGHER_EDGE: u32 = 200;
/// Edge of the squares of the pattern.
const SQUARE: u32 = 20;
const QUALITY: u8 = 70;

/// The first box of an MP4 file (ISO/IEC 14496-12): a video for programs that look at the first bytes, and nothing to
/// watch for people.
const VIDEO: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2";

/// `GET /pictures/{file}`.
pub(super) async fn picture(
    State(sandbox): State<Sandbox>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    sandbox.state().calls.picture += 1;
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let person = owner(&file);
    let reply = match sandbox.stale(&file, &query) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => content(file).await,
    };
    sandbox.spoil(Endpoint::Picture, person, reply).await
}

impl Sandbox {
    /// The address of a file, from now for [`LIFE`].
    pub(super) fn picture_url(&self, file: &str) -> Url {
        let expires = (self.config.clock.now().plus(LIFE).as_micros() / 1_000_000).to_string();
        let tag = self.picture_seal(file, &expires).finalize().into_bytes();
        let mut url = self.at(&format!("/pictures/{file}"));
        url.query_pairs_mut()
            .append_pair("expires", &expires)
            .append_pair("signature", &URL_SAFE_NO_PAD.encode(&tag[..TAG]));
        url
    }

    pub(super) fn profile_picture_url(&self, person: &Person) -> Url {
        self.picture_url(&format!("profile-{}.jpg", person.username))
    }

    /// Why an address is good for nothing, if it is not.
    fn stale(&self, file: &str, query: &Params) -> Option<&'static str> {
        let expires = query.get("expires");
        let tag = URL_SAFE_NO_PAD.decode(query.get("signature")).unwrap_or_default();
        if tag.len() != TAG || self.picture_seal(file, expires).verify_truncated_left(&tag).is_err() {
            return Some("The signature of this address is wrong.");
        }
        let now = self.config.clock.now().as_micros() / 1_000_000;
        let good = expires.parse::<i64>().is_ok_and(|expires| expires > now);
        (!good).then_some("This address has expired.")
    }

    /// Begins in a way that no token begins.
    fn picture_seal(&self, file: &str, expires: &str) -> Hmac<Sha256> {
        self.seal(format!("picture {file} {expires}").as_bytes())
    }
}

/// Whose profile or post a file shows.
fn owner(file: &str) -> Option<&'static Person> {
    let (name, _) = file.rsplit_once('.')?;
    match name.strip_prefix("profile-") {
        Some(username) => people::find(username),
        None => posts::owner(name.parse().ok()?).map(|(person, _)| person),
    }
}

async fn content(file: String) -> Response {
    let headers = |kind| [(CONTENT_TYPE, kind), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    if file.ends_with(".mp4") {
        return (headers("video/mp4"), VIDEO).into_response();
    }
    // Some milliseconds of work, and far more in a build without optimization.
    match tokio::task::spawn_blocking(move || jpeg(&file)).await {
        Ok(Ok(bytes)) => (headers("image/jpeg"), bytes).into_response(),
        Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A picture that only this name has.
fn jpeg(file: &str) -> ImageResult<Vec<u8>> {
    let seed: [u8; 32] = Sha256::digest(file).into();
    // Neither dark nor glaring.
    let colour = |at: usize| -> [u8; 3] { std::array::from_fn(|channel| 96 + seed[at + channel] / 2) };
    let (from, to) = (colour(0), colour(3));
    let tilt = u32::from(seed[6] % 4);
    let height = if !file.starts_with("profile-") && seed[7].is_multiple_of(2) { HIGHER_EDGE } else { EDGE };
    let whole = EDGE * tilt + height * 2;
    let picture = RgbImage::from_fn(EDGE, height, |x, y| {
        let lift = if (x / SQUARE + y / SQUARE).is_multiple_of(2) { whole / 24 } else { 0 };
        let share = (x * tilt + y * 2 + lift).min(whole);
        Rgb(std::array::from_fn(|channel| between(from[channel], to[channel], share, whole)))
    });
    let mut bytes = Vec::with_capacity(64 * 1024);
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture)?;
    Ok(bytes)
}

/// A value so far on the way from one to another.
fn between(from: u8, to: u8, share: u32, whole: u32) -> u8 {
    let mixed = (u32::from(from) * (whole - share) + u32::from(to) * share) / whole;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_small_jpeg_and_the_same_each_time() {
        let [first, again, other] =
            ["17914000000000000.jpg", "17914000000000000.jpg", "17914000000007919.jpg"].map(|f| jpeg(f).unwrap());
        assert_eq!(first, again);
        assert_ne!(first, other);
        assert!(first.len() < 100_000, "{}", first.len());
        let read = image::load_from_memory_with_format(&first, image::ImageFormat::Jpeg).unwrap();
        assert!(read.width() == EDGE && [EDGE, HIGHER_EDGE].contains(&read.height()));
    }
}
