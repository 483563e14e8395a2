//! Roles in words: what each allows, and the choice among those that somebody may give.

use crate::{
    organizations::model::{Permission, Role},
    ui::{Choice, Facts},
};
use leptos::prelude::*;

/// What somebody of this role may do, as a sentence about them.
pub const fn role_allows(role: Role) -> &'static str {
    match role {
        Role::Owner => "May do everything, and decides who else is an owner.",
        Role::Admin => "Makes links, looks after people and settings, and reads what happened.",
        Role::Member => "Makes links and looks after accounts.",
        Role::Viewer => "Sees accounts and posts, and changes nothing.",
    }
}

/// The roles that somebody of this one may give, the one that may most first.
pub(super) fn given_by(giver: Role) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| giver.may_give(*role)).collect()
}

/// Roles as a form's choice.
pub(super) fn choices(roles: &[Role]) -> Vec<Choice> {
    roles.iter().map(|role| (role.as_str().to_owned(), role.title().to_owned())).collect()
}

/// All roles, and what each may do.
#[component]
pub fn Roles() -> impl IntoView {
    let roles = Role::ALL
        .into_iter()
        .map(|role| {
            view! {
                <dt>{role.title()}</dt>
                <dd>{role_allows(role)}</dd>
            }
        })
        .collect_view();
    view! {
        <details class="roles">
            <summary>"What each role may do"</summary>
            <Facts>{roles}</Facts>
        </details>
    }
}

/// Whether somebody of this role looks after other members.
pub(super) const fn manages(role: Role) -> bool {
    role.may(Permission::ManageMembers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a52_the_choice_holds_what_may_be_given_and_nothing_else() {
        assert_eq!(given_by(Role::Owner), Role::ALL);
        assert_eq!(given_by(Role::Admin), [Role::Admin, Role::Member, Role::Viewer]);
        assert!(given_by(Role::Member).is_empty() && given_by(Role::Viewer).is_empty());
        assert_eq!(choices(&[Role::Viewer]), [("viewer".to_owned(), "Viewer".to_owned())]);
    }

    #[test]
    fn every_role_has_words_of_its_own() {
        let words: std::collections::BTreeSet<_> = Role::ALL.into_iter().map(role_allows).collect();
        assert_eq!(words.len(), Role::ALL.len());
    }
}
