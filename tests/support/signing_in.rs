//! What people do about how they sign in, and what they find in their mailboxes.

use super::{BASE_URL, Browser, Installation, Page};
use grantlink::{identity::model::YouView, identity::totp, secret::SecretString, timestamp::Timestamp};
use std::time::Duration;

/// What everybody signs in with.
pub const PASSWORD: &str = "three small words";
pub const ANN: &str = "ann@agency.example";

impl Installation {
    /// The mails to an address, oldest first, as they would be read.
    pub fn letters_to(&self, address: &str) -> Vec<String> {
        let to = format!("\r\nTo: {address}\r\n");
        let sent = self.tools.mailer.sent().into_iter().map(|mail| String::from_utf8(mail).unwrap());
        // Long lines are broken softly, and "=" is written out (RFC 2045 section 6.7).
        sent.filter(|mail| mail.contains(&to)).map(|mail| mail.replace("=\r\n", "").replace("=3D", "=")).collect()
    }

    /// The path of the newest link of this kind in the mails to an address; jobs are done first.
    pub async fn mailed_path(&self, address: &str, kind: &str) -> Option<String> {
        self.run_jobs().await;
        let start = format!("{BASE_URL}{kind}/");
        let letters = self.letters_to(address);
        let letter = letters.iter().rev().find(|letter| letter.contains(&start))?;
        let (_, rest) = letter.split_once(&start).unwrap();
        let token: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect();
        assert_eq!(token.len(), 43, "{letter}");
        Some(format!("{kind}/{token}"))
    }
}

impl Browser {
    /// How the person signs in, as their page shows it.
    pub async fn you(&mut self) -> YouView {
        self.call("load_you", &[]).await.json()
    }

    /// Sends one of the forms of the person's own account.
    pub async fn change(&mut self, form: &str, fields: &[(&str, &str)]) -> Page {
        let mut all = vec![("form", form)];
        all.extend_from_slice(fields);
        self.post("/you", &all).await
    }

    /// The form goes through, and the page says this.
    pub async fn changes(&mut self, form: &str, fields: &[(&str, &str)], done: &str) {
        let page = self.change(form, fields).await;
        let expected = format!("/you?done={done}");
        assert_eq!((page.status, page.location.as_deref()), (303, Some(expected.as_str())), "{}", page.text());
    }

    /// Somebody tries to sign in.
    pub async fn tries_to_sign_in(&mut self, email: &str, password: &str) -> Page {
        self.post("/sign-in", &[("email", email), ("password", password)]).await
    }

    /// Asks for the mail about the person's address once more: the path in it.
    pub async fn mails_about_address(&mut self, app: &Installation) -> String {
        self.changes("send_confirmation", &[], "sent").await;
        app.mailed_path(ANN, "/verify-email").await.expect("a mail came")
    }

    /// Whether the browser's session opens anything.
    pub async fn is_signed_in(&mut self) -> bool {
        self.call("load_accounts", &[]).await.status == 200
    }

    /// Turns the second step on: the secret in the app, and the recovery codes.
    pub async fn turns_two_factor_on(&mut self, app: &Installation) -> (SecretString, Vec<String>) {
        // Some seconds into a step, so that none ends while a test looks.
        let into = app.tools.now().as_micros().rem_euclid(30_000_000);
        app.tools.clock.advance(Duration::from_micros(u64::try_from(33_000_000 - into).unwrap()));
        self.changes("start_two_factor", &[("two_factor_password", PASSWORD)], "two_factor_started").await;
        let page = self.get("/you").await;
        let (_, rest) = page.body.split_once("you-secret\">").expect("the key is shown");
        let secret: String = rest.split('<').next().unwrap().chars().filter(|c| *c != ' ').collect();
        assert_eq!(secret.len(), 32, "{secret}");
        let secret = SecretString::from(secret);
        let page = self.change("confirm_two_factor", &[("code", &code(&secret, app.tools.now()))]).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let (_, list) = page.body.split_once("you-codes").expect("the codes are shown");
        let (list, _) = list.split_once("</ul>").unwrap();
        let codes: Vec<String> = list
            .split("<li>")
            .skip(1)
            .map(|item| item.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
            .collect();
        assert_eq!(codes.len(), 10, "{list}");
        (secret, codes)
    }
}

/// What the app shows at this time.
pub fn code(secret: &SecretString, at: Timestamp) -> String {
    totp::code_at(secret, at).unwrap()
}
