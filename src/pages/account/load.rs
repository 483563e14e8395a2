//! What the page of an account shows.

use crate::{
    accounts::model::{AccessView, AccountView},
    collection::model::{CollectionView, PostCursor, PostsPage},
    error::AppError,
    ids::AccountId,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The page's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPageView {
    /// The account.
    pub account: AccountView,
    /// Whether the member's role may do something about it (A15).
    pub may_act: bool,
    /// How its access is kept alive; `None` when it has none.
    pub access: Option<AccessView>,
    /// How the collection of its posts stands.
    pub collection: CollectionView,
    /// Some of its posts.
    pub posts: PostsPage,
    /// The place after which those begin; `None` when they are the newest.
    pub before: Option<PostCursor>,
    /// That a mail about the account could not be delivered, in words for the member; `None` when none is known.
    pub mail_trouble: Option<String>,
}

/// Loads the page of an account. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session, or when the organization has no such account.
#[server(endpoint = "load_account")]
pub async fn load_account(
    /// Which account.
    id: AccountId,
    /// The place after which the posts begin; the newest where there is none, or where it cannot be read.
    before: Option<String>,
) -> Result<AccountPageView, AppError> {
    use crate::{accounts, collection, organizations::model::Permission, server::door};
    door::unharmed(async {
        let work = door::member_page().await?;
        let before = before.and_then(|place| place.parse().ok());
        Ok(AccountPageView {
            account: accounts::service::find(&work, id).await?,
            may_act: work.actor.role.may(Permission::ShareLinks),
            access: accounts::service::access(&work, id).await?,
            collection: collection::service::view(&work, id).await?,
            posts: collection::service::posts(&work, id, before).await?,
            before,
            mail_trouble: accounts::service::mail_trouble(&work, id).await?,
        })
    })
    .await
}
