//! What an operator does beside a live server: organizations made and deleted, and the lists.

#[cfg(feature = "failpoints")]
use crate::support::child::Server;
use crate::support::{
    Installation,
    journey::path_of,
    on_each_database,
    signing_in::{ANN, PASSWORD},
};
use grantlink::{
    error::AppError,
    identity::service::{found, list_people},
    organizations::{model::Role, queries::operated, settings::service::delete_for_operator},
};
use std::process::Command;

#[test]
fn a_command_without_the_servers_settings_makes_no_database_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for line in ["organization list", "user list", "jobs list", "audit verify", "keys rotate", "backup copy.db"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grantlink"));
        command.args(line.split(' ')).env_remove("DATABASE_URL").env("DATA_DIR", &data);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("there is no database at"), "{line}: {said}");
        assert!(output.stdout.is_empty() && !data.exists(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_made_for_somebody_new_who_sets_a_password_and_owns_it() {
    on_each_database(async |kind| {
        // Where nobody may come by themselves, this is how the first one comes.
        let app = Installation::with_settings(kind, &[("SIGNUP", "invite")]).await;
        let founded = found(&app.tools, "  Bright &  Bold ", ANN).await.unwrap();
        assert_eq!(founded.slug, "bright-bold");
        let token = founded.password_link.expect("she is new here");
        let mut ann = app.browser();
        assert_eq!(ann.tries_to_sign_in(ANN, PASSWORD).await.status, 422, "nobody knows a password yet");
        let path = format!("/reset-password/{}", token.expose());
        let set = ann.post(&path, &[("password", PASSWORD)]).await;
        assert_eq!((set.status, set.location.as_deref()), (303, Some("/sign-in")), "{}", set.text());
        assert_eq!(ann.tries_to_sign_in(ANN, PASSWORD).await.location.as_deref(), Some("/accounts"));
        let member = ann.members().await.member;
        assert_eq!((member.organization.as_str(), member.role), ("Bright & Bold", Role::Owner));
        let created =
            "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'organization.created' AND actor = 'operator'";
        assert_eq!(app.database.number(created).await, 1);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_made_for_somebody_who_has_one_and_keeps_their_password() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", ANN).await;
        let founded = found(&app.tools, "Bright & Bold", "ANN@agency.example").await.unwrap();
        assert_eq!(founded.slug, "bright-bold-2");
        assert!(founded.password_link.is_none(), "whoever passes it on would get into her first organization");
        assert!(founded.is_doubtful, "nobody has confirmed her address");
        app.confirm_own_address(&mut ann).await;
        assert!(!found(&app.tools, "Northwind", ANN).await.unwrap().is_doubtful);
        assert_eq!(ann.accounts().await.organizations.len(), 3);
        let people = list_people(&app.tools).await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!((people[0].email.as_str(), people[0].is_verified, people[0].has_second_step), (ANN, true, false));
        let all = ["bright-bold", "bright-bold-2", "northwind"].map(|slug| (slug.to_owned(), "owner".to_owned()));
        assert_eq!(people[0].organizations, all);
        let refused = AppError::from(found(&app.tools, " ", "nobody").await.unwrap_err());
        assert!(refused.for_field("organization").is_some() && refused.for_field("email").is_some(), "{refused:?}");
        assert_eq!((app.count("organizations").await, app.count("users").await), (3, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a56_an_organization_that_the_operator_deletes_goes_as_if_its_owner_did_it() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut ann, link) = app.member_with_link().await;
        let mut bob = app.member("Northwind", "bob@northwind.example").await;
        let kept = bob.generate_link("").await;
        for link in [&link, &kept] {
            assert!(app.browser().connect(link, "studio.nora").await.says("is connected"));
        }
        app.finish_tasks().await;
        let missing = AppError::from(delete_for_operator(&app.tools, "bright").await.unwrap_err());
        assert_eq!(missing, AppError::NotFound);
        delete_for_operator(&app.tools, "bright-bold").await.unwrap();
        for (table, left) in [
            ("organizations", 1),
            ("memberships", 1),
            ("accounts", 1),
            ("collections", 1),
            ("sessions", 1),
            ("users", 2),
        ] {
            assert_eq!(app.count(table).await, left, "{table}");
        }
        assert!(!ann.is_signed_in().await && bob.is_signed_in().await);
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 404);
        assert_eq!(app.browser().get(&path_of(&kept)).await.status, 200);
        app.run_jobs().await;
        let mut conn = app.tools.db.read().await.unwrap();
        let listed = operated::list(&mut conn).await.unwrap();
        assert_eq!(listed.len(), 1);
        let northwind = &listed[0];
        assert_eq!((northwind.slug.as_str(), northwind.members, northwind.accounts), ("northwind", 1, 1));
        assert_eq!(northwind.owner.as_deref(), Some("bob@northwind.example"));
        drop(conn);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_owners_the_list_names_the_first() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", ANN).await;
        app.colleague(&mut ann, "adam@agency.example", Role::Owner).await;
        app.colleague(&mut ann, "vera@agency.example", Role::Viewer).await;
        let mut conn = app.tools.db.read().await.unwrap();
        let listed = operated::list(&mut conn).await.unwrap();
        assert_eq!((listed[0].owner.as_deref(), listed[0].members, listed[0].accounts), (Some(ANN), 3, 0));
    })
    .await;
}

/// The only line of a list, in its fields.
#[cfg(feature = "failpoints")]
fn fields(result: &str) -> Vec<&str> {
    let mut lines = result.lines();
    let line = lines.next().expect("a line");
    assert_eq!(lines.next(), None, "{result}");
    line.split('\t').collect()
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_print_lists_for_people_and_for_programs_and_refuse_in_words() {
    on_each_database(async |kind| {
        let server = Server::start(kind, "").await;
        let run = async |arguments: &[&str]| server.operate("", &[], arguments).await;
        let json = async |arguments: &[&str]| {
            let finished = run(arguments).await;
            assert_eq!(finished.code, Some(0), "{finished:?}");
            serde_json::from_str::<serde_json::Value>(&finished.result).unwrap()
        };
        assert_eq!(json(&["organization", "list", "--json"]).await, serde_json::json!([]));
        let created = run(&["organization", "create", "Bright & Bold", "--owner", ANN]).await;
        assert_eq!(created.code, Some(0), "{created:?}");
        let printed = fields(&created.result);
        assert_eq!(printed[0], "bright-bold");
        let path = printed[1].strip_prefix(crate::support::BASE_URL).expect("the link is ours");
        let mut ann = server.browser();
        assert_eq!(ann.post(path, &[("password", PASSWORD)]).await.status, 303);
        assert_eq!(ann.tries_to_sign_in(ANN, PASSWORD).await.location.as_deref(), Some("/accounts"));

        let listed = run(&["organization", "list"]).await;
        let row = fields(&listed.result);
        assert_eq!(row[..5], ["bright-bold", "Bright & Bold", ANN, "1", "0"], "{listed:?}");
        let listed = json(&["organization", "list", "--json"]).await;
        let expected = serde_json::json!([{
            "slug": "bright-bold", "name": "Bright & Bold", "owner": ANN, "members": 1, "accounts": 0, "created": row[5],
        }]);
        assert_eq!(listed, expected);

        let people = run(&["user", "list"]).await;
        assert_eq!(fields(&people.result), [ANN, "unverified", "password", "bright-bold:owner"]);
        let expected = serde_json::json!([{
            "email": ANN, "verified": false, "two_factor": false,
            "organizations": [{ "slug": "bright-bold", "role": "owner" }],
        }]);
        assert_eq!(json(&["user", "list", "--json"]).await, expected);

        assert_eq!(run(&["subscription", "set", "bright-bold", "active"]).await.code, Some(0));
        assert_eq!(fields(&run(&["subscription", "list"]).await.result), ["bright-bold", "Bright & Bold", "active"]);
        let expected = serde_json::json!([{ "slug": "bright-bold", "name": "Bright & Bold", "state": "active" }]);
        assert_eq!(json(&["subscription", "list", "--json"]).await, expected);

        for arguments in [&["organization", "delete", "bright"][..], &["subscription", "set", "bright", "free"]] {
            let refused = run(arguments).await;
            assert_eq!((refused.code, refused.result.as_str()), (Some(1), ""), "{refused:?}");
            assert!(refused.said.contains("there is no organization 'bright'"), "{refused:?}");
            assert!(refused.said.contains("grantlink organization list"), "{refused:?}");
        }
        let refused = run(&["organization", "create", " ", "--owner", "nobody"]).await;
        assert_eq!((refused.code, refused.result.as_str()), (Some(1), ""), "{refused:?}");
        assert_eq!(run(&["organization", "create", "Bright"]).await.code, Some(2), "clap says what is missing");
        let deleted = run(&["organization", "delete", "bright-bold"]).await;
        assert_eq!((deleted.code, deleted.result.as_str()), (Some(0), ""), "{deleted:?}");
        assert!(!ann.is_signed_in().await, "from its next request on");
        assert_eq!(run(&["organization", "list"]).await.result, "");
    })
    .await;
}
