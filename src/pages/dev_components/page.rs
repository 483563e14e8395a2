//! Each widget of `ui` in its states, and what features compose of them without needing an address or a server.
//! Nothing on it does anything.

use crate::{
    accounts::{
        components::{AccountBadge, AccountFacts, AccountNotice, Standing},
        model::{AccessView, AccountState, AccountView},
    },
    collection::{
        components::{CollectionState, PostCard},
        model::{CollectionView, PostView},
    },
    error::{AppError, FieldError},
    timestamp::Moment,
    token_death::TokenDeath,
    ui::{
        Avatar, Badge, Banner, Choice, ClientFrame, CopyField, Dialog, EmptyState, ErrorSummary, ErrorView, Field,
        Icon, SelectField, Status, Tone, When,
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
                <Accounts />
                <Posts />
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
            <SelectField
                label="One of a few"
                name="few"
                hint="What to know before choosing."
                choices=two_choices()
                value="second"
            />
            <SelectField
                label="One to be mended"
                name="few-mend"
                choices=two_choices()
                value="first"
                error=Some("What to do about it.".to_owned())
            />
            <CopyField label="A URL to copy" value=Signal::stored("https://example.com/connect/…".to_owned()) />
        </Section>
    }
}

fn two_choices() -> Vec<Choice> {
    [("first", "The first"), ("second", "The second")].map(|(sent, words)| (sent.into(), words.into())).into()
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
    let rows = [("a_handle", None), ("another.handle", Some("/favicon.svg"))].map(|(name, picture)| {
        view! {
            <li class="row">
                <Avatar name picture=picture.map(str::to_owned) />
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

/// Some moment.
fn moment() -> Moment {
    Moment {
        iso: "2027-01-31T09:30:00Z".into(),
        date: "31 January 2027".into(),
        full: "31 January 2027, 09:30 UTC".into(),
        relative: "in 60 days".into(),
    }
}

/// An account in this state; `None` where no such id can be made, which never happens.
fn account(state: AccountState) -> Option<AccountView> {
    Some(AccountView {
        id: "0198f000000070008000000000000000".parse().ok()?,
        username: "a_handle".into(),
        display_name: Some("A name beside it".into()),
        picture: None,
        account_type: "Business".into(),
        state,
        since: moment(),
        through: Some("Spring campaign".into()),
    })
}

#[component]
fn Accounts() -> impl IntoView {
    let other = || Some("another.handle".to_owned());
    let dead = |reason| AccountState::NeedsReconnection { reason, mistaken_for: None };
    let states = || {
        [AccountState::Pending { mistaken_for: other() }, AccountState::Active { token_expires_at: moment() }]
            .into_iter()
            .chain(TokenDeath::ALL.map(dead))
    };
    let badges = states().map(|state| view! { <AccountBadge state /> });
    let notices = states().filter_map(account).map(|account| view! { <AccountNotice account /> });
    let access = AccessView {
        expires_at: moment(),
        renewed_at: None,
        renewal_due_at: Some(moment()),
        trouble: Some("What went wrong, and that we try again.".into()),
    };
    let facts = account(AccountState::Active { token_expires_at: moment() })
        .map(|account| view! { <AccountFacts account access=Some(access) /> });
    view! {
        <Section heading="Accounts">
            <p class="row-title">{badges.collect_view()}</p>
            {notices.collect_view()}
            {facts}
        </Section>
    }
}

#[component]
fn Posts() -> impl IntoView {
    let states = [
        (Standing::Pending, None, None),
        (Standing::Active, None, None),
        (Standing::Active, Some(moment()), Some("What went wrong, and that we try again.".to_owned())),
        (Standing::Dead, Some(moment()), None),
    ]
    .map(|(standing, last_success_at, trouble)| {
        let next_at = last_success_at.clone();
        let collection = CollectionView { posts: 123, last_success_at, next_at, trouble };
        view! { <CollectionState collection standing /> }
    });
    let long = "What its author wrote, which may be so long that it has to end somewhere. ".repeat(5);
    let kinds =
        [("Photo", None, Some("/favicon.svg")), ("Video", Some(long), None), ("Album", Some("Short".into()), None)];
    let cards = kinds.into_iter().zip(1_u8..).filter_map(|((kind, caption, picture), n)| {
        let post = PostView {
            id: format!("{n:032x}").parse().ok()?,
            kind: kind.into(),
            caption,
            permalink: "https://www.instagram.com/".into(),
            picture: picture.map(str::to_owned),
            posted_at: moment(),
        };
        let picture = Signal::stored(post.picture.clone());
        Some(view! { <PostCard post picture /> })
    });
    view! {
        <Section heading="Posts">
            {states.collect_view()}
            <ul class="posts" role="list">
                {cards.collect_view()}
            </ul>
        </Section>
    }
}
