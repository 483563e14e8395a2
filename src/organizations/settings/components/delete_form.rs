//! The form that deletes the organization: it wants the name typed and the password, because nothing brings it back
//! (U36, A50).

use crate::{
    organizations::{components::WindowField, settings::model::EndView},
    paths,
    ui::{Field, use_form_reply},
};
use leptos::prelude::*;

/// What goes, and the form that does it.
#[component]
pub fn DeleteOrganizationForm(
    /// What goes.
    view: EndView,
) -> impl IntoView {
    let reply = use_form_reply();
    let EndView { name, accounts, links, members } = view;
    view! {
        <p>"This cannot be undone. At once and for good:"</p>
        <ul>
            <li>{counted(links, "link you gave out is dead", "links you gave out are dead")} "."</li>
            <li>
                {counted(accounts, "Instagram account is disconnected", "Instagram accounts are disconnected")}
                ": we erase the access, the posts and the pictures."
            </li>
            <li>"Mails that have not left yet are dropped, and the activity is erased."</li>
            <li>
                {counted(members, "member loses", "members lose")}
                " access to the organization. Their own accounts here stay, for organizations they are in or are invited to."
            </li>
        </ul>
        <form class="form" method="post" action=paths::DELETE_ORGANIZATION novalidate>
            <WindowField />
            <div class="stack">
                <p>"To go on, type the organization's name: " <strong>
                    <bdi>{name}</bdi>
                </strong></p>
                <Field
                    label="Organization name"
                    name="organization"
                    value=reply.typed("organization")
                    error=reply.mend("organization")
                    required=true
                />
                <Field
                    label="Your password"
                    name="password"
                    kind="password"
                    error=reply.mend("password")
                    autocomplete="current-password"
                    required=true
                />
                <div class="page-actions">
                    <a class="button button-secondary" href=paths::SETTINGS>
                        "Cancel"
                    </a>
                    <button class="button button-danger" type="submit">
                        "Delete organization"
                    </button>
                </div>
            </div>
        </form>
    }
}

/// How many, with the words that belong to that number.
fn counted(number: i64, one: &str, more: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {more}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u36_counts_read_like_sentences() {
        let read = |number| counted(number, "link you gave out is dead", "links you gave out are dead");
        assert_eq!(read(1), "1 link you gave out is dead");
        assert_eq!(read(0), "0 links you gave out are dead");
        assert_eq!(read(12), "12 links you gave out are dead");
    }
}
