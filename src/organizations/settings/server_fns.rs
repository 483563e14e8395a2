//! The doors that fill the pages of the settings. What changes them are plain routes: one carries a picture, and the
//! other signs people out.

use super::model::{EndView, SettingsView};
use crate::error::AppError;
use leptos::prelude::*;

/// Loads the settings. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session, or without the role (A52).
#[server(endpoint = "load_settings")]
pub async fn load_settings() -> Result<SettingsView, AppError> {
    use super::service;
    use crate::{organizations::model::Permission, server::door};
    door::unharmed(async {
        let work = door::member_page().await?;
        if !work.actor.role.may(Permission::ManageSettings) {
            return Err(AppError::Forbidden);
        }
        Ok(service::view(&work).await?)
    })
    .await
}

/// Loads what would go with the organization. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session, or without the role (A52).
#[server(endpoint = "load_organization_end")]
pub async fn load_organization_end() -> Result<EndView, AppError> {
    use super::service;
    use crate::{organizations::model::Permission, server::door};
    door::unharmed(async {
        let work = door::member_page().await?;
        if !work.actor.role.may(Permission::OwnOrganization) {
            return Err(AppError::Forbidden);
        }
        Ok(service::end_view(&work).await?)
    })
    .await
}
