//! Mail on its way to a mail server that is somebody else's program: what arrives, and what becomes of a mail when the
//! server refuses, breaks off, dawdles or is not there (F23).

use crate::support::smtp::{Received, SmtpPeer, settings};
use grantlink::{
    email::{
        Mail, MailError, Mailer, Recipient,
        messages::{Collecting, collecting},
    },
    timestamp::Timestamp,
};
use std::time::{Duration, Instant};
use url::Url;

/// What strangers may call their organization, so as to say more than its name.
const HOSTILE: [&str; 7] = [
    "Eve\r\nBcc: victim@x.example\r\n\r\n<b>body</b>",
    "Eve\u{2028}Bcc: victim@x.example",
    "=?utf-8?q?Eve=0D=0ABcc:_victim@x.example?=",
    "\" <victim@x.example>, \"Ëve",
    "Eve\r\n.\r\nMAIL FROM:<victim@x.example>",
    "Eve\n.\nRCPT TO:<victim@x.example>",
    "<script>alert(1)</script>",
];

fn mail(organization: &str) -> Mail {
    let account_url = Url::parse("https://connect.example/accounts/0198").unwrap();
    Mail {
        to: Recipient::parse("ann@agency.example").unwrap(),
        message: collecting(&Collecting {
            handle: "bakery_huber",
            organization,
            requested_by: Some("ann@agency.example"),
            posts_collected: 12,
            account_url: &account_url,
            support: Some("help@connect.example"),
        }),
        id: "collecting.0198".into(),
        reply_to: None,
        sent_at: Timestamp::from_micros(1_795_356_309_500_000),
        unsubscribe: None,
    }
}

/// What SMTP is handed, from a mailer that keeps it.
async fn as_written(mail: &Mail) -> Vec<u8> {
    let mailer = Mailer::memory(settings("smtp://127.0.0.1:1").from);
    mailer.send(mail).await.unwrap();
    mailer.sent().remove(0)
}

/// The client ends each message with one more line end than it has.
fn is_whole(received: &Received, written: &[u8]) -> bool {
    received.raw.trim_ascii_end() == written.trim_ascii_end()
}

async fn refusal(peer: &SmtpPeer) -> MailError {
    Mailer::new(&peer.settings()).unwrap().send(&mail("Bright & Bold")).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn t18_a_mail_arrives_once_and_says_the_same_in_text_and_html() {
    let peer = SmtpPeer::start("accept");
    let mail = mail("Bright & Bold");
    Mailer::new(&peer.settings()).unwrap().send(&mail).await.unwrap();
    let messages = peer.wait_for(1).await;
    let received = &messages[0];
    assert_eq!(messages.len(), 1);
    assert_eq!(received.sender, "mail@connect.example");
    assert_eq!(received.recipients, ["ann@agency.example"]);
    assert_eq!(received.header("Subject"), "@bakery_huber is connected and collecting for Bright & Bold");
    assert_eq!(received.header("To"), "ann@agency.example");
    assert_eq!(received.header("From"), "Grantlink <mail@connect.example>");
    assert_eq!(received.header("Message-ID"), "<collecting.0198@connect.example>");
    assert_eq!(received.header("Auto-Submitted"), "auto-generated");
    let (text, html) = (received.part("text/plain"), received.part("text/html"));
    for words in ["@bakery_huber", "12 posts", "https://connect.example/accounts/0198", "help@connect.example"] {
        assert!(text.contains(words) && html.contains(words), "{words}: {text} {html}");
    }
    assert!(text.contains("Bright & Bold") && html.contains("Bright &amp; Bold"), "{text} {html}");
    assert!(is_whole(received, &as_written(&mail).await), "not a byte was changed on the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a61_whatever_a_name_holds_one_mail_reaches_one_person_with_the_same_headers() {
    let peer = SmtpPeer::start("accept");
    let mailer = Mailer::new(&peer.settings()).unwrap();
    let mut mails = vec![mail("Eve"), mail(&"x".repeat(10_000)), mail(&"Ж".repeat(10_000))];
    mails.extend(HOSTILE.map(mail));
    for mail in &mut mails {
        let name = mail.message.subject.clone();
        mail.to = mail.to.clone().with_name(&name);
        mailer.send(mail).await.unwrap();
    }
    let messages = peer.wait_for(mails.len()).await;
    assert_eq!(messages.len(), mails.len());
    for (received, mail) in messages.iter().zip(&mails) {
        let subject = received.header("Subject");
        assert_eq!(received.sender, "mail@connect.example", "{subject}");
        assert_eq!(received.recipients, ["ann@agency.example"], "{subject}");
        assert_eq!(received.header_names(), messages[0].header_names(), "{subject}");
        assert!(received.header("To").ends_with(" <ann@agency.example>"), "{}", received.header("To"));
        assert!(subject.starts_with("@bakery_huber is connected and collecting for "), "{subject}");
        assert!(!received.part("text/html").contains("<script"), "{subject}");
        assert!(is_whole(received, &as_written(mail).await), "{subject}");
    }
    let shown = messages[5].header("Subject").replace('\u{200b}', "");
    assert!(shown.ends_with("=?utf-8?q?Eve=0D=0ABcc:_victim@x.example?="), "shown as it was written: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a61_a_line_with_a_dot_alone_ends_nothing() {
    let peer = SmtpPeer::start("accept");
    let mut mail = mail("Bright & Bold");
    mail.message.paragraphs = vec!["before".into(), ".".into(), "..".into(), ".hidden".into(), "after".into()];
    Mailer::new(&peer.settings()).unwrap().send(&mail).await.unwrap();
    let messages = peer.wait_for(1).await;
    let text = messages[0].part("text/plain");
    assert!(text.contains("\nbefore\n\n.\n\n..\n\n.hidden\n\nafter\n"), "{text}");
    assert!(is_whole(&messages[0], &as_written(&mail).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_what_the_server_cannot_take_now_is_worth_another_try() {
    for behaviour in ["refuse-4xx", "refuse-message-4xx", "refuse-sender"] {
        let peer = SmtpPeer::start(behaviour);
        let error = refusal(&peer).await;
        let MailError::Temporary(why) = &error else { panic!("{behaviour}: {error:?}") };
        let code = match behaviour {
            "refuse-4xx" => "450",
            "refuse-message-4xx" => "451",
            // It is us whom the server does not want; the operator can mend that while the mail waits.
            _ => "550",
        };
        assert!(why.contains(code) && !why.contains("agency.example"), "{behaviour}: {why}");
        assert!(peer.messages().is_empty(), "{behaviour}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_what_the_server_will_never_take_is_refused_for_good() {
    for (behaviour, code) in [("refuse-5xx", "550"), ("refuse-message-5xx", "554")] {
        let peer = SmtpPeer::start(behaviour);
        let error = refusal(&peer).await;
        let MailError::Refused(why) = &error else { panic!("{behaviour}: {error:?}") };
        assert!(why.contains(code), "{behaviour}: {why}");
        for word in ["agency.example", "nobody of that name", "Bright"] {
            assert!(!why.contains(word), "{behaviour}: {why}");
        }
        assert!(peer.messages().is_empty(), "{behaviour}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_f23_a_server_that_breaks_off_gets_the_same_mail_again() {
    let peer = SmtpPeer::start("drop-after-data");
    for _ in 0..2 {
        let error = refusal(&peer).await;
        assert!(matches!(error, MailError::Temporary(_)), "{error:?}");
    }
    let messages = peer.wait_for(2).await;
    assert_eq!(messages[0].raw, messages[1].raw);
    assert_eq!(messages[0].header("Message-ID"), messages[1].header("Message-ID"));
    assert_eq!(messages[0].header("Date"), messages[1].header("Date"));
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_server_that_is_not_there_is_worth_another_try() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mailer = Mailer::new(&settings(&format!("smtp://127.0.0.1:{port}"))).unwrap();
    let error = mailer.send(&mail("Bright & Bold")).await.unwrap_err();
    let MailError::Temporary(why) = &error else { panic!("{error:?}") };
    assert!(why.contains("refused"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_slow_server_costs_no_more_than_the_patience() {
    let peer = SmtpPeer::start("slow");
    let begin = Instant::now();
    let mailer = Mailer::with_patience(&peer.settings(), Duration::from_secs(3)).unwrap();
    let error = mailer.send(&mail("Bright & Bold")).await.unwrap_err();
    let MailError::Temporary(why) = &error else { panic!("{error:?}") };
    assert!(why.contains("3 seconds"), "{why}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(peer.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_mail_that_was_given_up_halfway_does_no_harm_to_the_next() {
    let peer = SmtpPeer::start("slow-once");
    let mailer = Mailer::with_patience(&peer.settings(), Duration::from_secs(2)).unwrap();
    let (first, second) = (mail("First"), mail("Second"));
    let error = mailer.send(&first).await.unwrap_err();
    assert!(matches!(error, MailError::Temporary(_)), "{error:?}");
    mailer.send(&second).await.unwrap();
    let messages = peer.wait_for(2).await;
    assert_eq!(messages.len(), 2);
    for (received, mail) in messages.iter().zip([&first, &second]) {
        assert!(is_whole(received, &as_written(mail).await), "{}", received.header("Subject"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_sent_at_once_arrive_once_each() {
    let peer = SmtpPeer::start("accept");
    let mailer = Mailer::new(&peer.settings()).unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (mailer, mail) = (mailer.clone(), mail(&format!("Number {n}")));
            tokio::spawn(async move { mailer.send(&mail).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let messages = peer.wait_for(8).await;
    let mut subjects: Vec<_> = messages.iter().map(|received| received.header("Subject").to_owned()).collect();
    subjects.sort();
    let expected: Vec<_> = (0..8).map(|n| mail(&format!("Number {n}")).message.subject).collect();
    assert_eq!(subjects, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_certificate_that_nobody_vouches_for_is_not_talked_to() {
    let peer = SmtpPeer::start("wrong-certificate");
    let url = format!("smtps://ann:hunter2@{}", peer.address());
    let error = Mailer::new(&settings(&url)).unwrap().send(&mail("Bright & Bold")).await.unwrap_err();
    let MailError::Temporary(why) = &error else { panic!("{error:?}") };
    assert!(why.contains("certificate"), "{why}");
    assert!(peer.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_encryption_that_is_asked_for_and_not_offered_sends_nothing() {
    let peer = SmtpPeer::start("accept");
    let settings = settings(&format!("smtp://{}?tls=required", peer.address()));
    let error = Mailer::new(&settings).unwrap().send(&mail("Bright & Bold")).await.unwrap_err();
    let MailError::Temporary(why) = &error else { panic!("{error:?}") };
    assert!(why.contains("does not offer"), "{why}");
    assert!(peer.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a75_the_password_opens_the_server_and_a_wrong_one_is_the_operators_to_mend() {
    let peer = SmtpPeer::start_with_login("ann@agency.example:p@ss/wörd");
    let with = |login: &str| Mailer::new(&settings(&format!("smtp://{login}@{}", peer.address()))).unwrap();
    with("ann%40agency.example:p%40ss%2Fw%C3%B6rd").send(&mail("Bright & Bold")).await.unwrap();
    assert_eq!(peer.wait_for(1).await.len(), 1);
    let error = with("ann%40agency.example:hunter2").send(&mail("Bright & Bold")).await.unwrap_err();
    let MailError::Temporary(why) = &error else { panic!("{error:?}") };
    assert!(why.contains("535") && why.contains("SMTP_URL"), "{why}");
    assert!(!why.contains("hunter2") && !why.contains("ann"), "{why}");
    let error = refusal(&peer).await;
    let MailError::Temporary(why) = &error else { panic!("without a login: {error:?}") };
    assert!(why.contains("530"), "{why}");
    assert_eq!(peer.messages().len(), 1);
}
