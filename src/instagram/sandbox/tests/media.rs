//! Posts and pictures: how a list is walked, what the graph says of a post, and how long an address lives.

use super::*;
use crate::instagram::sandbox::faults::REGAIN_MINUTES;
use std::collections::HashSet;
use url::Position;

const EVERYTHING: &str = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,shortcode,timestamp,\
                          username,like_count,comments_count,alt_text,is_shared_to_feed";

async fn media(sandbox: &Sandbox, token: &str, query: &str) -> (u16, Value) {
    json_of(get(sandbox, &format!("/v25.0/me/media?access_token={token}{query}")).await).await
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap().to_owned()).collect()
}

fn after(page: &Value) -> String {
    format!("&after={}", page["paging"]["cursors"]["after"].as_str().unwrap())
}

/// The part of an address that the router wants.
fn path_of(url: &Value) -> String {
    Url::parse(url.as_str().unwrap()).unwrap()[Position::BeforePath..].to_owned()
}

#[tokio::test]
async fn a_list_comes_in_pages_and_the_last_one_has_no_next() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "cafe_lumen");
    let (status, first) = media(&sandbox, &token, "").await;
    assert_eq!((status, ids(&first).len()), (200, 25));
    assert_eq!(first["data"][0].as_object().unwrap().len(), 1);
    let next = first["paging"]["next"].as_str().unwrap();
    assert!(next.starts_with(&format!("http://127.0.0.1:4100/v25.0/me/media?access_token={token}&after=")), "{next}");
    let (_, last) = json_of(get(&sandbox, &path_of(&first["paging"]["next"])).await).await;
    assert_eq!(ids(&last).len(), 5);
    assert!(last["paging"]["cursors"]["before"].is_string() && last["paging"].get("next").is_none());
    assert_eq!(media(&sandbox, &token, &after(&last)).await.1, json!({"data": []}));
    let (_, short) = media(&sandbox, &token, "&limit=3&fields=caption").await;
    assert_eq!(ids(&short).len(), 3);
    let next = path_of(&short["paging"]["next"]);
    assert!(next.contains("limit=3") && next.contains("fields=caption"), "{next}");
    assert_eq!(sandbox.calls().media, 4);
}

#[tokio::test]
async fn ten_thousand_posts_are_walked_newest_first_without_one_twice() {
    let sandbox = sandbox();
    assert!(sandbox.set_posts("studio.nora", 10_000) && !sandbox.set_posts("nobody", 1));
    let token = token_of(&sandbox, "studio.nora");
    let (mut seen, mut times, mut pages) = (HashSet::new(), Vec::new(), 0);
    let mut path = format!("/me/media?access_token={token}&fields=timestamp&limit=1000");
    loop {
        let (_, page) = json_of(get(&sandbox, &path).await).await;
        pages += 1;
        seen.extend(ids(&page));
        times.extend(page["data"].as_array().unwrap().iter().map(|post| post["timestamp"].to_string()));
        if page["paging"].get("next").is_none() {
            break;
        }
        path = path_of(&page["paging"]["next"]);
    }
    assert_eq!((pages, seen.len(), times.len()), (100, 10_000, 10_000));
    assert!(times.is_sorted_by(|newer, older| newer > older));
    assert_eq!(times[0], "\"2026-10-31T16:00:00+0000\"");
}

#[tokio::test]
async fn a_cursor_stays_right_when_posts_come_and_go() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    let all = ids(&media(&sandbox, &token, "").await.1);
    let (_, first) = media(&sandbox, &token, "&limit=3").await;
    let added = sandbox.add_post("studio.nora", "Just now");
    assert!(sandbox.delete_post("studio.nora", &all[2]), "the one the cursor stands on");
    assert!(sandbox.delete_post("studio.nora", &all[4]));
    let (_, rest) = media(&sandbox, &token, &after(&first)).await;
    assert_eq!(ids(&rest), [&all[3][..], &all[5], &all[6]]);
    let (_, now) = media(&sandbox, &token, "&fields=caption").await;
    assert_eq!(
        (ids(&now).len(), &now["data"][0]["id"], &now["data"][0]["caption"]),
        (6, &json!(added), &json!("Just now"))
    );
    let again = sandbox.add_post("studio.nora", "");
    let (_, now) = media(&sandbox, &token, "&fields=caption").await;
    assert!(ids(&now)[0] == again && now["data"][0].get("caption").is_none());
    assert!(sandbox.edit_caption("studio.nora", &added, "Edited") && sandbox.delete_post("studio.nora", &again));
    let (_, now) = media(&sandbox, &token, "&fields=caption").await;
    assert_eq!(now["data"][0]["caption"], "Edited");
    for (username, id) in
        [("studio.nora", &again[..]), ("cafe_lumen", &added[..]), ("nobody", &added[..]), ("studio.nora", "x")]
    {
        assert!(!sandbox.edit_caption(username, id, "x") && !sandbox.delete_post(username, id), "{username} {id}");
    }
    let person = format!("/me?fields=media_count&access_token={token}");
    assert_eq!(json_of(get(&sandbox, &person).await).await.1["media_count"], 6);
}

#[tokio::test]
async fn a_post_says_what_it_is_asked_and_an_unknown_field_fails_the_whole_call() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "bakery_huber");
    let (_, page) = media(&sandbox, &token, &format!("&limit=60&fields={EVERYTHING}")).await;
    let posts = page["data"].as_array().unwrap();
    assert_eq!(posts.len(), 60);
    for post in posts {
        let kind = post["media_type"].as_str().unwrap();
        assert_eq!(post.get("thumbnail_url").is_some(), kind == "VIDEO");
        assert_eq!(post["media_url"].as_str().unwrap().contains(".mp4?"), kind == "VIDEO");
        assert!(post["id"].as_str().unwrap().starts_with("179") && post["username"] == "bakery_huber");
        assert!(post["timestamp"].as_str().unwrap().ends_with("+0000"));
    }
    for kind in ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"] {
        assert!(posts.iter().any(|post| post["media_type"] == kind), "{kind}");
    }
    for field in ["caption", "like_count", "alt_text"] {
        assert!(posts.iter().any(|post| post.get(field).is_none()), "{field}");
        assert!(posts.iter().any(|post| post.get(field).is_some()), "{field}");
    }
    for text in ["<script>", "\n", "☀️", "#monday", "\""] {
        assert!(posts.iter().any(|post| post["caption"].as_str().is_some_and(|c| c.contains(text))), "{text}");
    }
    let code_of = |(status, body): (u16, Value)| (status, body["error"]["code"].as_i64());
    for query in ["&fields=id,shoe_size", "&limit=0", "&limit=x", "&after=x"] {
        assert_eq!(code_of(media(&sandbox, &token, query).await), (400, Some(100)), "{query}");
    }
    let own = format!("/v25.0/17841405822304914/media?access_token={token}");
    assert_eq!(ids(&json_of(get(&sandbox, &own).await).await.1).len(), 25);
    let app_scoped = format!("/v25.0/27640875392278831/media?access_token={token}");
    let (_, body) = json_of(get(&sandbox, &app_scoped).await).await;
    assert_eq!((&body["error"]["code"], &body["error"]["error_subcode"]), (&json!(100), &json!(33)));
    for path in ["/posts/me/media", "/v25.0/me/media/x"] {
        assert_eq!(code_of(json_of(get(&sandbox, path).await).await), (400, Some(2_500)), "{path}");
    }
}

#[tokio::test]
async fn the_list_is_kept_from_those_the_graph_keeps_out() {
    let sandbox = sandbox();
    let code_of = async |token: &str| media(&sandbox, token, "").await.1["error"]["code"].as_i64();
    assert_eq!(code_of("garbage").await, Some(190));
    assert_eq!(code_of(&token_of(&sandbox, "acme_outsider")).await, Some(100));
    assert_eq!(code_of(&token_of(&sandbox, "salon_sparse")).await, Some(10));
    let token = token_of(&sandbox, "studio.nora");
    assert_eq!(code_of(&token).await, None);
    sandbox.set_standing("studio.nora", Standing::PasswordChanged);
    assert_eq!(code_of(&token).await, Some(190));
}

#[tokio::test]
async fn a_picture_is_a_jpeg_for_a_day_and_refused_afterwards_or_elsewhere() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    let (_, page) = media(&sandbox, &token, "&fields=media_url,media_type").await;
    let (_, me) = json_of(get(&sandbox, &format!("/me?fields=profile_picture_url&access_token={token}")).await).await;
    let [first, second] = [0, 1].map(|index: usize| path_of(&page["data"][index]["media_url"]));
    let profile = path_of(&me["profile_picture_url"]);
    assert!(profile.starts_with("/pictures/profile-studio.nora.jpg?expires="), "{profile}");
    for path in [&first, &profile] {
        let response = get(&sandbox, path).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "image/jpeg");
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(bytes.starts_with(b"\xff\xd8\xff") && bytes.len() < 200_000, "{}", bytes.len());
    }
    let video = page["data"].as_array().unwrap().iter().find(|post| post["media_type"] == "VIDEO").unwrap();
    let response = get(&sandbox, &path_of(&video["media_url"])).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "video/mp4");

    let (file, query) = first.split_once('?').unwrap();
    let (other, _) = second.split_once('?').unwrap();
    let later = query.replace("expires=", "expires=9");
    for wrong in [file.to_owned(), format!("{other}?{query}"), format!("{file}?{later}"), format!("{first}AAAA")] {
        assert_eq!(get(&sandbox, &wrong).await.status(), StatusCode::FORBIDDEN, "{wrong}");
    }
    sandbox.config.clock.advance(24 * HOUR - Duration::from_secs(60));
    assert_eq!(get(&sandbox, &profile).await.status(), StatusCode::OK);
    sandbox.config.clock.advance(Duration::from_secs(60));
    assert_eq!(get(&sandbox, &profile).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(sandbox.calls().picture, 9);
}

#[tokio::test]
async fn a_picture_can_be_spoiled_for_one_person() {
    let sandbox = sandbox();
    let path = |username: &str| {
        let url = sandbox.profile_picture_url(people::find(username).unwrap());
        url[Position::BeforePath..].to_owned()
    };
    let fault = Fault::once(Endpoint::Picture, FaultKind::Status { code: 404, retry_after: None });
    sandbox.script(Fault { username: Some("studio.nora".into()), ..fault });
    assert_eq!(get(&sandbox, &path("cafe_lumen")).await.status(), StatusCode::OK);
    assert_eq!(get(&sandbox, &path("studio.nora")).await.status(), StatusCode::NOT_FOUND);
    sandbox.script(Fault::once(Endpoint::Picture, FaultKind::Truncated));
    let response = get(&sandbox, &path("studio.nora")).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/jpeg");
}

#[tokio::test]
async fn a_cursor_can_come_back_for_ever() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    sandbox.script(Fault { times: 2, ..Fault::once(Endpoint::Media, FaultKind::RepeatCursor) });
    let (_, first) = media(&sandbox, &token, "&limit=5").await;
    for _ in 0..2 {
        let (_, page) = media(&sandbox, &token, &after(&first)).await;
        assert_eq!((ids(&page).len(), after(&page)), (2, after(&first)));
        assert!(page["paging"]["next"].as_str().unwrap().ends_with(&after(&first)));
    }
    let (_, page) = media(&sandbox, &token, &after(&first)).await;
    assert_ne!(after(&page), after(&first));
}

#[tokio::test]
async fn the_graph_says_how_much_is_used_up_and_when_it_is_too_much() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    let ask = async || get(&sandbox, &format!("/me/media?access_token={token}")).await;
    let usage = |response: &Response| response.headers()["x-app-usage"].to_str().unwrap().to_owned();
    assert_eq!(usage(&ask().await), r#"{"call_volume":0,"cpu_time":0}"#);
    sandbox.set_shape(Shape { usage_keys: UsageKeys::CallCount, usage_percent: 28, ..Shape::default() });
    let documented = usage(&ask().await);
    for key in ["call_count", "total_time", "total_cputime"] {
        assert!(documented.contains(&format!("\"{key}\":28")), "{documented}");
    }
    sandbox.script(Fault::once(Endpoint::Media, FaultKind::Usage { percent: 91 }));
    let nearly = ask().await;
    assert!(nearly.status() == StatusCode::OK && usage(&nearly).contains("91"));
    assert!(usage(&ask().await).contains("28"));

    sandbox.script(Fault::once(Endpoint::Media, FaultKind::RateLimited { buc: false }));
    sandbox.script(Fault::once(Endpoint::Media, FaultKind::RateLimited { buc: true }));
    let of_app = ask().await;
    assert!(usage(&of_app).contains("100"));
    let (status, body) = json_of(of_app).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(4)));
    let of_account = ask().await;
    let waits: Value =
        serde_json::from_str(of_account.headers()["x-business-use-case-usage"].to_str().unwrap()).unwrap();
    assert_eq!(waits["17841405822304917"][0]["estimated_time_to_regain_access"], REGAIN_MINUTES);
    let (status, body) = json_of(of_account).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(80_002)));
}

#[tokio::test]
async fn a_post_has_a_page_on_which_nothing_of_the_caption_is_markup() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    let (_, page) = media(&sandbox, &token, "&fields=permalink,shortcode,caption").await;
    let post =
        page["data"].as_array().unwrap().iter().find(|post| post["caption"].to_string().contains("<b>")).unwrap();
    let path = path_of(&post["permalink"]);
    assert_eq!(path, format!("/p/{}/", post["shortcode"].as_str().unwrap()));
    let page = text(get(&sandbox, &path).await).await;
    assert!(page.contains("&lt;script&gt;alert(&#39;caption&#39;)") && page.contains("studio.nora"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<b>") && page.contains("This is the sandbox, not Instagram"));
    let picture = page.split_once("<img src=\"").unwrap().1.split_once('"').unwrap().0.replace("&amp;", "&");
    assert_eq!(get(&sandbox, &picture).await.status(), StatusCode::OK);
    sandbox.delete_post("studio.nora", post["id"].as_str().unwrap());
    for path in [path.as_str(), "/p/AAAA/", "/p/AAAAAAAAAAA/"] {
        assert_eq!(get(&sandbox, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_browser_test_can_change_posts() {
    let sandbox = sandbox();
    let change = async |body: Value| json_of(post_json(&sandbox, "/sandbox/posts", &body).await).await;
    let (status, added) = change(json!({"username": "mia_personal", "action": "add", "caption": "One"})).await;
    assert_eq!((status, &added["ok"]), (200, &json!(true)));
    let id = &added["id"];
    let edit = json!({"username": "mia_personal", "action": "edit", "id": id, "caption": "Two"});
    assert_eq!(change(edit).await.0, 200);
    let token = token_of(&sandbox, "mia_personal");
    let (_, page) = media(&sandbox, &token, "&fields=caption").await;
    assert_eq!(page["data"], json!([{"id": id, "caption": "Two"}]));
    assert_eq!(change(json!({"username": "mia_personal", "action": "delete", "id": id})).await.0, 200);
    assert_eq!(change(json!({"username": "mia_personal", "action": "delete", "id": id})).await.0, 404);
    assert_eq!(change(json!({"username": "mia_personal", "action": "count", "count": 12})).await.0, 200);
    assert_eq!(ids(&media(&sandbox, &token, "").await.1).len(), 12);
    let (_, next) = change(json!({"username": "mia_personal", "action": "add"})).await;
    assert_ne!(&next["id"], id, "an id is given once");
    for body in
        [json!({"username": "nobody", "action": "add"}), json!({"username": "nobody", "action": "count", "count": 1})]
    {
        assert_eq!(change(body).await, (404, json!({"ok": false})));
    }
}
