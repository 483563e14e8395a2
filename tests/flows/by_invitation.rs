//! `SIGNUP=invite`: nobody makes an account by themselves, and whoever is invited comes in as anywhere.

use crate::support::{Installation, on_each_database, signing_in::PASSWORD};
use grantlink::{identity, organizations::model::Role, paths};

#[tokio::test(flavor = "multi_thread")]
async fn where_accounts_are_made_by_invitation_the_operator_makes_the_first_and_an_invitation_every_other() {
    on_each_database(async |kind| {
        let app = Installation::with_settings(kind, &[("SIGNUP", "invite")]).await;
        let mut stranger = app.browser();
        let page = stranger.get("/sign-up").await;
        assert!(page.status == 200 && page.says("by invitation"), "{}", page.text());
        assert!(!page.body.contains("name=\"organization\""), "there is nothing to fill in");
        assert!(!stranger.get("/sign-in").await.says("Create an account"));
        let form = [("organization", "Mine"), ("email", "eve@evil.example"), ("password", PASSWORD)];
        let refused = stranger.post("/sign-up", &form).await;
        assert!(refused.status == 403 && refused.says("by invitation"), "{} {}", refused.status, refused.text());
        assert_eq!((app.count("users").await, app.count("organizations").await), (0, 0));

        let founded = identity::service::found(&app.tools, "Bright & Bold", "ann@agency.example").await.unwrap();
        let link = paths::reset_password(founded.password_link.expect("she has no password yet").expose());
        let mut ann = app.browser();
        assert_eq!(ann.post(&link, &[("password", PASSWORD)]).await.status, 303);
        let form = [("email", "ann@agency.example"), ("password", PASSWORD)];
        assert_eq!(ann.post("/sign-in", &form).await.location.as_deref(), Some("/accounts"));

        let mut ben = app.colleague(&mut ann, "ben@agency.example", Role::Member).await;
        assert_eq!(ben.accounts().await.member.email, "ben@agency.example");
        assert_eq!((app.count("users").await, app.count("organizations").await), (2, 1));
    })
    .await;
}
