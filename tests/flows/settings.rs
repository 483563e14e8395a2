//! What clients see of an organization, who may change it, and how an organization ends
//! (A11, A51, A52, A56, A58, A60, A67, A78, A84, U19, U20, U36).

use super::{
    collection::{connected, connected_elsewhere, later},
    posts::pictures_below,
};
use crate::support::{
    Browser, Installation, Kind, Page,
    browser::WINDOW,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
    signing_in::PASSWORD,
};
use axum::body::Body;
use grantlink::{
    organizations::{
        model::Role,
        settings::model::{Brand, SettingsView, Support},
    },
    paths,
    queue::LEASE,
    secret::ExposeSecret,
};
use http::{Method, header};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::{io::Cursor, path::PathBuf};

const NORA: &str = "studio.nora";
const BOUNDARY: &str = "----settings";

/// A form of the settings, as a browser sends it.
#[derive(Clone)]
struct Form {
    fields: Vec<(&'static str, String)>,
    file: Vec<u8>,
}

impl Form {
    fn of(name: &str) -> Self {
        let fields = vec![("organization", name.to_owned()), ("accent", String::new()), ("support", String::new())];
        Self { fields, file: Vec::new() }
    }

    fn with(mut self, field: &'static str, value: &str) -> Self {
        self.fields.retain(|(name, _)| *name != field);
        self.fields.push((field, value.to_owned()));
        self
    }

    fn logo(mut self, bytes: &[u8]) -> Self {
        self.file = bytes.to_vec();
        self
    }

    fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend(head.as_bytes());
            body.extend(value.as_bytes());
            body.extend(b"\r\n");
        }
        // What a file says of itself is nothing to go by.
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"../x.svg\"\r\n\
             Content-Type: image/svg+xml\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(&self.file);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        body
    }
}

impl Browser {
    /// As a page does that this browser has just opened, unless the form says another organization.
    async fn save(&mut self, form: &Form) -> Page {
        let mut form = form.clone();
        if !form.fields.iter().any(|(name, _)| *name == WINDOW) {
            form = form.with(WINDOW, &self.organization_id().await);
        }
        let request = self
            .request(Method::POST, paths::SETTINGS)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, crate::support::BASE_URL)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
        self.send(request, Body::from(form.body())).await
    }

    async fn saved(&mut self, form: &Form) {
        let page = self.save(form).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/settings?saved=1")), "{}", page.text());
    }

    async fn settings(&mut self) -> SettingsView {
        let page = self.call("load_settings", &[]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.json()
    }

    async fn ends(&mut self, typed: &str) -> Page {
        self.ends_with(typed, PASSWORD).await
    }

    async fn ends_with(&mut self, typed: &str, password: &str) -> Page {
        self.post(paths::DELETE_ORGANIZATION, &[("organization", typed), ("password", password)]).await
    }
}

fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(width, height, Rgb(colour));
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Where the logos are kept.
fn logos(app: &Installation) -> PathBuf {
    app.database.folder().join("media/logos")
}

fn kept(app: &Installation) -> usize {
    let folder = logos(app);
    if folder.exists() { pictures_below(&folder) } else { 0 }
}

/// The only logo there is, as a picture.
fn only_logo(app: &Installation) -> (Vec<u8>, DynamicImage) {
    let organization = std::fs::read_dir(logos(app)).unwrap().next().unwrap().unwrap().path();
    let file = std::fs::read_dir(organization).unwrap().next().unwrap().unwrap().path();
    let jpeg = std::fs::read(file).unwrap();
    let picture = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap();
    (jpeg, picture)
}

fn address_of(brand: &Brand) -> String {
    brand.logo.as_ref().expect("there is a logo").address.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_see_name_logo_colour_and_support_on_the_page_and_after_it() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut ann, link) = app.member_with_link().await;
        let bare = app.browser().get(&path_of(&link)).await;
        assert!(!bare.body.contains(paths::BRAND) && !bare.says("Questions?"), "{}", bare.text());

        let form = Form::of("Bright, Bold & Sons")
            .with("accent", "C2410C")
            .with("support", "https://bright.example/help")
            .logo(&png(400, 200, [10, 120, 90]));
        ann.saved(&form).await;
        let view = ann.settings().await;
        assert_eq!((view.name.as_str(), view.may_delete), ("Bright, Bold & Sons", true));
        assert_eq!(view.brand.accent.unwrap().to_string(), "#c2410c");
        assert_eq!(view.brand.support, Some(Support::Page("https://bright.example/help".into())));
        let logo = address_of(&view.brand);
        let again = ann.get("/settings?saved=1").await;
        assert!(again.says("Saved.") && again.body.contains("value=\"#c2410c\""), "{}", again.text());

        let mut client = app.browser();
        let page = client.get(&path_of(&link)).await;
        assert_eq!(page.status, 200);
        assert!(page.says("Bright, Bold & Sons"), "{}", page.text());
        assert!(page.says("Questions? Ask Bright, Bold & Sons : bright.example/help"), "{}", page.text());
        for part in [
            format!(" src=\"{logo}\""),
            " width=\"88\" height=\"44\"".to_owned(),
            "href=\"/brand/c2410c-1.css\"".to_owned(),
            "class=\"sheet brand\"".to_owned(),
            "href=\"https://bright.example/help\"".to_owned(),
        ] {
            assert!(page.body.contains(&part), "{part}: {}", page.body);
        }
        // A60: no page carries style of its own, and the policy lets none be.
        assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "{}", page.body);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("style-src 'self';") && !policy.contains("unsafe-inline"), "{policy}");

        let finished = client.connect(&link, NORA).await;
        assert!(finished.says("@studio.nora is connected"), "{}", finished.text());
        assert!(finished.body.contains(&logo) && finished.says("Questions? Ask Bright, Bold & Sons"));
        let mut other = app.browser();
        let started = other.start(&link).await;
        let cancelled = walk(&started, NORA, Decision::Cancel).await;
        let cancelled = other.come_back(&cancelled).await;
        assert!(cancelled.says("Nothing was shared") && cancelled.body.contains(&logo), "{}", cancelled.text());
        // Somebody else's attempt says nothing of anybody.
        let started = other.start(&link).await;
        let callback = walk(&started, NORA, Decision::Allow).await;
        let stranger = app.browser().get(&callback).await;
        assert_eq!(stranger.status, 400);
        assert!(!stranger.body.contains(paths::BRAND) && !stranger.says("Bright"), "{}", stranger.text());
        // And so does a link that is dead.
        ann.revoke_link(&link).await;
        let dead = app.browser().get(&path_of(&link)).await;
        assert_eq!(dead.status, 410);
        assert!(!dead.body.contains(paths::BRAND) && !dead.says("Bright"), "{}", dead.text());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a67_a_logo_is_small_harmless_and_shown_to_whoever_knows_where_it_is() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let mut picture = png(1_000, 1_000, [10, 120, 90]);
        picture.extend_from_slice(b"GPS 52.52 13.40 <script>");
        ann.saved(&Form::of("Bright & Bold").logo(&picture)).await;
        let (jpeg, drawn) = only_logo(&app);
        assert_eq!((drawn.width(), drawn.height()), (88, 88));
        assert!(jpeg.len() <= 5 * 1024, "{} bytes", jpeg.len());
        assert!(!jpeg.windows(3).any(|part| part == b"GPS") && !jpeg.windows(7).any(|part| part == b"<script"));

        let address = address_of(&ann.settings().await.brand);
        let key = address.strip_prefix("/brand/").unwrap().strip_suffix(".jpg").unwrap();
        assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        let mut stranger = app.browser();
        let shown = stranger.get(&address).await;
        assert_eq!((shown.status, shown.header("content-type")), (200, Some("image/jpeg")));
        shown.assert_dressed(&address);
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(shown.header("cache-control"), Some("private, max-age=31536000, immutable"));
        assert!(shown.header("content-security-policy").unwrap().contains("sandbox;"));
        assert!(shown.set_cookies().is_empty());
        // Neither the name nor the id of an organization leads to its logo.
        let organization = ann.accounts().await.member.organization_id;
        let guess = format!("/brand/{}.jpg", "0".repeat(32));
        for wrong in [
            guess,
            format!("/brand/{organization}.jpg"),
            "/brand/bright-bold.jpg".into(),
            format!("/brand/{key}"),
            format!("/brand/{key}.png"),
            format!("/brand/{key}.svg"),
            "/brand/%2e%2e.jpg".into(),
            "/brand/'%20OR%201=1--.jpg".into(),
        ] {
            let page = stranger.get(&wrong).await;
            assert_eq!(page.status, 404, "{wrong}");
            page.assert_dressed(&wrong);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a60_a_colour_comes_by_a_stylesheet_of_its_own_that_never_changes() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut client = app.browser();
    let sheet = client.get("/brand/c2410c-1.css").await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert_eq!(sheet.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(sheet.body, ".brand{--brand:#c2410c;--brand-strong:#a7380a;--on-brand:#ffffff}\n");
    sheet.assert_dressed("a stylesheet");
    for wrong in ["ffffff-1", "c2410c-2", "C2410C-1", "c2410c", "red-1", "%7D-1"] {
        assert_eq!(client.get(&format!("/brand/{wrong}.css")).await.status, 404, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a67_what_is_no_picture_or_too_large_is_refused_and_nothing_is_kept() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
    let before = ann.settings().await;
    let mut huge = png(1, 1, [0; 3]);
    huge.resize(2 * 1024 * 1024 + 1, 0);
    let mut larger = png(1, 1, [0; 3]);
    larger.resize(9 * 1024 * 1024, 0);
    let mut script_first = b"<script>/*".to_vec();
    script_first.extend(png(10, 10, [0; 3]));
    for (what, bytes) in [
        ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec()),
        ("a GIF", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("a page that goes on as a picture", script_first),
        ("half a picture", png(100, 100, [0; 3])[..60].to_vec()),
        ("a picture of many pixels", png(6_001, 1, [0; 3])),
        ("more than 2 MB", huge),
        ("much more than 2 MB", larger),
    ] {
        let page = ann.save(&Form::of("Another name").logo(&bytes)).await;
        assert_eq!(page.status, 422, "{what}");
        assert!(page.says("Choose a JPEG, PNG or WebP picture of at most 2 MB"), "{what}: {}", page.text());
        assert!(page.body.contains("value=\"Another name\""), "{what}: what was typed is kept");
        assert!(page.body.contains("aria-describedby=\"field-logo-hint field-logo-error\""), "{what}");
    }
    let endless = ann.save(&Form::of("Another name").logo(&vec![0; 17 * 1024 * 1024])).await;
    assert_eq!(endless.status, 422, "it is not read to its end");
    assert_eq!(ann.settings().await, before);
    assert_eq!(kept(&app), 0);
    // A84: no organization keeps the server drawing.
    let small = Form::of("Bright & Bold").logo(&png(10, 10, [0; 3]));
    let mut refused = None;
    for _ in 0..40 {
        let page = ann.save(&small).await;
        if page.status == 429 {
            refused = Some(page);
            break;
        }
    }
    assert!(refused.expect("it goes on for ever").header("retry-after").is_some());
    assert_eq!(ann.save(&Form::of("Bright & Bold")).await.status, 303, "the rest can be changed all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn u20_a_refused_form_keeps_what_was_typed_and_the_logo_too() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let before = ann.settings().await;
        let wrong = Form::of("  ").with("accent", "#ffe600").with("support", "javascript:alert(1)").logo(&png(
            200,
            100,
            [10, 120, 90],
        ));
        let page = ann.save(&wrong).await;
        assert_eq!(page.status, 422);
        for words in [
            "Enter the name your clients know you by.",
            "#ffe600 is too light: a button of it is hard to see on a light page (contrast 1.1, and it takes 3.0). \
             Choose a darker one, such as #a19100.",
            "Write an email address like help@example.com, or a web address that begins with https://.",
        ] {
            assert_eq!(
                page.text().matches(words).count(),
                2,
                "above the form and at the field: {words}: {}",
                page.text()
            );
        }
        assert!(page.body.contains("value=\"#ffe600\"") && page.body.contains("value=\"javascript:alert(1)\""));
        assert!(!page.body.contains("href=\"javascript"), "{}", page.body);
        assert_eq!(ann.settings().await, before);
        assert_eq!(kept(&app), 0);

        // The file need not be chosen again: the page brings back what we drew of it.
        let (_, rest) = page.body.split_once("name=\"kept_logo\" value=\"").unwrap();
        let (base64, _) = rest.split_once('"').unwrap();
        assert!(page.body.contains(&format!("src=\"data:image/jpeg;base64,{base64}\"")), "it is shown");
        let mended = Form::of("Bright & Bold").with("kept_logo", base64);
        ann.saved(&mended).await;
        let (_, drawn) = only_logo(&app);
        assert_eq!((drawn.width(), drawn.height()), (176, 88));
        // It is no way around anything.
        let wrong = Form::of("Bright & Bold").with("kept_logo", "PHN2Zz48L3N2Zz4=");
        assert_eq!(ann.save(&wrong).await.status, 422);
        // Removing comes after it, and is kept as well.
        let mut both = mended.with("remove_logo", "on");
        both.fields[0].1 = String::new();
        let page = ann.save(&both).await;
        assert_eq!(page.status, 422);
        ann.saved(&Form::of("Bright & Bold").with("remove_logo", "on")).await;
        assert_eq!(ann.settings().await.brand, Brand::default());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_logo_has_another_address_and_the_one_before_goes() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut ann, link) = app.member_with_link().await;
        let form = Form::of("Bright & Bold");
        ann.saved(&form.clone().logo(&png(100, 100, [10, 120, 90]))).await;
        let first = address_of(&ann.settings().await.brand);
        app.run_jobs().await;
        assert_eq!(kept(&app), 1);
        // Saving the rest leaves it alone.
        ann.saved(&form.clone().with("support", "help@bright.example")).await;
        assert_eq!(address_of(&ann.settings().await.brand), first);
        ann.saved(&form.clone().logo(&png(100, 100, [90, 10, 120]))).await;
        let second = address_of(&ann.settings().await.brand);
        assert_ne!(first, second);
        assert_eq!(kept(&app), 2);
        let mut client = app.browser();
        assert_eq!(client.get(&first).await.status, 404, "at once");
        assert!(client.get(&path_of(&link)).await.body.contains(&second));
        app.run_jobs().await;
        assert_eq!(kept(&app), 1);
        assert_eq!(client.get(&second).await.status, 200);
        ann.saved(&form.with("remove_logo", "on")).await;
        assert_eq!(client.get(&second).await.status, 404);
        assert!(!client.get(&path_of(&link)).await.body.contains(paths::BRAND));
        app.run_jobs().await;
        assert_eq!((kept(&app), app.count("jobs").await), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a52_who_may_change_settings_and_who_may_end_it() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let mut bob = app.member("Northwind", "bob@northwind.example").await;
        bob.saved(&Form::of("Northwind").with("support", "help@northwind.example")).await;
        let before = app.database.contents().await;
        for (email, role) in [
            ("vera@agency.example", Role::Viewer),
            ("max@agency.example", Role::Member),
            ("ada@agency.example", Role::Admin),
        ] {
            let mut browser = app.colleague(&mut ann, email, role).await;
            let may = role == Role::Admin;
            let page = browser.get(paths::SETTINGS).await;
            assert_eq!(page.status, if may { 200 } else { 403 }, "{role:?}");
            assert_eq!(page.says("Support address"), may, "{role:?}: {}", page.text());
            assert!(!page.says("Delete organization"), "{role:?}: {}", page.text());
            assert_eq!(browser.call("load_settings", &[]).await.status, if may { 200 } else { 403 }, "{role:?}");
            let form = Form::of("Bright & Bold").with("support", "help@agency.example").logo(&png(9, 9, [0; 3]));
            assert_eq!(browser.save(&form).await.status, if may { 303 } else { 403 }, "{role:?}");
            assert_eq!(browser.get(paths::DELETE_ORGANIZATION).await.status, 403, "{role:?}");
            assert_eq!(browser.call("load_organization_end", &[]).await.status, 403, "{role:?}");
            let end = browser.ends("Bright & Bold").await;
            assert_eq!(end.status, 403, "{role:?}: {}", end.text());
        }
        assert_eq!(app.count("organizations").await, 2);
        let mut stranger = app.browser();
        for path in [paths::SETTINGS, paths::DELETE_ORGANIZATION] {
            let page = stranger.get(path).await;
            assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in")), "{path}");
        }
        let refused = stranger.save(&Form::of("Mine")).await;
        assert_eq!((refused.status, refused.location.as_deref()), (303, Some("/sign-in")));
        assert_eq!(stranger.ends("Bright & Bold").await.location.as_deref(), Some("/sign-in"));
        for function in ["load_settings", "load_organization_end"] {
            assert_eq!(stranger.call(function, &[]).await.status, 401, "{function}");
        }
        // A51: one's own organization is the only one there is a form for.
        assert_eq!(bob.settings().await.brand.support, Some(Support::Email("help@northwind.example".into())));
        let rows = app.database.contents().await;
        assert_eq!(rows["users"].len(), before["users"].len() + 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a58_whatever_an_organization_calls_itself_is_text_and_nothing_else() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut ann, link) = app.member_with_link().await;
    for name in
        ["\"><img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "{{7*7}} ${7*7}", "x' OR 1=1--"]
    {
        ann.saved(&Form::of(name).with("support", "help@x.example")).await;
        assert_eq!(ann.settings().await.name, name);
        for page in [
            app.browser().get(&path_of(&link)).await,
            ann.get(paths::SETTINGS).await,
            ann.get(paths::DELETE_ORGANIZATION).await,
            ann.save(&Form::of(name).with("accent", name)).await,
        ] {
            for alive in ["<img src=x", "<script>alert"] {
                assert!(!page.body.contains(alive), "{name}: {}", page.body);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_is_written_down_and_what_was_not_is_not() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let told = async |detail: &str| {
            let query = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'settings.changed' AND detail";
            app.database.number(&format!("{query} LIKE '{detail}'")).await
        };
        ann.saved(&Form::of("Bright & Bold")).await;
        ann.saved(&Form::of("Bright & Bold").with("remove_logo", "on")).await;
        assert_eq!((told("%").await, app.count("jobs").await), (0, 0), "nothing was changed");
        let form = Form::of("Bold & Bright").with("accent", "#c2410c").with("support", "help@agency.example");
        ann.saved(&form.clone().logo(&png(9, 9, [0; 3]))).await;
        assert_eq!(told("name, logo, accent colour, support address").await, 1);
        ann.saved(&form.with("support", "")).await;
        assert_eq!(told("support address").await, 1);
        assert_eq!(told("%").await, 2);
        // The slug is what operators call it, and stays.
        let slug = "SELECT COUNT(*) AS n FROM organizations WHERE slug = 'bright-bold' AND name = 'Bold & Bright'";
        assert_eq!(app.database.number(slug).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u36_an_organization_ends_only_when_its_name_is_typed() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 2);
        let (mut ann, _) = connected(&app, NORA).await;
        app.run_jobs().await;
        let page = ann.get(paths::DELETE_ORGANIZATION).await;
        assert_eq!(page.status, 200);
        let name = ann.accounts().await.member.organization;
        for words in [format!("Delete {name}?"), "1 Instagram account is disconnected".into(), "1 member loses".into()]
        {
            assert!(page.says(&words), "{words}: {}", page.text());
        }
        let before = app.database.contents().await;
        for wrong in ["", "delete", &name.to_lowercase(), &name[1..]] {
            let page = ann.ends(wrong).await;
            assert_eq!(page.status, 422, "{wrong}");
            assert!(page.says("as it stands here. Nothing was deleted."), "{}", page.text());
        }
        // A50: nor for a session alone. What was typed is kept, but no password.
        for (password, why) in [("", "Enter your own password"), ("a wrong one", "This is not your password")] {
            let page = ann.ends_with(&name, password).await;
            assert!(page.status == 422 && page.says(why), "{}", page.text());
            let kept = format!("value=\"{}\"", name.replace('&', "&amp;"));
            assert!(page.body.contains(&kept) && !page.body.contains("a wrong one"), "{}", page.body);
        }
        assert_eq!(app.database.contents().await, before);
        assert_eq!(ann.get(paths::ACCOUNTS).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a56_a78_nothing_refers_to_an_organization_that_was_deleted() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        for username in [NORA, "cafe_lumen"] {
            app.sandbox.set_posts(username, 3);
        }
        let (mut bob, _) = connected_elsewhere(&app, "cafe_lumen").await;
        bob.saved(&Form::of("Northwind").logo(&png(9, 9, [0; 3]))).await;
        let (mut ann, account) = connected(&app, NORA).await;
        app.run_jobs().await;
        let name = ann.accounts().await.member.organization;
        let mut max = app.colleague(&mut ann, "max@agency.example", Role::Member).await;
        ann.saved(&Form::of(&name).with("accent", "#c2410c").logo(&png(9, 9, [0; 3]))).await;
        let logo = address_of(&ann.settings().await.brand);
        let link = ann.generate_link("Bakery").await;
        ann.request_access("somebody_else").await;
        ann.invite("vera@agency.example", Role::Viewer).await;
        // A mail that waits, an attempt under way, and a disconnected account whose posts are to be forgotten.
        let mut client = app.browser();
        let authorize = client.start(&link).await;
        let mut second = app.browser();
        second.connect(&link, "bakery_huber").await;
        app.finish_tasks().await;
        let huber = ann.account("bakery_huber").await.id;
        assert_eq!(ann.call("disconnect_account", &[("id", &huber.to_string())]).await.status, 200);
        let mails = app.mails().len();
        let (_, token) = app.access(account).await.unwrap();
        let waiting = app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE kind LIKE 'mail_%'").await;
        assert!(waiting > 0, "mails wait");

        let page = ann.ends(&format!("  {name} ")).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in?deleted=1")), "{}", page.text());
        assert!(app.browser().get("/sign-in?deleted=1").await.says("The organization is deleted"));

        // Of what hangs on an organization, only Bob's is left.
        for (table, left) in [
            ("organizations", 1),
            ("memberships", 1),
            ("invitations", 0),
            ("accounts", 1),
            ("collections", 1),
            ("posts", 3),
            ("sessions", 1),
            ("users", 3),
        ] {
            assert_eq!(app.count(table).await, left, "{table}");
        }
        let whose = "(SELECT id FROM organizations)";
        for table in ["links", "audit_events", "subscriptions"] {
            let others = format!("SELECT COUNT(*) AS n FROM {table} WHERE organization_id NOT IN {whose}");
            assert_eq!(app.database.number(&others).await, 0, "{table}");
        }
        let left = "SELECT COUNT(*) AS n FROM jobs WHERE organization_id IS NULL AND kind LIKE 'mail_%'";
        assert_eq!(app.database.number(left).await, 0, "no mail waits");
        let forgetting = "SELECT COUNT(*) AS n FROM jobs WHERE organization_id IS NULL";
        assert_eq!(app.database.number(forgetting).await, 4, "three accounts and the logos");

        // Dead at the very next request, for everybody.
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 404);
        assert_eq!(app.browser().post(&path_of(&link), &[]).await.status, 404);
        let callback = walk(&authorize, NORA, Decision::Allow).await;
        let back = client.come_back(&callback).await;
        assert_eq!(back.status, 400, "{}", back.text());
        for browser in [&mut ann, &mut max] {
            assert_eq!(browser.call("load_accounts", &[]).await.status, 401);
            assert_eq!(browser.get(paths::ACCOUNTS).await.location.as_deref(), Some("/sign-in"));
        }
        assert_eq!(app.browser().get(&logo).await.status, 404);
        assert!(app.access(account).await.is_none());
        let dump = app.database.dump().await;
        assert!(!dump.windows(token.expose_secret().len()).any(|part| part == token.expose_secret().as_bytes()));

        // Jobs delete the pictures, of this organization alone, and no mail goes out.
        assert!(pictures_below(&app.database.folder().join("media")) > 0);
        app.run_jobs().await;
        assert_eq!(kept(&app), 1, "Bob's logo");
        assert_eq!(pictures_below(&app.database.folder().join("media/posts")), 3, "Bob's posts");
        assert_eq!(app.mails().len(), mails);
        let forgetting = "SELECT COUNT(*) AS n FROM jobs WHERE kind IN ('forget_posts', 'forget_logos')";
        assert_eq!(app.database.number(forgetting).await, 3, "each account is looked at once more, for late copies");
        later(&app, LEASE).await;
        assert_eq!((app.database.number(forgetting).await, app.mails().len()), (0, mails));
        assert_eq!(bob.accounts().await.accounts.len(), 1);

        // People keep their own accounts, and read what to do.
        for email in ["ann@agency.example", "max@agency.example"] {
            let form = [("email", email), ("password", "three small words")];
            let page = app.browser().post("/sign-in", &form).await;
            assert_eq!(page.status, 403, "{email}");
            assert!(page.says("it belongs to no organization any more"), "{}", page.text());
            let wrong = [("email", email), ("password", "three wrong words")];
            let page = app.browser().post("/sign-in", &wrong).await;
            assert!(!page.says("organization any more"), "said to nobody but who knows the password: {}", page.text());
        }
        // Who forgot the password is helped all the same.
        app.browser().post("/forgot-password", &[("email", "ann@agency.example")]).await;
        assert!(app.mailed_path("ann@agency.example", "/reset-password").await.is_some());
        app.confirm_own_address(&mut bob).await;
        let invitation = bob.invite("max@agency.example", Role::Member).await;
        let path = app.invitation_path(invitation.id).await;
        let page = app.browser().post(&path, &[("password", "three small words")]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a56_somebody_with_another_organization_works_on_there() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let mut bob = app.member("Northwind", "bob@northwind.example").await;
        app.confirm_own_address(&mut bob).await;
        let invitation = bob.invite("ann@agency.example", Role::Viewer).await;
        let path = app.invitation_path(invitation.id).await;
        app.browser().post(&path, &[("password", "three small words")]).await;
        assert_eq!(app.count("memberships").await, 3);
        // The session that works for the organization goes with it.
        let mut owner = app.browser();
        owner.sign_in("ann@agency.example").await;
        assert_eq!(owner.accounts().await.member.organization, "Bright & Bold");
        assert_eq!(owner.ends("Bright & Bold").await.status, 303);
        assert_eq!(ann.call("load_accounts", &[]).await.status, 401);
        ann.sign_in("ann@agency.example").await;
        let member = ann.accounts().await.member;
        assert_eq!((member.organization.as_str(), member.role), ("Northwind", Role::Viewer));
        assert_eq!(app.count("organizations").await, 1);
    })
    .await;
}
