//! The members as rows: who, what they may do, since when, and what the one who looks may do about it.

use super::{
    WindowField,
    password_field::PasswordField,
    role_words::{choices, given_by, manages},
    row_error::RowError,
};
use crate::{
    ids::UserId,
    organizations::{
        members::{model::MemberView, server_fns::ChangeRole},
        model::{Permission, Role},
    },
    paths,
    ui::{Avatar, Badge, FormReply, Go, Select, Tone, When},
};
use leptos::{ev::MouseEvent, html, prelude::*};

/// Whether somebody of this role may remove that member, or give them another role.
pub fn may_remove(looking: Role, member: &MemberView) -> bool {
    !member.is_you && manages(looking) && looking.may_give(member.role)
}

/// Whether somebody of this role may hand the organization over to that member.
pub fn may_transfer_to(looking: Role, member: &MemberView) -> bool {
    !member.is_you && looking.may(Permission::OwnOrganization) && member.role != Role::Owner
}

/// What can be done about one member. While it stays the same, so do the buttons, and with them the focus.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doable {
    /// Nothing: their role is above that of who looks, or who looks manages nobody.
    Nothing,
    /// It is who looks, and they may leave.
    Leave,
    /// It is who looks, and the organization would be without an owner.
    Stay,
    /// Another role, removing, and handing the organization over where they are no owner yet.
    Manage { looking: Role, transfers: bool },
}

impl Doable {
    fn about(looking: Role, member: &MemberView) -> Self {
        match member {
            MemberView { is_you: true, is_last_owner: true, .. } => Self::Stay,
            MemberView { is_you: true, .. } => Self::Leave,
            other if may_remove(looking, other) => Self::Manage { looking, transfers: may_transfer_to(looking, other) },
            _ => Self::Nothing,
        }
    }
}

/// The list of members.
#[component]
pub fn MemberList(
    /// The members, in their order.
    members: Signal<Vec<MemberView>>,
    /// The role of who looks, as last seen.
    #[prop(into)]
    looking: Signal<Role>,
    /// Gives somebody another role.
    change: ServerAction<ChangeRole>,
    /// Whose role was changed last, or was to be.
    changing: RwSignal<Option<UserId>>,
    /// The form of this page that was refused, if one was.
    reply: StoredValue<FormReply>,
) -> impl IntoView {
    view! {
        <ul class="rows" role="list">
            <For
                each=move || members.get()
                key=|member| member.user_id
                children=move |first| {
                    let id = first.user_id;
                    let member = Memo::new(move |_| {
                        members
                            .with(|all| all.iter().find(|member| member.user_id == id).cloned())
                            .unwrap_or_else(|| first.clone())
                    });
                    let doable = Memo::new(move |_| member.with(|member| Doable::about(looking.get(), member)));
                    let error = move || {
                        let refused = change.value().get().and_then(Result::err);
                        // What the password is asked for stands at its field.
                        refused.filter(|error| changing.get() == Some(id) && error.for_field("password").is_none())
                    };
                    view! {
                        <li class="row">
                            {move || view! { <MemberFacts member=member.get() /> }}
                            {move || actions(member, doable.get(), change, changing, reply)}
                            {move || error().map(|error| view! { <RowError error /> })}
                        </li>
                    }
                }
            />
        </ul>
    }
}

/// Who it is, what they may do, and since when.
#[component]
fn MemberFacts(
    /// The member.
    member: MemberView,
) -> impl IntoView {
    let MemberView { user_id, email, role, joined_at, is_you, is_last_owner } = member;
    view! {
        <Avatar name=email.clone() />
        <div class="row-main">
            <p class="row-title">
                <strong id=title_id(user_id)>
                    <bdi>{email}</bdi>
                </strong>
                {is_you.then(|| view! { <Badge tone=Tone::Accent icon=Some("person")>"You"</Badge> })}
            </p>
            <p class="row-meta">
                <span class="member-role">{role.title()}</span>
                <span>"Member since " <When moment=joined_at /></span>
                {(is_you && is_last_owner)
                    .then(|| view! { <span>"The only owner. To leave, hand the organization over first."</span> })}
            </p>
        </div>
    }
}

/// The buttons of a row.
fn actions(
    member: Memo<MemberView>,
    doable: Doable,
    change: ServerAction<ChangeRole>,
    changing: RwSignal<Option<UserId>>,
    reply: StoredValue<FormReply>,
) -> AnyView {
    let id = member.with_untracked(|member| member.user_id);
    match doable {
        Doable::Nothing | Doable::Stay => ().into_any(),
        Doable::Leave => view! {
            <div class="row-actions">
                <Go path=paths::LEAVE class="button button-quiet button-danger">
                    "Leave"
                </Go>
            </div>
        }
        .into_any(),
        Doable::Manage { looking, transfers } => view! {
            <div class="row-actions">
                <RoleForm member looking change changing reply />
                {transfers
                    .then(|| {
                        view! {
                            <Go
                                path=paths::transfer_ownership(id)
                                class="button button-quiet"
                                described_by=title_id(id)
                            >
                                "Transfer ownership"
                            </Go>
                        }
                    })}
                <Go path=paths::remove_member(id) class="button button-quiet button-danger" described_by=title_id(id)>
                    "Remove"
                </Go>
            </div>
        }
        .into_any(),
    }
}

/// Gives a member another role. A plain form before hydration.
#[component]
fn RoleForm(
    /// Whose role.
    member: Memo<MemberView>,
    /// The role of who looks.
    looking: Role,
    /// Gives them another one.
    change: ServerAction<ChangeRole>,
    /// Whose role was changed last.
    changing: RwSignal<Option<UserId>>,
    /// The form of this page that was refused, if one was.
    reply: StoredValue<FormReply>,
) -> impl IntoView {
    let MemberView { user_id: user, email, role: had, .. } = member.get_untracked();
    let value = reply.with_value(|reply| chosen(reply, user)).unwrap_or_else(|| had.as_str().to_owned());
    let select = NodeRef::<html::Select>::new();
    // Somebody else may change it, too. The list stays where it is, and the focus with it.
    let role = Memo::new(move |_| member.with(|member| member.role));
    Effect::new(move |before: Option<Role>| {
        let role = role.get();
        if let (true, Some(select)) = (before.is_some_and(|before| before != role), select.get_untracked()) {
            select.set_value(role.as_str());
        }
        role
    });
    // Asked for once somebody is to become an owner, and as long as it does not fit.
    let password_error = Signal::derive(move || {
        let refused = change.value().get().and_then(Result::err).filter(|_| changing.get() == Some(user));
        refused.and_then(|error| error.for_field("password"))
    });
    let asks = Memo::new(move |_| password_error.with(Option::is_some));
    let pending = change.pending();
    let busy = move || (pending.get() && changing.get() == Some(user)).then_some("true");
    // One after the other: the answer is shown in the row that asked.
    let pressed = move |event: MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        } else {
            // What another row was answered is over. In this one the password is still in its field.
            if changing.get_untracked() != Some(user) {
                change.clear();
            }
            changing.set(Some(user));
        }
    };
    view! {
        <ActionForm action=change>
            <WindowField />
            <input type="hidden" name="user" value=user.to_string() />
            <div class="role-form">
                <Select
                    name="role"
                    label=Some(format!("Role of {email}"))
                    choices=choices(&given_by(looking))
                    value
                    select_ref=select
                />
                <button
                    class="button button-quiet"
                    type="submit"
                    // What to mend is said by us, in the same words with and without a script.
                    formnovalidate=true
                    aria-busy=busy
                    aria-describedby=title_id(user)
                    on:click=pressed
                >
                    "Change role"
                </button>
            </div>
            <Show when=move || asks.get()>
                <PasswordField error=password_error />
            </Show>
        </ActionForm>
    }
}

/// What was chosen for this member in a form that was refused. The questions about a member name no role.
fn chosen(reply: &FormReply, user: UserId) -> Option<String> {
    let asked = reply.typed("user").parse::<UserId>().is_ok_and(|asked| asked == user);
    asked.then(|| reply.typed("role")).filter(|role| !role.is_empty())
}

/// The id of what names a member, for the buttons that are about them.
fn title_id(user: UserId) -> String {
    format!("member-{user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Moment;

    fn member(role: Role, is_you: bool, is_last_owner: bool) -> MemberView {
        MemberView {
            user_id: "0198f000000070008000000000000000".parse().unwrap(),
            email: "bob@agency.example".into(),
            role,
            joined_at: Moment { iso: String::new(), date: String::new(), full: String::new(), relative: String::new() },
            is_you,
            is_last_owner,
        }
    }

    #[test]
    fn a52_nobody_sees_a_button_that_would_be_refused() {
        for looking in Role::ALL {
            for role in Role::ALL {
                let shown = Doable::about(looking, &member(role, false, false));
                let managed = looking == Role::Owner || (looking == Role::Admin && role != Role::Owner);
                assert_eq!(shown != Doable::Nothing, managed, "{looking:?} about {role:?}");
                let transfers = looking == Role::Owner && role != Role::Owner;
                assert_eq!(may_transfer_to(looking, &member(role, false, false)), transfers);
            }
        }
    }

    #[test]
    fn everybody_may_leave_but_the_last_owner() {
        for role in Role::ALL {
            assert_eq!(Doable::about(role, &member(role, true, false)), Doable::Leave, "{role:?}");
        }
        assert_eq!(Doable::about(Role::Owner, &member(Role::Owner, true, true)), Doable::Stay);
    }
}
