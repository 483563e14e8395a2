//! Every address of the product, as a constant or a function: routes, links, redirects and tests use these.
//! All are paths; `server::config` knows the origin in front of them.

use crate::ids::{AccountId, AttemptId, LinkId, PostId, UserId};

/// Redirects to the dashboard or to signing in.
pub const HOME: &str = "/";
/// Makes an organization and its owner.
pub const SIGN_UP: &str = "/sign-up";
/// Starts a session.
pub const SIGN_IN: &str = "/sign-in";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Below it, the token of a one-time link that sets a new password.
pub const RESET_PASSWORD: &str = "/reset-password";
/// The second step of signing in.
pub const SECOND_STEP: &str = "/sign-in/two-factor";
/// Asks for a mail with a link that sets a new password.
pub const FORGOT_PASSWORD: &str = "/forgot-password";
/// Below it, the token of a link that shows whose an address is: a page that asks, and takes the answer by POST. Nothing
/// below it may be indexed.
pub const VERIFY_EMAIL: &str = "/verify-email";
/// Says that an address was just confirmed. No token has this form.
pub const EMAIL_VERIFIED: &str = "/verify-email/done";
/// A person's own account: address, password, second step, sessions. Its forms post to it.
pub const YOU: &str = "/you";
/// The dashboard.
pub const ACCOUNTS: &str = "/accounts";
/// The dashboard with the connect-link dialog open.
pub const CONNECT_LINKS: &str = "/accounts/connect-links";
/// Below it, a link's token: the client's page. Nothing below it may be indexed.
pub const CONNECT: &str = "/connect";
/// Below it, an attempt to connect: how it stands, and the way to take back what was given (POST).
pub const ATTEMPTS: &str = "/connect/attempt";
/// Instagram sends the client back here. Registered with Meta to the letter.
pub const INSTAGRAM_CALLBACK: &str = "/oauth/instagram/callback";
/// Instagram says here that somebody removed the app (POST `signed_request`). Registered with Meta.
pub const DEAUTHORIZE: &str = "/instagram/deauthorize";
/// Instagram says here that somebody wants data deleted (POST `signed_request`). Registered with Meta.
pub const DATA_DELETION: &str = "/instagram/data-deletion";
/// Below it, the code of somebody's request to have data deleted: what became of it. Nothing below it may be indexed.
pub const DELETION: &str = "/deletion";
/// Below it, the token in a reminder: whether its reader gets more of them. Nothing below it may be indexed.
pub const REMINDERS: &str = "/reminders";
/// Who belongs to the organization, and who is invited.
pub const MEMBERS: &str = "/members";
/// Asks before a member leaves the organization.
pub const LEAVE: &str = "/members/leave";
/// Below it, the token of an invitation: a page that asks, and takes the answer by POST. Nothing below it may be
/// indexed.
pub const INVITATIONS: &str = "/invitations";
/// Has the session work for another organization of the person (POST).
pub const SWITCH_ORGANIZATION: &str = "/organizations/switch";
/// What happened in the organization.
pub const AUDIT: &str = "/audit";
/// The same as a table for other programs.
pub const AUDIT_CSV: &str = "/audit.csv";
/// What the organization looks like to its clients.
pub const SETTINGS: &str = "/settings";
/// Asks before the organization is deleted.
pub const DELETE_ORGANIZATION: &str = "/settings/delete";
/// What has to be set up for the installation.
pub const CHECKLIST: &str = "/checklist";
/// Below it, the logos and accent colours of organizations: for clients, who have no session.
pub const BRAND: &str = "/brand";
/// What the organization's plan allows, and how to get another one.
pub const PLAN: &str = "/plan";
/// Sends an owner to where they pay for a plan (POST `organization_id`, `plan`).
pub const CHECKOUT: &str = "/billing/checkout";
/// Sends an owner to where they see bills, change their card or plan, and cancel (POST `organization_id`).
pub const BILLING_PORTAL: &str = "/billing/portal";
/// Where an owner comes back to after paying or from the portal: looks how the subscription stands, then leads on to the
/// page of the plan.
pub const BILLING_RETURN: &str = "/billing/return";
/// Stripe says here that something changed (POST). Registered with Stripe.
pub const STRIPE_WEBHOOK: &str = "/stripe/webhook";
/// Below it, the server functions: what the pages' forms and scripts call.
pub const API: &str = "/api";
/// Server-sent events: what changed in the member's organization.
pub const LIVE: &str = "/live";
/// The process answers.
pub const HEALTHZ: &str = "/healthz";
/// The database answers and has the right shape.
pub const READYZ: &str = "/readyz";
/// For search engines.
pub const ROBOTS: &str = "/robots.txt";
/// The hashed front-end files.
pub const PKG: &str = "/pkg";
/// The page that says what went wrong; rendered in place of another, never linked to.
pub const TROUBLE: &str = "/trouble";
/// All components on one page, where the sandbox is.
pub const DEV_COMPONENTS: &str = "/dev/components";

/// The page that asks before a link is deleted.
pub fn delete_link(id: LinkId) -> String {
    format!("{CONNECT_LINKS}/{id}/delete")
}

/// The dialog, showing the link that was just made.
pub fn link_made(id: LinkId) -> String {
    format!("{CONNECT_LINKS}?made={id}")
}

/// The dialog, saying that a link was just deleted.
pub fn link_deleted() -> String {
    format!("{CONNECT_LINKS}?deleted=1")
}

/// One account with its posts.
pub fn account(id: AccountId) -> String {
    format!("{ACCOUNTS}/{id}")
}

/// The page that asks before an account is disconnected.
pub fn disconnect_account(id: AccountId) -> String {
    format!("{ACCOUNTS}/{id}/disconnect")
}

/// The page that asks before a request for an account is taken back.
pub fn withdraw_request(id: AccountId) -> String {
    format!("{ACCOUNTS}/{id}/withdraw")
}

/// The dashboard, saying that an account was just disconnected.
pub fn account_disconnected() -> String {
    format!("{ACCOUNTS}?disconnected=1")
}

/// The dialog that adds an account.
pub const NEW_CONNECTION: &str = "/accounts/new";
/// Its second step: log in, or ask somebody else.
pub const ADD_ACCOUNT: &str = "/accounts/new/account";
/// Its third step: whom to ask for.
pub const REQUEST_ACCESS: &str = "/accounts/new/request";
/// Sends a member to Instagram with an account of their own (POST).
pub const LOG_IN_TO_ACCOUNT: &str = "/accounts/log-in";

/// The dialog, showing the request link that was just made.
pub fn request_made(id: AccountId) -> String {
    format!("{REQUEST_ACCESS}?made={id}")
}

/// The dashboard, showing the request link of a pending account.
pub fn request_shown(id: AccountId) -> String {
    format!("{ACCOUNTS}?request={id}#account-{id}")
}

/// The dashboard, saying that a request was just taken back.
pub fn request_withdrawn() -> String {
    format!("{ACCOUNTS}?withdrawn=1")
}

/// Below it, the pictures of collected posts.
pub const PICTURES: &str = "/media/posts";

/// The picture of a collected post.
pub fn picture(id: PostId) -> String {
    format!("{PICTURES}/{id}.jpg")
}

/// Below it, the profile pictures of accounts.
pub const PROFILE_PICTURES: &str = "/media/accounts";

/// The profile picture of an account. Another picture has another version, and with it an address of its own: an open
/// page shows it at once.
pub fn profile_picture(id: AccountId, version: i64) -> String {
    format!("{PROFILE_PICTURES}/{id}.jpg?v={version}")
}

/// The settings, saying that they were just saved.
pub fn settings_saved() -> String {
    format!("{SETTINGS}?saved=1")
}

/// Signing in, saying that the organization was just deleted.
pub fn organization_deleted() -> String {
    format!("{SIGN_IN}?deleted=1")
}

/// The logo of this key. Another logo has another key, which nobody can guess: browsers keep what they were given.
pub fn logo(key: &str) -> String {
    format!("{BRAND}/{key}.jpg")
}

/// The version of what the stylesheet of an accent colour says; it goes up with every change of that. Browsers keep
/// what they were given.
pub const ACCENT_VERSION: &str = "1";

/// The stylesheet of an accent colour, which is given by its six digits. It is the same for everybody who has that
/// colour.
pub fn accent(digits: &str) -> String {
    format!("{BRAND}/{digits}-{ACCENT_VERSION}.css")
}

/// A client's page. The token in it is a secret.
pub fn connect(token: &str) -> String {
    format!("{CONNECT}/{token}")
}

/// What became of somebody's request to have data deleted.
pub fn deletion(code: &str) -> String {
    format!("{DELETION}/{code}")
}

/// Whether a member gets the reminders of an organization. The token in it is a secret.
pub fn reminders(token: &str) -> String {
    format!("{REMINDERS}/{token}")
}

/// Where an invitation is accepted. The token in it is a secret.
pub fn invitation(token: &str) -> String {
    format!("{INVITATIONS}/{token}")
}

/// The page that asks before a member is removed.
pub fn remove_member(id: UserId) -> String {
    format!("{MEMBERS}/{id}/remove")
}

/// The page that asks before the organization is handed over to a member.
pub fn transfer_ownership(id: UserId) -> String {
    format!("{MEMBERS}/{id}/transfer")
}

/// The members, saying that somebody was just invited.
pub fn member_invited() -> String {
    format!("{MEMBERS}?invited=1")
}

/// The members, saying that an invitation was just sent again.
pub fn invitation_resent() -> String {
    format!("{MEMBERS}?resent=1")
}

/// The members, saying that an invitation was just taken back.
pub fn invitation_revoked() -> String {
    format!("{MEMBERS}?revoked=1")
}

/// The members, saying that a role was just changed.
pub fn role_changed() -> String {
    format!("{MEMBERS}?changed=1")
}

/// The members, saying that one was just removed.
pub fn member_removed() -> String {
    format!("{MEMBERS}?removed=1")
}

/// The members, saying that the organization was just handed over.
pub fn ownership_transferred() -> String {
    format!("{MEMBERS}?transferred=1")
}

/// How one attempt stands; only the browser that started it may read it.
pub fn attempt(id: AttemptId) -> String {
    format!("{ATTEMPTS}/{id}")
}

/// Where a new password is set. The token in it is a secret.
pub fn reset_password(token: &str) -> String {
    format!("{RESET_PASSWORD}/{token}")
}

/// Where somebody confirms that an address is theirs. The token in it is a secret.
pub fn verify_email(token: &str) -> String {
    format!("{VERIFY_EMAIL}/{token}")
}

/// The form for a forgotten password, saying that a mail is on its way if there is anybody to get it.
pub fn reset_asked() -> String {
    format!("{FORGOT_PASSWORD}?sent=1")
}

/// A person's own account, saying what was just done there.
pub fn you_did(what: &str) -> String {
    format!("{YOU}?done={what}")
}

/// Whether a path is this one or lies below it.
pub fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path fit for a log: secrets in it are cut out (A75).
pub fn redacted(path: &str) -> String {
    // Some write two slashes; what follows is no less a secret.
    let path = format!("/{}", path.trim_start_matches('/'));
    for prefix in [CONNECT, RESET_PASSWORD, REMINDERS, INVITATIONS, VERIFY_EMAIL] {
        if let Some(rest) = path.strip_prefix(prefix).and_then(|r| r.strip_prefix('/')) {
            return if rest.starts_with("attempt/") { path } else { format!("{prefix}/[redacted]") };
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_path_begins_with_its_whole_name() {
        assert!(is_below("/accounts", ACCOUNTS) && is_below("/accounts/new", ACCOUNTS));
        assert!(!is_below("/accountsx", ACCOUNTS) && !is_below("/", ACCOUNTS));
    }

    #[test]
    fn a75_a_logged_path_holds_no_token() {
        assert_eq!(redacted("/connect/abc"), "/connect/[redacted]");
        assert_eq!(redacted("//connect/abc"), "/connect/[redacted]");
        assert_eq!(redacted("/connect/abc/def"), "/connect/[redacted]");
        assert_eq!(redacted("/reset-password/abc"), "/reset-password/[redacted]");
        assert_eq!(redacted("/reminders/abc"), "/reminders/[redacted]");
        assert_eq!(redacted("/invitations/abc"), "/invitations/[redacted]");
        assert_eq!(redacted("/verify-email/abc"), "/verify-email/[redacted]");
        assert_eq!(redacted("/connect/attempt/0198"), "/connect/attempt/0198");
        assert_eq!(redacted("/accounts"), "/accounts");
    }
}
