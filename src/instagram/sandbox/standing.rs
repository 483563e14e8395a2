//! What befalls an account at Instagram while an app holds its token: the password changes, the app is removed, a check
//! is due, the handle changes. Set by tests, by the control page, and by `POST /sandbox/people` from a browser test.

use super::{
    Sandbox,
    people::{self, Person},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What befell an account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing.
    Normal,
    /// The person removed the app.
    AppRemoved,
    /// The password was changed.
    PasswordChanged,
    /// Instagram wants the person to log in first.
    Checkpoint,
}

/// What shall befall an account; what is missing stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    username: String,
    standing: Option<Standing>,
    handle: Option<String>,
}

/// `POST /sandbox/people`: something befalls an account.
pub(super) async fn change(State(sandbox): State<Sandbox>, Json(change): Json<Change>) -> Response {
    let known = people::find(&change.username).is_some();
    if let Some(standing) = change.standing {
        sandbox.set_standing(&change.username, standing);
    }
    if let Some(handle) = change.handle {
        sandbox.rename(&change.username, &handle);
    }
    let status = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    (status, Json(json!({"ok": known}))).into_response()
}

impl Sandbox {
    /// Has something happen to a person's account. Tokens given out until now suffer from it, later ones do not.
    /// `false` when there is no such person.
    pub fn set_standing(&self, username: &str, standing: Standing) -> bool {
        let now = self.config.clock.now();
        match people::find(username) {
            Some(person) => {
                self.state().standings.insert(person.username, (standing, now));
                true
            }
            None => false,
        }
    }

    /// Gives a person another handle. Ids and tokens stay, and so does the name to log in with, here and in tests.
    /// Nobody checks whether somebody else has the handle: so can a stranger take one that was given up (A24).
    /// `false` when there is no such person.
    pub fn rename(&self, username: &str, new_handle: &str) -> bool {
        match people::find(username) {
            Some(person) => {
                self.state().renames.insert(person.username, new_handle.to_owned());
                true
            }
            None => false,
        }
    }

    /// The handle as everybody sees it now.
    pub(super) fn handle(&self, person: &Person) -> String {
        self.state().renames.get(person.username).map_or(person.username, String::as_str).to_owned()
    }

    /// What befell this person's account last.
    pub(super) fn standing(&self, person: &Person) -> Standing {
        self.state().standings.get(person.username).map_or(Standing::Normal, |(standing, _)| *standing)
    }
}
