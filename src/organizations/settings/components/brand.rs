//! An organization's face on the pages of its clients: its logo or initials beside its name, and its colour on the one
//! button. Style of our own server's only: the colour comes by a stylesheet, because no page may carry any (A60).

use crate::{
    organizations::settings::model::{Accent, Logo},
    paths,
    ui::Avatar,
};
use leptos::{either::Either, prelude::*};

/// What lies in it wears the organization's colour, if it has one.
#[component]
pub fn Branded(
    /// The colour.
    accent: Option<Accent>,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <AccentStyle accent />
        <div class=if accent.is_some() { "sheet brand" } else { "sheet" }>{children()}</div>
    }
}

/// Loads a colour. What follows it on the page waits for it, so that nothing changes its colour while somebody looks.
#[component]
pub fn AccentStyle(
    /// The colour.
    accent: Option<Accent>,
) -> impl IntoView {
    accent.map(|accent| {
        let address = paths::accent(accent.to_string().trim_start_matches('#'));
        view! { <link rel="stylesheet" href=address /> }
    })
}

/// Who asks.
#[component]
pub fn BrandMark(
    /// The organization's name.
    name: String,
    /// Its logo; initials where there is none.
    logo: Option<Logo>,
) -> impl IntoView {
    let face = match logo {
        Some(Logo { address, width }) => {
            // Drawn at half its size, for screens of higher density. Its place is kept before it is there.
            let (width, height) = ((width / 2).to_string(), (Logo::HEIGHT / 2).to_string());
            Either::Left(view! { <img class="brand-logo" alt="" width=width height=height src=address /> })
        }
        None => Either::Right(view! { <Avatar name=name.clone() /> }),
    };
    view! {
        <p class="request-who">
            {face} <bdi>{name}</bdi>
        </p>
    }
}
