//! Mails as bytes: what a stranger's words can and cannot do to them, and where they are put down. Whether another
//! program reads the same in them is asked in `tests/flows/mail.rs`.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

/// 2026-11-22 14:05:09.5 UTC.
const SENT_AT: Timestamp = Timestamp::from_micros(1_795_356_309_500_000);

/// What strangers may call themselves, so as to say more than their name.
const HOSTILE: [&str; 10] = [
    "Eve\r\nBcc: victim@x.example",
    "Eve\nBcc: victim@x.example\n\n<b>body</b>",
    "Eve\rBcc: victim@x.example",
    "Eve\u{2028}Bcc: victim@x.example\u{85}Cc: victim@x.example",
    "Eve\0\u{b}\u{c}\u{1b}[2J",
    "=?utf-8?q?Eve=0D=0ABcc:_victim@x.example?=",
    "=?utf-8?b?QmNjOiB2aWN0aW1AeC5leGFtcGxl?= =?utf-8?b?QmNjOiB2aWN0aW1AeC5leGFtcGxl?=",
    "\" <victim@x.example>, \"Eve",
    "Eve, victim@x.example; <victim@x.example>",
    "Ëve\\\"\r\n.\r\nMAIL FROM:<victim@x.example>",
];

fn sender() -> Sender {
    Sender::parse("Grantlink <mail@connect.example>").unwrap()
}

fn mail(said: &str) -> Mail {
    Mail {
        to: Recipient::parse("ann@agency.example").unwrap(),
        message: Message {
            subject: format!("About {said}"),
            heading: format!("Heading {said}"),
            paragraphs: vec![format!("Paragraph {said}"), ".".into(), "..".into(), said.into()],
            action: Some(Action {
                label: "Open".into(),
                url: Url::parse("https://connect.example/accounts/1").unwrap(),
            }),
            closing: vec!["Closing".into()],
        },
        id: "collecting.0198".into(),
        reply_to: None,
        sent_at: SENT_AT,
        unsubscribe: None,
    }
}

async fn bytes(mail: &Mail) -> Vec<u8> {
    let mailer = Mailer::memory(sender());
    mailer.send(mail).await.unwrap();
    mailer.sent().remove(0)
}

/// The headers with folding undone, and what follows the empty line. Fails on what SMTP would not carry.
fn split(bytes: &[u8]) -> (Vec<(String, String)>, String) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_ascii() && !text.contains('\0'), "{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "a bare line feed: {text:?}");
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count(), "a bare carriage return: {text:?}");
    assert!(text.lines().all(|line| line.len() <= 998), "a line too long: {text}");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = unfolded.split("\r\n").map(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line}"));
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
        (name.to_owned(), value.to_owned())
    });
    (headers.collect(), body.to_owned())
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found: Vec<_> = headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).collect();
    assert_eq!(found.len(), 1, "{name}: {headers:?}");
    &found[0].1
}

/// What a mail program shows for a header (RFC 2047).
fn shown(value: &str) -> String {
    let mut shown = String::new();
    let mut rest = value.to_owned();
    while let Some((before, after)) = rest.split_once("=?utf-8?b?") {
        let (encoded, after) = after.split_once("?=").unwrap();
        if !before.trim().is_empty() || shown.is_empty() {
            shown.push_str(before);
        }
        shown.push_str(&String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap());
        rest = after.to_owned();
    }
    shown + &rest
}

#[tokio::test]
async fn a61_no_name_adds_a_header_or_a_recipient() {
    let (tame, _) = split(&bytes(&mail("Eve")).await);
    let names = |headers: &[(String, String)]| headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    for said in HOSTILE {
        let mut mail = mail(said);
        mail.to = mail.to.with_name(said);
        let (headers, _) = split(&bytes(&mail).await);
        assert_eq!(names(&headers), names(&tame), "{said:?}");
        let to = header(&headers, "To");
        assert!(to.ends_with(" <ann@agency.example>"), "{said:?}: {to}");
        let parsed: lettre::message::Mailboxes = to.parse().unwrap();
        let addresses: Vec<_> = parsed.into_iter().map(|mailbox| mailbox.email.to_string()).collect();
        assert_eq!(addresses, ["ann@agency.example"], "{said:?}");
        let composed = compose::compose(&mail, &sender()).unwrap();
        assert_eq!(composed.envelope.to(), [mail.to.address()], "{said:?}");
        assert_eq!(composed.envelope.from(), Some(&sender().address()), "{said:?}");
    }
}

#[tokio::test]
async fn a61_a_subject_is_shown_as_it_was_written_on_one_line() {
    for said in HOSTILE {
        let (headers, _) = split(&bytes(&mail(said)).await);
        let subject = shown(header(&headers, "Subject"));
        let written = message::one_line(&format!("About {said}"), message::MAX_LINE);
        assert_eq!(subject.replace('\u{200b}', ""), written, "{said:?}");
        assert!(!subject.contains("=?"), "decoded once more it would say something else: {subject}");
    }
    let (headers, _) = split(&bytes(&mail(&"x".repeat(10_000))).await);
    assert_eq!(shown(header(&headers, "Subject")).chars().count(), message::MAX_LINE);
    let (headers, _) = split(&bytes(&mail(&"日本 ".repeat(5_000))).await);
    assert_eq!(shown(header(&headers, "Subject")).chars().count(), message::MAX_LINE);
}

#[tokio::test]
async fn u27_every_mail_has_what_programs_go_by() {
    let mut mail = mail("Eve");
    mail.reply_to = Some(Recipient::parse("help@connect.example").unwrap());
    let (headers, body) = split(&bytes(&mail).await);
    for (name, value) in [
        ("Date", "Sun, 22 Nov 2026 14:05:09 +0000"),
        ("From", "Grantlink <mail@connect.example>"),
        ("To", "ann@agency.example"),
        ("Reply-To", "help@connect.example"),
        ("Subject", "About Eve"),
        ("Message-ID", "<collecting.0198@connect.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(header(&headers, name), value);
    }
    assert!(
        header(&headers, "Content-Type").starts_with("multipart/alternative; boundary=\"grantlink-"),
        "{headers:?}"
    );
    assert!(headers.iter().all(|(name, _)| !name.starts_with("List-")), "{headers:?}");
    let (text, html) =
        (body.find("text/plain; charset=utf-8").unwrap(), body.find("text/html; charset=utf-8").unwrap());
    assert!(text < html, "the better part comes last");
    mail.unsubscribe = Some(Url::parse("https://connect.example/stop/abc").unwrap());
    let (headers, body) = split(&bytes(&mail).await);
    assert_eq!(header(&headers, "List-Unsubscribe"), "<https://connect.example/stop/abc>");
    assert_eq!(header(&headers, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(body.contains("\r\nhttps://connect.example/stop/abc\r\n"), "{body}");
}

#[tokio::test]
async fn u27_a_long_address_that_stops_reminders_stays_whole_in_its_header_and_in_both_parts() {
    let mut mail = mail("Eve");
    let stop = format!("https://connect.example/reminders/{}", "aZ0-_".repeat(30));
    mail.unsubscribe = Some(Url::parse(&stop).unwrap());
    let written = bytes(&mail).await;
    let (headers, body) = split(&written);
    assert_eq!(header(&headers, "List-Unsubscribe"), format!("<{stop}>"));
    let raw = String::from_utf8(written).unwrap();
    assert!(raw.contains(&format!("\r\nList-Unsubscribe: <{stop}>\r\n")), "on one line: {raw}");
    // Lines that were broken for the way are whole again where they are read (RFC 2045 section 6.7).
    let read = body.replace("=\r\n", "");
    assert!(read.contains(&format!("\r\nStop these reminders:\r\n{stop}\r\n")), "{read}");
    assert_eq!(read.matches(stop.as_str()).count(), 3, "the text, the link, and the link's words: {read}");
}

#[tokio::test]
async fn f06_the_same_mail_is_the_same_bytes() {
    for said in HOSTILE {
        let first = bytes(&mail(said)).await;
        assert_eq!(bytes(&mail(said)).await, first, "{said:?}");
        let mut other = mail(said);
        other.id = "collecting.0199".into();
        assert_ne!(bytes(&other).await, first, "{said:?}");
    }
    let mut long_ago = mail("Eve");
    for micros in [i64::MIN, -1, i64::MAX] {
        long_ago.sent_at = Timestamp::from_micros(micros);
        split(&bytes(&long_ago).await);
    }
}

#[tokio::test]
async fn a_mail_that_was_made_wrongly_is_refused_and_not_repeated() {
    let mailer = Mailer::memory(sender());
    let long = "x".repeat(65);
    for id in ["", "a b", "a@b", "a>\r\nBcc: x", "../x", "a..b", ".a", "ä", &long] {
        let mut mail = mail("Eve");
        mail.id = id.into();
        assert!(matches!(mailer.send(&mail).await, Err(MailError::Refused(_))), "{id:?}");
    }
    for url in ["javascript:alert(1)", "mailto:victim@x.example", "data:text/html,x"] {
        let mut with_action = mail("Eve");
        with_action.message.action = Some(Action { label: "Open".into(), url: Url::parse(url).unwrap() });
        assert!(matches!(mailer.send(&with_action).await, Err(MailError::Refused(_))), "{url}");
        let mut with_unsubscribe = mail("Eve");
        with_unsubscribe.unsubscribe = Some(Url::parse(url).unwrap());
        assert!(matches!(mailer.send(&with_unsubscribe).await, Err(MailError::Refused(_))), "{url}");
    }
    assert!(mailer.sent().is_empty());
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a90_mail_in_the_folder_is_its_owners_alone_sorts_by_time_and_is_there_once() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data/mail");
    let settings = MailSettings { relay: None, folder: folder.clone(), from: sender() };
    let mailer = Mailer::new(&settings).unwrap();
    assert!(!folder.exists(), "nothing is written before there is mail");
    let (mut earlier, later) = (mail("Eve"), mail("Eve"));
    earlier.sent_at = SENT_AT.minus(Duration::from_secs(1));
    earlier.id = "z".into();
    for mail in [&later, &earlier, &later] {
        mailer.send(mail).await.unwrap();
    }
    assert_eq!(files(&folder), ["20261122T140508.500000Z-z.eml", "20261122T140509.500000Z-collecting.0198.eml"]);
    let written = folder.join("20261122T140509.500000Z-collecting.0198.eml");
    assert_eq!(fs::read(&written).unwrap(), bytes(&later).await);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&written)), (0o700, 0o600));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    mailer.send(&later).await.unwrap();
    assert_eq!(mode(&folder), 0o700, "a folder that was opened up is closed again");
    assert!(mailer.sent().is_empty());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_worth_another_try_and_is_not_named() {
    let data = tempfile::tempdir().unwrap();
    let in_the_way = data.path().join("secretplace");
    fs::write(&in_the_way, "a file").unwrap();
    let settings = MailSettings { relay: None, folder: in_the_way.join("mail"), from: sender() };
    let error = Mailer::new(&settings).unwrap().send(&mail("Eve")).await.unwrap_err();
    let MailError::Temporary(why) = &error else { panic!("{error:?}") };
    assert!(why.contains("DATA_DIR") && !why.contains("secretplace"), "{why}");
}

#[tokio::test]
async fn a77_debug_prints_nothing_of_a_mail() {
    let mailer = Mailer::memory(sender());
    let printed = format!("{mailer:?} {:?}", mail("hunter2"));
    assert!(!printed.contains("hunter2") && !printed.contains("agency.example"), "{printed}");
}
