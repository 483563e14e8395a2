//! Each widget of `ui` in its states, without any feature. Nothing on it does anything.

use crate::{
    error::{AppError, FieldError},
    timestamp::Moment,
    ui::{
        Avatar, Badge, Banner, ClientFrame, CopyField, Dialog, EmptyState, ErrorSummary, ErrorView, Field, Icon,
        Status, Tone, When,
    },
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn DevComponentsScreen() -> impl IntoView {
    view! {
        <ClientFrame>
            <div class="stack components">
                <h1>"Components"</h1>
                <Buttons />
                <Fields />
                <Messages />
                <Lists />
                <Section heading="Dialog">
                    <Dialog
                        heading="Delete this thing?"
                        open=Signal::stored(true)
                        on_close=|()| {}
                        close_path=crate::paths::DEV_COMPONENTS
                    >
                        <p>"What ends, what stays, and what to do instead."</p>
                        <div class="dialog-actions">
                            <button class="button button-secondary" type="button">
                                "Cancel"
                            </button>
                            <button class="button button-danger" type="button">
                                "Delete thing"
                            </button>
                        </div>
                    </Dialog>
                </Section>
            </div>
        </ClientFrame>
    }
}

/// One kind of component.
#[component]
fn Section(
    /// Its name.
    heading: &'static str,
    /// Its states.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="stack">
            <h2>{heading}</h2>
            {children()}
        </section>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let kinds = [
        ("Primary", "button button-primary"),
        ("Secondary", "button button-secondary"),
        ("Quiet", "button button-quiet"),
        ("Danger", "button button-danger"),
        ("Quiet danger", "button button-quiet button-danger"),
    ];
    let rows = kinds.map(|(name, class)| {
        view! {
            <div class="row-title">
                <button class=class type="button">
                    {name}
                </button>
                <button class=class type="button" aria-busy="true">
                    {format!("{name}, busy")}
                </button>
                <button class=class type="button" disabled>
                    {format!("{name}, off")}
                </button>
            </div>
        }
    });
    view! { <Section heading="Buttons">{rows.collect_view()}</Section> }
}

#[component]
fn Fields() -> impl IntoView {
    view! {
        <Section heading="Fields">
            <Field label="Plain" name="plain" value="What was typed" />
            <Field label="With a hint" name="hint" hint="What to know before typing." />
            <Field label="To be mended" name="mend" value="wrong" error=Some("What to do about it.".to_owned()) />
            <Field label="A password" name="secret" kind="password" autocomplete="off" />
            <CopyField label="A URL to copy" value=Signal::stored("https://example.com/connect/…".to_owned()) />
        </Section>
    }
}

#[component]
fn Messages() -> impl IntoView {
    let tones = [
        ("Neutral", Tone::Neutral),
        ("Accent", Tone::Accent),
        ("Success", Tone::Success),
        ("Warning", Tone::Warning),
        ("Danger", Tone::Danger),
    ];
    let banners = tones
        .map(|(name, tone)| view! { <Banner tone>{format!("{name}: one sentence that says what to do.")}</Banner> });
    let badges = tones.map(|(name, tone)| view! { <Badge tone>{name}</Badge> });
    let to_mend = AppError::Fields(vec![FieldError { field: "mend".into(), message: "What to do about it.".into() }]);
    view! {
        <Section heading="Messages">
            {banners.collect_view()} <p class="row-title">{badges.collect_view()}</p>
            <p>
                <Status text=Signal::stored("What just happened, said once.".to_owned()) />
            </p>
            <ErrorView error=AppError::Busy />
            <ErrorSummary error=to_mend />
        </Section>
    }
}

#[component]
fn Lists() -> impl IntoView {
    let moment = || Moment {
        iso: "2027-01-31T09:30:00Z".into(),
        date: "31 January 2027".into(),
        full: "31 January 2027, 09:30 UTC".into(),
        relative: "in 60 days".into(),
    };
    let rows = ["a_handle", "another.handle"].map(|name| {
        view! {
            <li class="row">
                <Avatar name />
                <div class="row-main">
                    <p class="row-title">
                        <strong>{format!("@{name}")}</strong>
                        <Badge tone=Tone::Success>"Active"</Badge>
                    </p>
                    <p class="row-meta">
                        <span>"Until " <When moment=moment() /></span>
                    </p>
                </div>
                <div class="row-actions">
                    <button class="button button-quiet" type="button">
                        <Icon name="copy" />
                        <span>"Copy"</span>
                    </button>
                </div>
            </li>
        }
    });
    view! {
        <Section heading="Lists">
            <ul class="rows" role="list">
                {rows.collect_view()}
            </ul>
            <EmptyState heading="Nothing here yet">
                <p>"What belongs here, and how it gets here."</p>
            </EmptyState>
            <p role="status">"Loading…"</p>
            <div class="skeleton" aria-hidden="true"></div>
        </Section>
    }
}
