//! What people do, in their words.

use super::{
    Browser, Installation, Page,
    instagram::{Decision, walk},
};
use grantlink::{
    connect::model::{AttemptPage, AttemptState},
    links::model::LinkView,
    pages::{accounts::load::AccountsView, connect_links::load::ConnectLinksView},
};

/// The path of a link's URL.
pub fn path_of(link: &LinkView) -> String {
    link.url.strip_prefix(super::BASE_URL).expect("the link is ours").to_owned()
}

impl Browser {
    /// The member generates a connect-link.
    pub async fn generate_link(&mut self, description: &str) -> LinkView {
        let page = self.call("generate_link", &[("description", description)]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.json()
    }

    /// The member deletes a link.
    pub async fn revoke_link(&mut self, link: &LinkView) -> Page {
        self.call("revoke_link", &[("id", &link.id.to_string())]).await
    }

    /// What the member's dashboard holds.
    pub async fn accounts(&mut self) -> AccountsView {
        self.call("load_accounts", &[]).await.json()
    }

    /// What the member's dialog holds.
    pub async fn links(&mut self) -> ConnectLinksView {
        self.call("load_connect_links", &[]).await.json()
    }

    /// The client presses "Continue to Instagram": the authorize URL.
    pub async fn start(&mut self, link: &LinkView) -> String {
        let page = self.post(&path_of(link), &[]).await;
        assert_eq!(page.status, 303, "{}", page.text());
        page.location.expect("a redirect says where to")
    }

    /// The client goes all the way, and reads the page it ends on.
    pub async fn connect(&mut self, link: &LinkView, username: &str) -> Page {
        let authorize = self.start(link).await;
        let callback = walk(&authorize, username, Decision::Allow).await;
        self.come_back(&callback).await
    }

    /// The browser follows Instagram's redirect, and ours.
    pub async fn come_back(&mut self, callback: &str) -> Page {
        let page = self.get(callback).await;
        match &page.location {
            Some(location) => {
                assert_eq!(page.status, 303);
                let location = location.clone();
                self.get(&location).await
            }
            None => page,
        }
    }

    /// How the attempt of this page's address stands.
    pub async fn attempt_state(&mut self, path: &str) -> AttemptState {
        let id = path.rsplit('/').next().unwrap();
        let page = self.call("pending_status", &[("id", id)]).await;
        page.json::<AttemptPage>().state
    }
}

impl Installation {
    /// A member with a fresh link.
    pub async fn member_with_link(&self) -> (Browser, LinkView) {
        let mut member = self.member("Bright & Bold", "ann@agency.example").await;
        let link = member.generate_link("Bakery").await;
        (member, link)
    }
}
