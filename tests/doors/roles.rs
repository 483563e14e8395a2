//! Who may come through which door (A15, A51 to A53, S34): every server function, every page and every plain route, for
//! everybody who may stand there. A door without a row fails; `docs/roles.md` is made from the same rows.

use crate::support::{
    BASE_URL, Browser, Installation, Kind, Page,
    browser::{WINDOW, says_its_organization},
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database, pages,
};
use axum::body::Body;
use grantlink::{
    identity::{self, model::Email, service::Visitor},
    ids::{AccountId, OrganizationId, UserId},
    links::model::LinkView,
    organizations::{
        self,
        model::{Permission, Role},
    },
};
use http::{Method, header};
use leptos::server_fn::axum::server_fn_paths;
use std::{
    collections::BTreeSet,
    fmt::Write,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

/// What a door asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Needs {
    /// Nothing: what it opens is public, or carries a secret of its own.
    Nothing,
    /// A session, in whatever role.
    Session,
    /// A session, and a role that allows this.
    May(Permission),
    /// An owner of the organization that was here first.
    FirstOwner,
    /// The browser that started an attempt, or a member of the organization it is for.
    Attempt,
    /// The browser that started an attempt, and nobody else.
    OwnAttempt,
    /// A sign-in that waits for its code; everybody else is sent to sign in.
    SecondStep,
}

use Needs::{Attempt, FirstOwner, May, Nothing, OwnAttempt, SecondStep, Session};
use Permission::{ManageMembers, ManageSettings, OwnOrganization, ReadAudit, ShareLinks};

/// Whether a door names a row of the organization: a member of another one is told that there is no such thing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Names {
    /// It works on the organization of whoever comes.
    Nothing,
    /// It names a row, and foreign ones are not there.
    Row,
}

/// Every server function.
const FUNCTIONS: &[(&str, Needs, Names)] = &[
    ("change_role", May(ManageMembers), Names::Row),
    ("deletion_status", Nothing, Names::Nothing),
    ("disconnect_account", May(ShareLinks), Names::Row),
    ("generate_link", May(ShareLinks), Names::Nothing),
    ("invite_member", May(ManageMembers), Names::Nothing),
    ("leave_organization", Session, Names::Nothing),
    ("list_posts", Session, Names::Row),
    ("load_account", Session, Names::Row),
    ("load_accounts", Session, Names::Nothing),
    ("load_audit", May(ReadAudit), Names::Nothing),
    ("load_checklist", FirstOwner, Names::Nothing),
    ("load_connect", Nothing, Names::Nothing),
    ("load_connect_links", Session, Names::Nothing),
    ("load_invitation", Nothing, Names::Nothing),
    ("load_members", Session, Names::Nothing),
    ("load_organization_end", May(OwnOrganization), Names::Nothing),
    ("load_plan", Session, Names::Nothing),
    ("load_reminders", Nothing, Names::Nothing),
    ("load_settings", May(ManageSettings), Names::Nothing),
    ("load_you", Session, Names::Nothing),
    ("pending_status", Attempt, Names::Row),
    ("redeem_connection", Nothing, Names::Nothing),
    ("regenerate_request", May(ShareLinks), Names::Row),
    ("remove_member", May(ManageMembers), Names::Row),
    ("request_access", May(ShareLinks), Names::Nothing),
    ("resend_invitation", May(ManageMembers), Names::Row),
    ("revoke_invitation", May(ManageMembers), Names::Row),
    ("revoke_link", May(ShareLinks), Names::Row),
    ("transfer_ownership", May(OwnOrganization), Names::Row),
    ("withdraw_request", May(ShareLinks), Names::Row),
];

/// Every page of the component tree.
const PAGES: &[(&str, Needs, Names)] = &[
    ("/accounts", Session, Names::Nothing),
    ("/accounts/connect-links", Session, Names::Nothing),
    ("/accounts/connect-links/{id}/delete", May(ShareLinks), Names::Row),
    ("/accounts/new", Session, Names::Nothing),
    ("/accounts/new/account", Session, Names::Nothing),
    ("/accounts/new/request", Session, Names::Nothing),
    ("/accounts/{id}", Session, Names::Row),
    ("/accounts/{id}/disconnect", May(ShareLinks), Names::Row),
    ("/accounts/{id}/withdraw", May(ShareLinks), Names::Row),
    ("/audit", May(ReadAudit), Names::Nothing),
    ("/checklist", FirstOwner, Names::Nothing),
    ("/connect/attempt/{id}", Attempt, Names::Row),
    ("/connect/{token}", Nothing, Names::Nothing),
    ("/deletion/{code}", Nothing, Names::Nothing),
    ("/forgot-password", Nothing, Names::Nothing),
    ("/invitations/{token}", Nothing, Names::Nothing),
    ("/members", Session, Names::Nothing),
    ("/members/leave", Session, Names::Nothing),
    ("/members/{user}/remove", May(ManageMembers), Names::Row),
    ("/members/{user}/transfer", May(OwnOrganization), Names::Row),
    ("/oauth/instagram/callback", Nothing, Names::Nothing),
    ("/plan", Session, Names::Nothing),
    ("/reminders/{token}", Nothing, Names::Nothing),
    ("/reset-password/{token}", Nothing, Names::Nothing),
    ("/settings", May(ManageSettings), Names::Nothing),
    ("/settings/delete", May(OwnOrganization), Names::Nothing),
    ("/sign-in", Nothing, Names::Nothing),
    ("/sign-in/two-factor", SecondStep, Names::Nothing),
    ("/sign-up", Nothing, Names::Nothing),
    ("/trouble", Nothing, Names::Nothing),
    ("/verify-email/{token}", Nothing, Names::Nothing),
    ("/you", Session, Names::Nothing),
];

/// Pages that only ask. Whoever may not do what they ask about may read so there; the door behind refuses.
const QUESTIONS: &[&str] = &[
    "/accounts/connect-links/{id}/delete",
    "/accounts/{id}/disconnect",
    "/accounts/{id}/withdraw",
    "/members/{user}/remove",
    "/members/{user}/transfer",
];

/// Every plain route, by the name of its path and by its method.
const ROUTES: &[(&str, Method, Needs, Names)] = &[
    ("ATTEMPTS/", Method::POST, OwnAttempt, Names::Row),
    ("AUDIT_CSV", Method::GET, May(ReadAudit), Names::Nothing),
    ("BILLING_PORTAL", Method::POST, May(OwnOrganization), Names::Nothing),
    ("BILLING_RETURN", Method::GET, May(OwnOrganization), Names::Nothing),
    ("BRAND/", Method::GET, Nothing, Names::Nothing),
    ("CHECKLIST", Method::POST, FirstOwner, Names::Nothing),
    ("CHECKOUT", Method::POST, May(OwnOrganization), Names::Nothing),
    ("CONNECT/", Method::POST, Nothing, Names::Nothing),
    ("DATA_DELETION", Method::POST, Nothing, Names::Nothing),
    ("DEAUTHORIZE", Method::POST, Nothing, Names::Nothing),
    ("DELETE_ORGANIZATION", Method::POST, May(OwnOrganization), Names::Nothing),
    ("DEV_COMPONENTS", Method::GET, Nothing, Names::Nothing),
    ("FORGOT_PASSWORD", Method::POST, Nothing, Names::Nothing),
    ("HEALTHZ", Method::GET, Nothing, Names::Nothing),
    ("HOME", Method::GET, Session, Names::Nothing),
    ("INVITATIONS/", Method::POST, Nothing, Names::Nothing),
    ("LIVE", Method::GET, Session, Names::Nothing),
    ("LOG_IN_TO_ACCOUNT", Method::POST, May(ShareLinks), Names::Nothing),
    ("PICTURES/", Method::GET, Session, Names::Row),
    ("PROFILE_PICTURES/", Method::GET, Session, Names::Row),
    ("READYZ", Method::GET, Nothing, Names::Nothing),
    ("REMINDERS/", Method::POST, Nothing, Names::Nothing),
    ("RESET_PASSWORD/", Method::POST, Nothing, Names::Nothing),
    ("ROBOTS", Method::GET, Nothing, Names::Nothing),
    ("SECOND_STEP", Method::POST, SecondStep, Names::Nothing),
    ("SETTINGS", Method::POST, May(ManageSettings), Names::Nothing),
    ("SIGN_IN", Method::POST, Nothing, Names::Nothing),
    ("SIGN_OUT", Method::POST, Nothing, Names::Nothing),
    ("SIGN_UP", Method::POST, Nothing, Names::Nothing),
    ("STRIPE_WEBHOOK", Method::POST, Nothing, Names::Nothing),
    ("SWITCH_ORGANIZATION", Method::POST, Session, Names::Row),
    ("VERIFY_EMAIL/", Method::POST, Nothing, Names::Nothing),
    ("YOU", Method::POST, Session, Names::Nothing),
];

/// Who stands at a door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Who {
    Anonymous,
    /// Holds a link, and started an attempt with it.
    Client,
    /// Owns another organization.
    Foreigner,
    Colleague(Role),
}

/// From those who may least on.
const EVERYBODY: [Who; 7] = [
    Who::Anonymous,
    Who::Client,
    Who::Foreigner,
    Who::Colleague(Role::Viewer),
    Who::Colleague(Role::Member),
    Who::Colleague(Role::Admin),
    Who::Colleague(Role::Owner),
];

/// What they are told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    /// In they come; what comes of it is another test's.
    In,
    SignIn,
    NotYourRole,
    NotThere,
}

/// The rule from which every expectation comes.
fn answer(needs: Needs, names: Names, who: Who) -> Answer {
    let signed_in = matches!(who, Who::Foreigner | Who::Colleague(_));
    match (needs, who) {
        (Nothing, _) | (Attempt | OwnAttempt, Who::Client) => Answer::In,
        (Attempt, Who::Anonymous) | (OwnAttempt, _) => Answer::NotThere,
        (SecondStep, _) => Answer::SignIn,
        _ if !signed_in => Answer::SignIn,
        (_, Who::Foreigner) if names == Names::Row => Answer::NotThere,
        (FirstOwner, who) if who != Who::Colleague(Role::Owner) => Answer::NotYourRole,
        (May(permission), Who::Colleague(role)) if !role.may(permission) => Answer::NotYourRole,
        _ => Answer::In,
    }
}

/// Words that only the organization, or who has its link, may read.
const THEIRS: [&str; 3] = ["Zirkon", "zirkon.example", "Backstube"];

/// An organization with one of everything.
struct World {
    app: Installation,
    organization: OrganizationId,
    /// Owns it, and is never at a door.
    founder: Browser,
    /// Owns another one.
    foreigner: (UserId, OrganizationId),
    /// Holds the link.
    client: Browser,
    link: LinkView,
    account: AccountId,
    attempt: String,
    picture: String,
    profile_picture: String,
    number: AtomicU32,
}

impl World {
    async fn new(kind: Kind) -> Self {
        let app = Installation::new(kind).await;
        let mut founder = app.member("Zirkon", "founder@zirkon.example").await;
        app.confirm_own_address(&mut founder).await;
        let mut foreigner = app.member("Elsewhere", "olga@elsewhere.example").await;
        let link = founder.generate_link("Backstube").await;
        app.sandbox.set_posts("studio.nora", 3);
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        let attempt = client.get(&callback).await.location.expect("it has a page of its own");
        app.finish_tasks().await;
        app.run_jobs().await;
        let found = founder.account("studio.nora").await;
        let page: grantlink::pages::account::load::AccountPageView =
            founder.call("load_account", &[("id", &found.id.to_string())]).await.json();
        let picture = page.posts.posts.iter().find_map(|post| post.picture.clone()).expect("a post has a picture");
        let (of_founder, of_foreigner) = (founder.accounts().await.member, foreigner.accounts().await.member);
        Self {
            organization: of_founder.organization_id,
            foreigner: (of_foreigner.user_id, of_foreigner.organization_id),
            founder,
            client,
            link,
            account: found.id,
            attempt,
            picture,
            profile_picture: found.picture.expect("it was copied"),
            app,
            number: AtomicU32::new(0),
        }
    }

    /// A browser of this person: a new colleague each time, so that nobody stands in another's way.
    async fn browser(&self, who: Who) -> Browser {
        match who {
            Who::Anonymous => self.app.browser(),
            Who::Client => self.client.clone(),
            Who::Foreigner => self.sign_in(self.foreigner.0, self.foreigner.1).await,
            Who::Colleague(role) => self.sign_in(self.colleague(role).await, self.organization).await,
        }
    }

    fn next(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    async fn colleague(&self, role: Role) -> UserId {
        let tools = &self.app.tools;
        let now = tools.now();
        let id = UserId::generate(now, &tools.randomness);
        let email = Email::parse(&format!("{}{}@zirkon.example", role.as_str(), self.next())).unwrap();
        let mut tx = tools.db.begin().await.unwrap();
        assert!(identity::queries::insert_user(&mut tx, id, &email, "nothing fits this", now).await.unwrap());
        identity::queries::members::verify_email(&mut tx, id, &email, now).await.unwrap();
        organizations::queries::insert_membership(&mut tx, self.organization, id, role, now).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn sign_in(&self, user: UserId, organization: OrganizationId) -> Browser {
        let visitor = Visitor { peer: [192, 0, 2, 1].into(), user_agent: String::new(), device: None };
        let tools = &self.app.tools;
        let mut tx = tools.db.begin().await.unwrap();
        let token = identity::service::start_session(tools, &mut tx, user, organization, &visitor).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = self.app.browser();
        browser.cookies.insert("__Host-session".into(), token.expose().to_owned());
        browser
    }

    /// What a function is called with: a fresh row each time, because the one before may be gone.
    async fn arguments(&self, function: &str) -> Vec<(&'static str, String)> {
        let mut founder = self.founder.clone();
        match function {
            "change_role" => vec![("user", self.colleague(Role::Viewer).await.to_string()), ("role", "member".into())],
            "remove_member" | "transfer_ownership" => vec![("user", self.colleague(Role::Viewer).await.to_string())],
            "invite_member" => {
                vec![("email", format!("guest{}@guests.example", self.next())), ("role", "viewer".into())]
            }
            "revoke_invitation" | "resend_invitation" => {
                let guest = format!("guest{}@guests.example", self.next());
                vec![("id", founder.invite(&guest, Role::Viewer).await.id.to_string())]
            }
            "generate_link" => vec![("description", "x".into())],
            "revoke_link" => vec![("id", founder.generate_link("Another").await.id.to_string())],
            "disconnect_account" => {
                self.app.browser().connect(&self.link, "cafe_lumen").await;
                vec![("id", founder.account("cafe_lumen").await.id.to_string())]
            }
            "request_access" => vec![("username", format!("handle{}", self.next()))],
            "regenerate_request" | "withdraw_request" => {
                let name = if function == "withdraw_request" { "id" } else { "account" };
                let request = founder.request_access(&format!("handle{}", self.next())).await;
                vec![(name, request.account_id.to_string())]
            }
            "load_account" => vec![("id", self.account.to_string())],
            "list_posts" => vec![("account", self.account.to_string()), ("before", String::new())],
            "load_connect" => vec![("token", path_of(&self.link).rsplit('/').next().unwrap().into())],
            "load_invitation" | "load_reminders" => vec![("token", "x".into())],
            "deletion_status" => vec![("code", "x".into())],
            "pending_status" => vec![("id", self.attempt.rsplit('/').next().unwrap().into())],
            _ => Vec::new(),
        }
    }

    /// Where a page of this kind is.
    async fn address(&self, page: &str) -> String {
        let mut founder = self.founder.clone();
        let account = self.account.to_string();
        match page {
            "/accounts/{id}/withdraw" => {
                let request = founder.request_access(&format!("handle{}", self.next())).await;
                page.replace("{id}", &request.account_id.to_string())
            }
            "/accounts/connect-links/{id}/delete" => page.replace("{id}", &self.link.id.to_string()),
            "/connect/attempt/{id}" => self.attempt.clone(),
            "/connect/{token}" => path_of(&self.link),
            "/members/{user}/remove" | "/members/{user}/transfer" => {
                page.replace("{user}", &self.colleague(Role::Viewer).await.to_string())
            }
            _ => page.replace("{id}", &account).replace("{token}", &"x".repeat(43)).replace("{code}", "x"),
        }
    }

    async fn take(&self, route: &str, method: &Method, browser: &mut Browser) -> Page {
        let unknown = "x".repeat(43);
        let organization = self.organization.to_string();
        let (path, form): (String, Vec<(&str, &str)>) = match route {
            "ATTEMPTS/" => (self.attempt.clone(), vec![]),
            "AUDIT_CSV" => ("/audit.csv".into(), vec![]),
            "BILLING_PORTAL" => ("/billing/portal".into(), vec![]),
            "BILLING_RETURN" => ("/billing/return".into(), vec![]),
            "BRAND/" => ("/brand/x.css".into(), vec![]),
            "CHECKLIST" => ("/checklist".into(), vec![("check", "nothing")]),
            "CHECKOUT" => ("/billing/checkout".into(), vec![("plan", "studio")]),
            "CONNECT/" => (path_of(&self.link), vec![]),
            "DATA_DELETION" => ("/instagram/data-deletion".into(), vec![("signed_request", "x.y")]),
            "DEAUTHORIZE" => ("/instagram/deauthorize".into(), vec![("signed_request", "x.y")]),
            "DELETE_ORGANIZATION" => ("/settings/delete".into(), vec![("organization", "another name")]),
            "DEV_COMPONENTS" => ("/dev/components".into(), vec![]),
            "FORGOT_PASSWORD" => ("/forgot-password".into(), vec![("email", "nobody@elsewhere.example")]),
            "HEALTHZ" => ("/healthz".into(), vec![]),
            "HOME" => ("/".into(), vec![]),
            "INVITATIONS/" => (format!("/invitations/{unknown}"), vec![]),
            "LIVE" => return browser.glance("/live").await,
            "LOG_IN_TO_ACCOUNT" => ("/accounts/log-in".into(), vec![]),
            "PICTURES/" => (self.picture.clone(), vec![]),
            "PROFILE_PICTURES/" => (self.profile_picture.clone(), vec![]),
            "READYZ" => ("/readyz".into(), vec![]),
            "REMINDERS/" => (format!("/reminders/{unknown}"), vec![("reminders", "off")]),
            "RESET_PASSWORD/" => (format!("/reset-password/{unknown}"), vec![("password", "four quite small words")]),
            "ROBOTS" => ("/robots.txt".into(), vec![]),
            "SECOND_STEP" => ("/sign-in/two-factor".into(), vec![("code", "123456")]),
            "SETTINGS" => {
                let window = browser.organization_id().await;
                return settings(browser, &window).await;
            }
            "SIGN_IN" => ("/sign-in".into(), vec![("email", "nobody@elsewhere.example"), ("password", "a wrong one")]),
            "SIGN_OUT" => ("/sign-out".into(), vec![]),
            "SIGN_UP" => ("/sign-up".into(), vec![("organization", ""), ("email", ""), ("password", "")]),
            "STRIPE_WEBHOOK" => ("/stripe/webhook".into(), vec![]),
            "SWITCH_ORGANIZATION" => ("/organizations/switch".into(), vec![("organization", organization.as_str())]),
            "VERIFY_EMAIL/" => (format!("/verify-email/{unknown}"), vec![]),
            "YOU" => ("/you".into(), vec![("form", "nothing")]),
            _ => panic!("say how {route} is taken"),
        };
        if *method == Method::GET { browser.get(&path).await } else { browser.post(&path, &form).await }
    }
}

/// The settings come with a picture, so their form is of another kind.
async fn settings(browser: &mut Browser, window: &str) -> Page {
    let request = browser
        .request(Method::POST, "/settings")
        .header("sec-fetch-site", "same-origin")
        .header(header::ORIGIN, BASE_URL)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let field =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = format!("{}{}--b--\r\n", field("organization", "Another"), field(WINDOW, window));
    browser.send(request, Body::from(body)).await
}

/// Whether a page is this answer.
#[track_caller]
fn check(door: &str, who: Who, page: &Page, expected: Answer, nothing_is_there: bool) {
    let to_sign_in = page.status == 303 && page.location.as_deref() == Some("/sign-in");
    let fits = match expected {
        Answer::SignIn => page.status == 401 || to_sign_in,
        Answer::NotYourRole => page.status == 403 || (QUESTIONS.contains(&door) && matches!(page.status, 200 | 404)),
        Answer::NotThere => page.status == 404,
        // What nobody made is gone or not there, whoever asks.
        Answer::In => {
            page.status < 500
                && !matches!(page.status, 401 | 403)
                && (nothing_is_there || !matches!(page.status, 404 | 410))
                && (!to_sign_in || matches!(door, "SIGN_OUT" | "leave_organization"))
        }
    };
    assert!(fits, "{door} answers {who:?} with {} {:?}: {}", page.status, page.location, page.text());
}

/// Refused, nothing is done and nothing is told.
fn told_nothing(door: &str, who: Who, page: &Page, world: &World) {
    let token = path_of(&world.link).rsplit('/').next().unwrap().to_owned();
    let colleague = matches!(who, Who::Colleague(_));
    if !colleague {
        for words in THEIRS {
            assert!(!page.body.contains(words), "{door} tells {who:?} {words}: {}", page.text());
        }
    }
    assert!(!page.body.contains(&token), "{door} tells {who:?} the link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a51_a52_s34_each_server_function_lets_in_who_may_and_tells_nobody_else_anything() {
    on_each_database(async |kind| {
        let world = World::new(kind).await;
        for (function, needs, names) in FUNCTIONS {
            for who in EVERYBODY {
                let arguments = world.arguments(function).await;
                let arguments: Vec<_> = arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let mut browser = world.browser(who).await;
                let expected = answer(*needs, *names, who);
                let before = world.app.database.contents().await;
                let page = browser.call(function, &arguments).await;
                check(function, who, &page, expected, false);
                if expected != Answer::In {
                    told_nothing(function, who, &page, &world);
                    assert_eq!(world.app.database.contents().await, before, "{function} did something for {who:?}");
                }
                // A15: a viewer reads labels and states, and no URL.
                if who == Who::Colleague(Role::Viewer) && *function != "load_connect" {
                    // The page of an attempt is none: it opens nothing to whoever did not begin it.
                    let body = page.body.replace("/connect/attempt/", "");
                    assert!(!body.contains("/connect/"), "{function} tells a viewer a URL: {body}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a51_a52_s34_each_page_is_given_to_who_may_and_changes_nothing() {
    on_each_database(async |kind| {
        let world = World::new(kind).await;
        for (name, needs, names) in PAGES {
            for who in EVERYBODY {
                let address = world.address(name).await;
                let mut browser = world.browser(who).await;
                let expected = answer(*needs, *names, who);
                let before = world.app.database.contents().await;
                let page = browser.get(&address).await;
                let no_such = (name.contains("{token}") && *name != "/connect/{token}") || name.contains("{code}");
                check(name, who, &page, expected, no_such || matches!(*name, "/trouble" | "/oauth/instagram/callback"));
                assert_eq!(world.app.database.contents().await, before, "{name} changed something for {who:?}");
                if expected != Answer::In {
                    told_nothing(name, who, &page, &world);
                }
                if who == Who::Colleague(Role::Viewer) && *name != "/connect/{token}" {
                    let token = path_of(&world.link);
                    assert!(!page.body.contains(&token), "{name} tells a viewer a URL");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_a52_s34_each_plain_route_lets_in_who_may_and_tells_nobody_else_anything() {
    on_each_database(async |kind| {
        let world = World::new(kind).await;
        for (route, method, needs, names) in ROUTES {
            for who in EVERYBODY {
                let mut browser = world.browser(who).await;
                let picture = matches!(*route, "PICTURES/" | "PROFILE_PICTURES/");
                // Whether there is such a picture is not for everybody to know.
                let expected = match answer(*needs, *names, who) {
                    Answer::SignIn if picture => Answer::NotThere,
                    expected => expected,
                };
                let before = world.app.database.contents().await;
                let page = world.take(route, method, &mut browser).await;
                let no_such = route.ends_with('/') && !picture && *route != "CONNECT/";
                check(route, who, &page, expected, no_such);
                if expected != Answer::In {
                    told_nothing(route, who, &page, &world);
                    assert_eq!(world.app.database.contents().await, before, "{route} did something for {who:?}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_a_window_of_another_organization_changes_nothing_in_this_one() {
    on_each_database(async |kind| {
        let world = World::new(kind).await;
        // Somebody who owns both, has gone over to the other one in another window, and presses a button in this one.
        let mut browser = world.sign_in(world.foreigner.0, world.foreigner.1).await;
        let window = world.organization.to_string();
        let now = world.app.tools.now();
        let mut tx = world.app.tools.db.begin().await.unwrap();
        let (both, theirs) = (world.foreigner.0, world.organization);
        organizations::queries::insert_membership(&mut tx, theirs, both, Role::Owner, now).await.unwrap();
        tx.commit().await.unwrap();
        let mut doors = 0;
        for (function, ..) in FUNCTIONS.iter().filter(|(name, ..)| says_its_organization(&format!("/api/{name}"))) {
            let arguments = world.arguments(function).await;
            for (window, status) in [(window.as_str(), 409), ("", 422), ("x", 422)] {
                let mut all: Vec<_> = arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
                all.push((WINDOW, window));
                let before = world.app.database.contents().await;
                let page = browser.call(function, &all).await;
                assert_eq!(page.status, status, "{function} {window}: {}", page.body);
                assert_eq!(status == 409, page.body.contains("Elsewhere"), "it says where one is: {}", page.body);
                // The same form without JavaScript: a page that says so, and nothing that was typed.
                let page = browser.post(&format!("/api/{function}"), &all).await;
                assert_eq!(page.status, status, "{function} {window}: {}", page.text());
                assert_eq!(status == 409, page.says("You switched to Elsewhere in another window"), "{}", page.text());
                assert_eq!(world.app.database.contents().await, before, "{function} did something");
            }
            doors += 1;
        }
        assert_eq!(doors, 13, "every function with which a member changes something");
        let before = world.app.database.contents().await;
        for page in [
            browser.post("/accounts/log-in", &[(WINDOW, &window)]).await,
            browser.post("/settings/delete", &[(WINDOW, &window), ("organization", "Elsewhere")]).await,
            browser.post("/billing/checkout", &[(WINDOW, &window), ("plan", "studio")]).await,
            browser.post("/billing/portal", &[(WINDOW, &window)]).await,
            settings(&mut browser, &window).await,
        ] {
            assert_eq!(page.status, 409, "{}", page.text());
            assert!(page.says("You switched to Elsewhere in another window"), "{}", page.text());
        }
        assert_eq!(world.app.database.contents().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_every_form_with_which_a_member_changes_something_says_for_which_organization() {
    let world = World::new(Kind::Sqlite).await;
    // An open invitation and a pending account, for the forms of their rows.
    for function in ["revoke_invitation", "withdraw_request"] {
        world.arguments(function).await;
    }
    let mut browser = world.browser(Who::Colleague(Role::Owner)).await;
    let field = format!("name=\"{WINDOW}\" value=\"{}\"", world.organization);
    let mut doors = BTreeSet::new();
    for (name, ..) in PAGES {
        let page = browser.get(&world.address(name).await).await;
        for form in page.body.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let Some((_, action)) = form.split_once("action=\"") else { continue };
            let action = action.split('"').next().unwrap();
            if says_its_organization(action) || action == "/settings" {
                assert!(form.contains(&field), "{name}: {form}");
                doors.insert(action.to_owned());
            }
        }
    }
    assert_eq!(doors.len(), 13 + 3, "{doors:?}");
}

/// The paths in the router's source by the names of their constants, with a slash where something stands below.
fn routes_in_the_source() -> BTreeSet<String> {
    let source = include_str!("../../src/server/router.rs");
    source
        .split(".route(")
        .skip(1)
        .map(|call| {
            let path = call.trim_start();
            let below = if path.starts_with("&format!") { "/" } else { "" };
            let (_, name) = path.split_once("paths::").expect("routes are made of paths");
            let name: String = name.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
            format!("{name}{below}")
        })
        .collect()
}

#[test]
fn a52_no_door_is_without_a_row() {
    let rows: BTreeSet<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    let registered: BTreeSet<&str> = server_fn_paths().map(|(path, _)| path.trim_start_matches("/api/")).collect();
    assert_eq!(rows, registered, "each server function has one row in FUNCTIONS");

    let rows: BTreeSet<String> = ROUTES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(rows, routes_in_the_source(), "each plain route has one row in ROUTES");
}

#[tokio::test(flavor = "multi_thread")]
async fn a52_no_page_is_without_a_row() {
    let _app = Installation::new(Kind::Sqlite).await;
    // Each leads to itself; its parameters are written in a way that says nothing is missing.
    let rows: Vec<String> = PAGES.iter().map(|(name, ..)| name.replace(['{', '}'], ":")).collect();
    let named: Vec<(&str, &str)> = PAGES.iter().zip(&rows).map(|((name, ..), row)| (*name, row.as_str())).collect();
    let found: BTreeSet<String> = pages(&named).into_iter().collect();
    assert_eq!(rows.iter().cloned().collect::<BTreeSet<_>>(), found, "each page has one row in PAGES");
}

/// What `docs/roles.md` has to say.
fn documented() -> String {
    let mut text = String::from(
        "# Who may do what\n\nMade from the tables in `src/organizations/model.rs` and `tests/doors/roles.rs`; a test \
         compares. To write it anew: `UPDATE_DOCS=1 script/test rust documented_table`.\n\nA person can belong to \
         several organizations, with another role in each. An organization always has an owner: the last one can \
         neither leave nor step down, and hands the organization over instead. Nobody gives or takes a role that is above their own: \
         owners are made and unmade by owners. Whoever is removed, or leaves, is signed out of the organization at \
         once; the links they made keep working, name an owner to clients from then on, and mails about them go to an owner. \
         Invitations they sent, and could not send any more, are dead.\n\n## Roles\n\n|",
    );
    for role in Role::ALL {
        write!(text, " | {}", role.title()).unwrap();
    }
    text.push_str(" |\n|---|");
    text.push_str(&"---|".repeat(Role::ALL.len()));
    text.push('\n');
    for permission in Permission::ALL {
        write!(text, "| {}", permission.words()).unwrap();
        for role in Role::ALL {
            write!(text, " | {}", if role.may(permission) { "yes" } else { "–" }).unwrap();
        }
        text.push_str(" |\n");
    }
    text.push_str(
        "\n## Doors\n\nWhat each door answers. \"In\" means that the door opens, whatever else stands in the way. To \
         members of other organizations a row of this one does not exist.\n",
    );
    let doors = |title: &str, rows: &mut dyn Iterator<Item = (String, Needs, Names)>| {
        let mut table = format!("\n### {title}\n\n| door |");
        for who in EVERYBODY {
            let name = match who {
                Who::Anonymous => "nobody known",
                Who::Client => "holder of a link",
                Who::Foreigner => "owner of another organization",
                Who::Colleague(role) => role.title(),
            };
            write!(table, " {name} |").unwrap();
        }
        table.push_str("\n|");
        table.push_str(&"---|".repeat(EVERYBODY.len() + 1));
        table.push('\n');
        for (door, needs, names) in rows {
            write!(table, "| `{door}` |").unwrap();
            for who in EVERYBODY {
                let told = match answer(needs, names, who) {
                    Answer::In => "in",
                    Answer::SignIn => "sign in",
                    Answer::NotYourRole => "not your role",
                    Answer::NotThere => "not there",
                };
                write!(table, " {told} |").unwrap();
            }
            table.push('\n');
        }
        table
    };
    text.push_str(&doors("Pages", &mut PAGES.iter().map(|(name, needs, names)| ((*name).to_owned(), *needs, *names))));
    text.push_str(&doors(
        "Server functions",
        &mut FUNCTIONS.iter().map(|(name, needs, names)| (format!("/api/{name}"), *needs, *names)),
    ));
    text.push_str(&doors(
        "Plain routes, by the names of `src/paths.rs`",
        &mut ROUTES.iter().map(|(name, method, needs, names)| (format!("{method} {name}"), *needs, *names)),
    ));
    text
}

#[test]
fn a52_the_documented_table_is_the_one_in_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/roles.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, documented()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == documented(),
        "docs/roles.md says something else than the code; write it anew: UPDATE_DOCS=1 script/test rust documented_table"
    );
}
