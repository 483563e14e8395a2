//! The open invitations: to whom, as what, until when, and the two things to do about one. The link itself is in the
//! invited person's mail alone.

use super::{WindowField, row_error::RowError};
use crate::{
    ids::InvitationId,
    organizations::{
        members::{
            model::InvitationView,
            server_fns::{ResendInvitation, RevokeInvitation},
        },
        model::Role,
    },
    ui::{Avatar, Badge, Icon, Tone, When},
};
use leptos::{ev::MouseEvent, prelude::*};

/// The id of the list's heading, which takes the focus when the row that had it is gone.
pub const INVITATIONS_HEADING: &str = "invitations";

/// The list.
#[component]
pub fn InvitationList(
    /// The open invitations, newest first.
    invitations: Signal<Vec<InvitationView>>,
    /// The role of who looks, as last seen.
    #[prop(into)]
    looking: Signal<Role>,
    /// Sends one again.
    resend: ServerAction<ResendInvitation>,
    /// Takes one back.
    revoke: ServerAction<RevokeInvitation>,
    /// Which one something was done about last, or was to be.
    acting: RwSignal<Option<InvitationId>>,
) -> impl IntoView {
    let some = Memo::new(move |_| invitations.with(|invitations| !invitations.is_empty()));
    view! {
        <section class="stack" aria-labelledby=INVITATIONS_HEADING>
            <h2 id=INVITATIONS_HEADING tabindex="-1">
                "Open invitations"
            </h2>
            <Show
                when=move || some.get()
                fallback=|| {
                    view! {
                        <p class="small">"None. An invitation stays here until it is accepted or you revoke it."</p>
                    }
                }
            >
                <ul class="rows" role="list">
                    <For
                        each=move || invitations.get()
                        key=|invitation| invitation.id
                        children=move |first| {
                            let id = first.id;
                            let invitation = Memo::new(move |_| {
                                invitations
                                    .with(|all| all.iter().find(|invitation| invitation.id == id).cloned())
                                    .unwrap_or_else(|| first.clone())
                            });
                            view! { <InvitationRow invitation looking resend revoke acting /> }
                        }
                    />
                </ul>
            </Show>
        </section>
    }
}

/// One invitation.
#[component]
fn InvitationRow(
    /// The invitation.
    invitation: Memo<InvitationView>,
    /// The role of who looks.
    looking: Signal<Role>,
    /// Sends it again.
    resend: ServerAction<ResendInvitation>,
    /// Takes it back.
    revoke: ServerAction<RevokeInvitation>,
    /// Which one something was done about last.
    acting: RwSignal<Option<InvitationId>>,
) -> impl IntoView {
    let id = invitation.with_untracked(|invitation| invitation.id);
    let title_id = format!("invitation-{id}");
    let named_by = StoredValue::new(title_id.clone());
    // Only an owner makes owners, and sends or revokes what would make one.
    let may_act = Memo::new(move |_| looking.get().may_give(invitation.with(|invitation| invitation.role)));
    let mine = move || acting.get() == Some(id);
    let (resending, revoking) = (resend.pending(), revoke.pending());
    // One after the other: the answer is shown in the row that asked.
    let pressed = move |event: MouseEvent| {
        if resending.get_untracked() || revoking.get_untracked() {
            event.prevent_default();
        } else {
            // What was answered last, in whichever row, is over.
            resend.clear();
            revoke.clear();
            acting.set(Some(id));
        }
    };
    let busy = move || (mine() && (resending.get() || revoking.get())).then_some("true");
    let error = move || {
        let refused = revoke.value().get().and_then(Result::err).or_else(|| resend.value().get().and_then(Result::err));
        refused.filter(|_| mine())
    };
    view! {
        <li class="row">
            {move || view! { <InvitationFacts invitation=invitation.get() title_id=title_id.clone() /> }}
            <Show when=move || may_act.get()>
                <div class="row-actions">
                    <ActionForm action=resend>
                        <WindowField />
                        <input type="hidden" name="id" value=id.to_string() />
                        <button
                            class="button button-quiet"
                            type="submit"
                            aria-busy=busy
                            aria-describedby=named_by.get_value()
                            on:click=pressed
                        >
                            <Icon name="refresh" />
                            <span>"Send again"</span>
                        </button>
                    </ActionForm>
                    <ActionForm action=revoke>
                        <WindowField />
                        <input type="hidden" name="id" value=id.to_string() />
                        <button
                            class="button button-quiet button-danger"
                            type="submit"
                            aria-busy=busy
                            aria-describedby=named_by.get_value()
                            on:click=pressed
                        >
                            "Revoke"
                        </button>
                    </ActionForm>
                </div>
            </Show>
            {move || error().map(|error| view! { <RowError error /> })}
        </li>
    }
}

/// To whom, as what, by whom, until when.
#[component]
fn InvitationFacts(
    /// The invitation.
    invitation: InvitationView,
    /// The id of what names it.
    title_id: String,
) -> impl IntoView {
    let InvitationView { email, role, invited_by, created_at, expires_at, is_expired, .. } = invitation;
    let (tone, icon, state, ends) = if is_expired {
        (Tone::Warning, None, "Expired", "Expired ")
    } else {
        (Tone::Neutral, Some("clock"), "Invited", "Good until ")
    };
    let by = invited_by.map(|inviter| view! { " by " <bdi>{inviter}</bdi> });
    view! {
        <Avatar name=email.clone() />
        <div class="row-main">
            <p class="row-title">
                <strong id=title_id>
                    <bdi>{email}</bdi>
                </strong>
                <Badge tone icon>
                    {state}
                </Badge>
            </p>
            <p class="row-meta">
                <span class="member-role">{role.title()}</span>
                <span>"Sent " <When moment=created_at /> {by}</span>
                <span>{ends} <When moment=expires_at /></span>
            </p>
        </div>
    }
}
