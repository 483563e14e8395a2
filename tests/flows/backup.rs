//! Backups: taken under load, restored elsewhere, good with the key and worth nothing without it (F43, A01, A71, A73).

use crate::support::{Installation, Kind, bare_database};
use grantlink::{
    clock::Randomness,
    db::{DatabaseUrl, key_check},
    secret::ExposeSecret,
    server::start::lock_sqlite,
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The key of an [`Installation`], and another one of the same name.
const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "k1:HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

/// Runs the program as its operator does.
async fn run(arguments: &[&str], database: &str, data_dir: &Path, keys: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantlink"));
    command
        .args(arguments)
        .env("DATABASE_URL", database)
        .env("DATA_DIR", data_dir)
        .env("RUST_LOG", "warn")
        .env_remove("GRANTLINK_KEYS")
        .env_remove("BASE_URL");
    if let Some(keys) = keys {
        command.env("GRANTLINK_KEYS", keys);
    }
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn url_of(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// An installation whose database knows its key, as that of every server does.
async fn installation() -> Installation {
    let app = Installation::new(Kind::Sqlite).await;
    key_check::check(&app.tools.db, &app.keys, &Randomness).await.unwrap().unwrap();
    app
}

fn holds(file: &Path, secret: &str) -> bool {
    let bytes = fs::read(file).unwrap();
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_a71_a_backup_taken_under_load_opens_elsewhere_with_the_key_and_not_without_it() {
    let app = installation().await;
    let (mut member, used) = app.member_with_link().await;
    assert!(app.browser().connect(&used, "studio.nora").await.says("is connected"));
    let kept = member.generate_link("Kept for later").await;
    let account = member.accounts().await.accounts[0].id;
    let token = app.token(account).await.unwrap();
    let database = url_of(&app.database.file().unwrap());
    let files = tempfile::tempdir().unwrap();

    // Somebody goes on working while backups are taken.
    let stop = Arc::new(AtomicBool::new(false));
    let mut worker = app.browser();
    worker.post("/sign-in", &[("email", "ann@agency.example"), ("password", "three small words")]).await;
    let working = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            let mut made = 0;
            while !stop.load(Ordering::Relaxed) {
                made += i32::from(worker.call("generate_link", &[("description", "under load")]).await.status == 200);
            }
            made
        }
    });
    let before = app.count("links").await;
    let mut taken = Vec::new();
    for number in 0..3 {
        let file = files.path().join(format!("{number}.backup"));
        let output = run(&["backup", file.to_str().unwrap()], &database, files.path(), None).await;
        assert!(output.status.success(), "{}", said(&output));
        let line = String::from_utf8(output.stdout).unwrap();
        let sum = fs::read_to_string(format!("{}.sha256", file.display())).unwrap();
        assert_eq!(line.split_once("  ").unwrap().0, sum.split_once("  ").unwrap().0);
        assert_eq!(line.lines().count(), 1, "the result alone: {line}");
        taken.push(file);
    }
    stop.store(true, Ordering::Relaxed);
    assert!(working.await.unwrap() > 0, "nobody worked meanwhile");
    let after = app.count("links").await;
    for file in &taken {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        for secret in [kept.url.rsplit('/').next().unwrap(), token.expose_secret()] {
            assert!(!holds(file, secret), "a backup shows a secret");
        }
    }
    let backup = taken.last().unwrap();

    // Elsewhere, without the key and with another one: nothing is put there.
    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().join("data");
    let restored = data.join("grantlink.db");
    let restore = ["restore", backup.to_str().unwrap()];
    for (keys, words) in [(None, "'k1' is missing"), (Some(OTHER_KEY), "is not the key")] {
        let output = run(&restore, &url_of(&restored), &data, keys).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(words), "{}", said(&output));
        let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["grantlink.db.lock"], "only the lock");
    }

    // With it, everything works as it did.
    let output = run(&restore, &url_of(&restored), &data, Some(KEY)).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("Everybody signs in again"), "{}", said(&output));
    assert_eq!(fs::metadata(&restored).unwrap().permissions().mode() & 0o777, 0o600);
    let there = Installation::on_file(elsewhere).await;
    let links = there.count("links").await;
    assert!((before..=after).contains(&links), "{before} {links} {after}");
    assert_eq!(there.token(account).await.unwrap().expose_secret(), token.expose_secret());
    assert!(there.browser().connect(&kept, "studio.nora").await.says("is connected"), "a link of the backup connects");
    // Sessions may have ended since: theirs is none any more.
    member.router = there.router.clone();
    assert_eq!(member.get("/accounts").await.location.as_deref(), Some("/sign-in"));
    let form = [("email", "ann@agency.example"), ("password", "three small words")];
    assert_eq!(member.post("/sign-in", &form).await.location.as_deref(), Some("/accounts"));
    there.check_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_what_is_damaged_unfinished_or_in_the_way_is_refused_and_nothing_is_touched() {
    let app = installation().await;
    app.member("Bright & Bold", "ann@agency.example").await;
    let database = app.database.file().unwrap();
    let files = tempfile::tempdir().unwrap();
    let backup = files.path().join("good.backup");
    let name = backup.to_str().unwrap();
    let output = run(&["backup", name], &url_of(&database), files.path(), None).await;
    assert!(output.status.success(), "{}", said(&output));
    let good = fs::read(&backup).unwrap();

    // A backup writes over nothing, and makes no database where there is none.
    let again = run(&["backup", name], &url_of(&database), files.path(), None).await;
    assert!(said(&again).contains("is there already"), "{}", said(&again));
    assert_eq!((again.status.code(), fs::read(&backup).unwrap()), (Some(1), good.clone()));
    let missing = files.path().join("nothing.db");
    let output = run(&["backup", &format!("{name}.2")], &url_of(&missing), files.path(), None).await;
    assert!(output.status.code() == Some(1) && said(&output).contains("there is no database"), "{}", said(&output));
    assert!(!missing.exists() && !Path::new(&format!("{name}.2")).exists());

    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("grantlink.db");
    let refused = async |file: &Path, words: &str| {
        let output = run(&["restore", file.to_str().unwrap()], &url_of(&target), elsewhere.path(), Some(KEY)).await;
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
        assert!(!target.exists() && !elsewhere.path().join("grantlink.db.restoring").exists(), "{words}");
    };
    // A single bit, noticed by the checksum.
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&backup, &bad).unwrap();
    refused(&backup, "checksum differs").await;
    // Half a file, without a checksum beside it.
    let half = files.path().join("half.backup");
    fs::write(&half, &good[..good.len() / 2]).unwrap();
    refused(&half, "is no whole database").await;
    let no_database = files.path().join("letter.txt");
    fs::write(&no_database, "Dear Ann, this is a letter and no database, however long it goes on.".repeat(20)).unwrap();
    refused(&no_database, "is no whole database").await;
    refused(&files.path().join("nothing"), "there is no file").await;
    // Somebody serves the place.
    let lock = lock_sqlite(&DatabaseUrl::Sqlite(target.clone())).unwrap();
    fs::write(&backup, &good).unwrap();
    refused(&backup, "another server already serves").await;
    drop(lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_a_database_that_is_there_is_put_aside_only_when_asked_to() {
    let app = installation().await;
    app.member("Bright & Bold", "ann@agency.example").await;
    let files = tempfile::tempdir().unwrap();
    let backup = files.path().join("g.backup");
    let name = backup.to_str().unwrap();
    let output = run(&["backup", name], &url_of(&app.database.file().unwrap()), files.path(), None).await;
    assert!(output.status.success(), "{}", said(&output));

    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let target = data.join("grantlink.db");
    let migrated = run(&["migrate"], &url_of(&target), &data, Some(KEY)).await;
    assert!(migrated.status.success(), "{}", said(&migrated));
    let before = fs::read(&target).unwrap();
    let refused = run(&["restore", name], &url_of(&target), &data, Some(KEY)).await;
    assert!(refused.status.code() == Some(1) && said(&refused).contains("--replace"), "{}", said(&refused));
    assert_eq!(fs::read(&target).unwrap(), before);
    let replaced = run(&["restore", name, "--replace"], &url_of(&target), &data, Some(KEY)).await;
    assert!(replaced.status.success(), "{}", said(&replaced));
    let aside = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().contains(".before-");
    assert!(fs::read_dir(&data).unwrap().any(|entry| aside(&entry.unwrap())), "{}", said(&replaced));
    let there = Installation::on_file(place).await;
    assert_eq!(there.count("users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn for_postgresql_backup_and_restore_say_how_and_repeat_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.backup");
    for (command, tool) in [("backup", "pg_dump"), ("restore", "pg_restore")] {
        let arguments = [command, file.to_str().unwrap()];
        let output = run(&arguments, "postgres://u:hunter2@127.0.0.1:1/d", folder.path(), None).await;
        let text = said(&output);
        assert!(output.status.code() == Some(1) && text.contains(tool) && !text.contains("hunter2"), "{text}");
        assert!(!file.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_tables_is_none_of_ours() {
    let database = bare_database(Kind::Sqlite).await;
    database.execute("CREATE TABLE t (a)").await.unwrap();
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("x.backup");
    let output = run(&["backup", file.to_str().unwrap()], &url_of(&database.file().unwrap()), files.path(), None).await;
    assert!(said(&output).contains("none of Grantlink's"), "{}", said(&output));
    assert!(!file.exists() && fs::read_dir(files.path()).unwrap().next().is_none(), "nothing is left behind");
}
