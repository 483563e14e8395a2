//! What goes on while nobody looks: time passes, jobs are done, mails go out; and what people do about an account that
//! has to be connected again.

use super::{
    BASE_URL, Browser, Installation, Page,
    instagram::{Decision, walk},
};
use grantlink::{
    accounts::{self, model::AccountView, queries::token::LiveAccess},
    ids::AccountId,
    jobs::runner::run_until_idle,
    links::model::RequestView,
    secret::SecretString,
    work::{MemberWork, Work},
};
use std::{sync::Arc, time::Duration};

pub const HOUR: Duration = Duration::from_secs(3_600);
pub const DAY: Duration = Duration::from_secs(86_400);

/// A mail as it went out.
#[derive(Debug)]
pub struct Mailed {
    pub to: String,
    pub subject: String,
    /// The Message-ID.
    pub id: String,
}

impl Mailed {
    fn read(bytes: &[u8]) -> Self {
        let mail = std::str::from_utf8(bytes).unwrap();
        assert!(!mail.contains("IGAA"), "a mail with a token in it: {mail}");
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        // Long headers go on in a line that begins with a space (RFC 5322 section 2.2.3).
        let head = head.replace("\r\n ", " ");
        let header = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.unwrap_or_else(|| panic!("no {name}: {head}")).to_owned()
        };
        Self { to: header("To"), subject: header("Subject"), id: header("Message-ID") }
    }
}

impl Installation {
    /// Does every job that is due, and what becomes due by it. Says how many that were.
    pub async fn run_jobs(&self) -> usize {
        run_until_idle(&self.tools).await.unwrap()
    }

    /// Lets time pass in steps, after each of which every job is done that became due.
    pub async fn pass(&self, time: Duration, step: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = step.min(left);
            left -= step;
            self.tools.clock.advance(step);
            self.run_jobs().await;
        }
    }

    /// The mails that went out, oldest first.
    pub fn mails(&self) -> Vec<Mailed> {
        self.tools.mailer.sent().iter().map(|mail| Mailed::read(mail)).collect()
    }

    /// How many mails say this in their subjects.
    pub fn mails_saying(&self, words: &str) -> usize {
        self.mails().iter().filter(|mail| mail.subject.contains(words)).count()
    }

    /// The token of an account, with what belongs to it; `None` when it has none.
    pub async fn access(&self, id: AccountId) -> Option<(LiveAccess, SecretString)> {
        accounts::service::find_access(&self.tools, id).await.unwrap()
    }

    /// The posts collected from the account with this handle.
    pub async fn count_posts(&self, username: &str) -> i64 {
        let account = format!("(SELECT id FROM accounts WHERE username = '{username}')");
        self.database.number(&format!("SELECT COUNT(*) AS n FROM posts WHERE account_id = {account}")).await
    }

    /// What a member's request is handed to services with.
    pub async fn work_of(&self, member: &mut Browser) -> MemberWork {
        Work { actor: member.accounts().await.member, tools: Arc::clone(&self.tools), from: None }
    }
}

impl Browser {
    /// The member signs in again: no session lasts for months.
    pub async fn sign_in(&mut self, email: &str) {
        let page = self.post("/sign-in", &[("email", email), ("password", "three small words")]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
    }

    /// The account with this handle, as it stands in the member's list.
    pub async fn account(&mut self, username: &str) -> AccountView {
        let accounts = self.accounts().await.accounts;
        let found = accounts.iter().find(|account| account.username == username);
        found.unwrap_or_else(|| panic!("@{username} is not in the list: {accounts:?}")).clone()
    }

    /// The member asks for access to an account.
    pub async fn request_access(&mut self, username: &str) -> RequestView {
        let page = self.call("request_access", &[("username", username)]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.json()
    }

    /// The member presses "Ask the client to reconnect".
    pub async fn ask_to_reconnect(&mut self, id: AccountId) -> RequestView {
        let page = self.call("regenerate_request", &[("account", &id.to_string())]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.json()
    }

    /// The client goes all the way from a request, and reads the page it ends on.
    pub async fn connect_as_asked(&mut self, request: &RequestView, username: &str) -> Page {
        let path = request.url.strip_prefix(BASE_URL).expect("the link is ours");
        let started = self.post(path, &[]).await;
        assert_eq!(started.status, 303, "{}", started.text());
        let callback = walk(&started.location.unwrap(), username, Decision::Allow).await;
        self.come_back(&callback).await
    }
}
