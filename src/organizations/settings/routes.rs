//! The plain doors to an organization's settings: their form, which carries a picture and works before and without
//! JavaScript, the form that deletes the organization, and what the pages of clients load. A refused form comes back
//! with what was typed, a picture that could be taken included.

use super::{
    model::Accent,
    service::{self, LogoChange, MAX_LOGO_BYTES, Typed},
};
use crate::{
    error::AppError,
    failure::Failure,
    media::DrawnLogo,
    organizations::{members::service::Again, model::Permission},
    paths,
    secret::SecretString,
    server::{cookies, door, forms, pages},
    work::MemberWork,
};
use axum::{
    extract::{
        FromRequest, Multipart, Path, Request,
        multipart::{Field, MultipartError},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{header, request::Parts};
use serde::Deserialize;

/// Bytes of the form of the settings. More of a logo than is taken is read and thrown away, so that who chose a large
/// one gets their page back; no more than this is read at all.
pub const MAX_FORM: usize = 16 * 1024 * 1024;

/// Bytes of a text that somebody types.
const MAX_TEXT: usize = 2 * 1024;
/// Bytes of a logo that comes back with its form.
const MAX_KEPT: usize = 16 * 1024;

/// The form of the settings, as it came.
#[derive(Default)]
struct Sent {
    /// The organization that the page was about.
    organization_id: String,
    typed: Typed,
    removes_logo: bool,
    /// The file that was chosen.
    logo: Option<Vec<u8>>,
    /// A logo that was taken when the form was refused before.
    kept: Option<Vec<u8>>,
    is_too_large: bool,
}

/// `POST /settings`: 303 to the page, or the page with what has to be corrected.
pub async fn save(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Before anything of the form is read.
    let work = match door::permitted_of(&parts, Permission::ManageSettings).await {
        Ok(work) => work,
        Err(failure) => return shut(failure, parts).await,
    };
    let sent = match Multipart::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(form) => read(form).await,
        Err(_) => return pages::trouble(AppError::Unreadable, parts).await,
    };
    let Ok(sent) = sent else { return pages::trouble(AppError::Unreadable, parts).await };
    // What was typed for one organization is no form of another one's.
    if let Err(error) = door::check_window(&work, &sent.organization_id) {
        return pages::trouble(error, parts).await;
    }
    let typed = sent.typed.clone();
    let removes_logo = sent.removes_logo;
    let (kept, saved) = match drawn(&work, sent).await {
        Ok(LogoChange::Replace(logo)) => {
            (Some(logo.clone()), service::save(&work, &typed, LogoChange::Replace(logo)).await)
        }
        Ok(change) => (None, service::save(&work, &typed, change).await),
        // All that has to be corrected, at once.
        Err(Failure::Refused(error @ AppError::Fields(_))) => {
            let errors = service::check(&typed).into_iter().chain([error]);
            (None, Err(AppError::together(errors).into()))
        }
        Err(failure) => (None, Err(failure)),
    };
    match saved {
        Ok(()) => pages::see_other(&paths::settings_saved()),
        Err(failure) => refused(paths::SETTINGS, parts, shown_again(typed, removes_logo, kept), failure).await,
    }
}

/// What becomes of the logo. A file that was chosen now comes before everything else.
async fn drawn(work: &MemberWork, sent: Sent) -> Result<LogoChange, Failure> {
    if sent.is_too_large {
        return Err(service::logo_refused().into());
    }
    match sent.logo.or(sent.kept.filter(|_| !sent.removes_logo)) {
        Some(bytes) => Ok(LogoChange::Replace(service::draw_logo(work, bytes).await?)),
        None if sent.removes_logo => Ok(LogoChange::Remove),
        None => Ok(LogoChange::Keep),
    }
}

/// Reads the form piece by piece. What is not asked for is left out.
async fn read(mut form: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "organization_id" => sent.organization_id = text(field).await?,
            "organization" => sent.typed.name = text(field).await?,
            "accent" => sent.typed.accent = text(field).await?,
            "support" => sent.typed.support = text(field).await?,
            "remove_logo" => sent.removes_logo = !text(field).await?.is_empty(),
            "logo" => {
                let (bytes, whole) = at_most(field, MAX_LOGO_BYTES).await?;
                sent.is_too_large = !whole;
                // Browsers send an empty one where none was chosen.
                sent.logo = Some(bytes).filter(|bytes| !bytes.is_empty());
            }
            "kept_logo" => {
                let (bytes, _) = at_most(field, MAX_KEPT).await?;
                sent.kept = BASE64_STANDARD.decode(bytes).ok().filter(|bytes| !bytes.is_empty());
            }
            _ => {
                at_most(field, 0).await?;
            }
        }
    }
    Ok(sent)
}

async fn text(field: Field<'_>) -> Result<String, MultipartError> {
    let (bytes, _) = at_most(field, MAX_TEXT).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first so many bytes of a field, and whether that is all of it. The rest is read and thrown away.
async fn at_most(mut field: Field<'_>, limit: usize) -> Result<(Vec<u8>, bool), MultipartError> {
    let (mut bytes, mut whole) = (Vec::new(), true);
    while let Some(chunk) = field.chunk().await? {
        let room = limit - bytes.len();
        whole &= chunk.len() <= room;
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((bytes, whole))
}

/// What the page shows again, by the names of its fields. The logo is what we drew of it, and nothing that somebody
/// sent.
fn shown_again(typed: Typed, removes_logo: bool, kept: Option<DrawnLogo>) -> Vec<(String, String)> {
    let Typed { name, accent, support } = typed;
    let mut fields = vec![("organization".into(), name), ("accent".into(), accent), ("support".into(), support)];
    match kept {
        Some(DrawnLogo { jpeg, width }) => {
            fields.push(("kept_logo".into(), BASE64_STANDARD.encode(jpeg)));
            fields.push(("kept_logo_width".into(), width.to_string()));
        }
        None if removes_logo => fields.push(("remove_logo".into(), "on".into())),
        None => {}
    }
    fields
}

/// The form of [`delete`].
#[derive(Deserialize)]
struct End {
    /// The organization that the page was about.
    #[serde(default)]
    organization_id: String,
    /// Its name, as typed.
    #[serde(default)]
    organization: String,
    #[serde(default)]
    password: SecretString,
}

/// `POST /settings/delete`: 303 to signing in, or the page that asks.
pub async fn delete(request: Request) -> Response {
    let (parts, form) = match forms::read::<End>(request).await {
        Ok(read) => read,
        Err(parts) => return pages::trouble(AppError::Unreadable, *parts).await,
    };
    let work = match door::permitted_of(&parts, Permission::OwnOrganization).await {
        Ok(work) => work,
        Err(failure) => return shut(failure, parts).await,
    };
    if let Err(error) = door::check_window(&work, &form.organization_id) {
        return pages::trouble(error, parts).await;
    }
    let again = Again { password: form.password, visitor: door::visitor_of(&parts) };
    match service::delete(&work, &form.organization, again).await {
        Ok(()) => {
            let mut response = pages::see_other(&paths::organization_deleted());
            response.headers_mut().append(header::SET_COOKIE, cookies::clear_session());
            response
        }
        Err(failure) => {
            let typed = vec![("organization".into(), form.organization)];
            refused(paths::DELETE_ORGANIZATION, parts, typed, failure).await
        }
    }
}

/// `GET /brand/{file}`: a logo by its key, or the stylesheet of an accent colour. Both are for clients, who have no
/// session; neither ever changes.
pub async fn brand(Path(file): Path<String>, parts: Parts) -> Response {
    if let Some(name) = file.strip_suffix(".css") {
        return stylesheet(name).unwrap_or_else(|| pages::undressed(AppError::NotFound));
    }
    let found = async {
        let key = file.strip_suffix(".jpg").ok_or(AppError::NotFound)?;
        service::logo(&*door::tools_of(&parts)?, key).await
    };
    match found.await {
        Ok(jpeg) => {
            let headers = [
                (header::CONTENT_TYPE, "image/jpeg"),
                // Browsers alone: what lies between them and us would go on showing it when it is gone.
                (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
                // Should it ever be opened by itself, it is a picture and nothing else (A67).
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
            ];
            (headers, jpeg).into_response()
        }
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// Made of nothing but the colour in its address, which has to be one that somebody could have.
fn stylesheet(name: &str) -> Option<Response> {
    let (digits, version) = name.split_once('-')?;
    let accent = Accent::parse(digits).ok()?;
    let address = paths::accent(accent.to_string().trim_start_matches('#'));
    // One address a colour, so that caches hold each once.
    if version != paths::ACCENT_VERSION || !address.ends_with(&format!("/{name}.css")) {
        return None;
    }
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Some((headers, accent.stylesheet()).into_response())
}

/// In place of what a member asked for who may not.
async fn shut(failure: Failure, parts: Parts) -> Response {
    match failure {
        Failure::Refused(AppError::SignInNeeded) => pages::see_other(paths::SIGN_IN),
        failure => pages::failed(failure, parts).await,
    }
}

/// The same page again, with what was typed and what to mend.
async fn refused(path: &str, parts: Parts, typed: Vec<(String, String)>, failure: Failure) -> Response {
    match failure {
        Failure::Refused(AppError::SignInNeeded) => pages::see_other(paths::SIGN_IN),
        failure => forms::refused(path, parts, typed, failure).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn status(name: &str) -> Option<StatusCode> {
        stylesheet(name).map(|response| response.status())
    }

    #[test]
    fn a60_a_stylesheet_has_one_address_and_only_a_usable_colour_has_one() {
        assert_eq!(status("c2410c-1"), Some(StatusCode::OK));
        for wrong in ["c2410c", "c2410c-2", "#c2410c-1", "C2410C-1", "c41-1", "ffffff-1", "000000-1", "-1", "red-1", ""]
        {
            assert_eq!(status(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a67_what_comes_back_with_a_refused_form_is_what_we_drew() {
        let typed = Typed { name: "B".into(), accent: "#1".into(), support: "s".into() };
        let logo = DrawnLogo { jpeg: vec![1, 2, 3], width: 90 };
        let fields = shown_again(typed.clone(), true, Some(logo));
        let value = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!((value("organization"), value("remove_logo")), (Some("B"), None));
        assert_eq!((value("kept_logo"), value("kept_logo_width")), (Some("AQID"), Some("90")));
        assert_eq!(shown_again(typed.clone(), false, None).len(), 3);
        assert_eq!(shown_again(typed, true, None).pop(), Some(("remove_logo".into(), "on".into())));
    }
}
