//! The sandbox on a port of its own, and a person who uses it without JavaScript.

use grantlink::{
    clock::{Clock, Randomness},
    instagram::sandbox::{self, Sandbox, SandboxConfig},
    server::config::SANDBOX_APP_ID,
};
use std::collections::BTreeMap;
use url::Url;

/// Serves a sandbox until the test ends.
pub async fn serve(clock: &Clock) -> Sandbox {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sandbox = Sandbox::new(SandboxConfig {
        app_id: SANDBOX_APP_ID.into(),
        app_secret: "sandbox-secret".to_owned().into(),
        redirect_uris: vec![format!("{}/oauth/instagram/callback", super::BASE_URL)],
        public_url: Url::parse(&format!("http://{address}")).unwrap(),
        // The app of these tests listens nowhere: they post the signed requests themselves.
        callbacks: None,
        clock: clock.clone(),
        randomness: Randomness,
    });
    let router = sandbox::router(sandbox.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    sandbox
}

/// What a person decides at the consent page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    Allow,
    Cancel,
}

/// Walks from the authorize URL through log-in, security code and consent, and returns where Instagram sends the
/// browser back to: path and query.
pub async fn walk(authorize: &str, username: &str, decision: Decision) -> String {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let person = sandbox::people().iter().find(|person| person.username == username).unwrap();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut url = Url::parse(authorize).unwrap();
    let mut form: Option<Vec<(String, String)>> = None;
    for _ in 0..10 {
        let jar = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = match form.take() {
            Some(form) => client.post(url.clone()).form(&form),
            None => client.get(url.clone()),
        };
        let response = request.header("cookie", jar).send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        if let Some(location) = response.headers().get("location") {
            let next = url.join(location.to_str().unwrap()).unwrap();
            if next.as_str().starts_with(super::BASE_URL) {
                return format!("{}?{}", next.path(), next.query().unwrap_or_default());
            }
            url = next;
            continue;
        }
        let body = response.text().await.unwrap();
        let Some((action, mut fields)) = read_form(&body, decision) else { panic!("no form to go on with: {body}") };
        url = url.join(&action).unwrap();
        for (name, value) in &mut fields {
            match name.as_str() {
                "username" => *value = person.username.to_owned(),
                "password" => *value = person.password.to_owned(),
                "code" | "security_code" => *value = sandbox::SECURITY_CODE.to_owned(),
                _ => {}
            }
        }
        form = Some(fields);
    }
    panic!("the sandbox never came back");
}

/// Action and fields of the form on a page of the sandbox, with the button of the decision where there are two.
fn read_form(body: &str, decision: Decision) -> Option<(String, Vec<(String, String)>)> {
    let form = &body[body.find("<form")?..];
    let form = &form[..form.find("</form>")?];
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[start..].split('"').next()?.replace("&amp;", "&"))
    };
    let action = attribute(form.split('>').next()?, "action").unwrap_or_default();
    let mut fields = Vec::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input ")) {
        let tag = tag.split('>').next()?;
        if let Some(name) = attribute(tag, "name") {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    let wanted = if decision == Decision::Allow { "Allow" } else { "Cancel" };
    for button in form.split("<button").skip(1) {
        let (tag, rest) = button.split_once('>')?;
        let label = rest.split("</button>").next()?.trim();
        if label == wanted
            && let Some(name) = attribute(tag, "name")
        {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    Some((action, fields))
}
