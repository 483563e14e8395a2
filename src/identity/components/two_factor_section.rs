//! The second step of signing in: setting it up, the codes for a lost phone, and turning it off.

use super::{button_form, password_again};
use crate::{
    identity::model::{QrDrawing, TwoFactorView},
    paths,
    timestamp::Moment,
    ui::{Badge, Banner, Field, FormReply, Tone, When},
};
use leptos::prelude::*;

/// The section about the second step.
pub fn two_factor_section(view: &TwoFactorView, reply: &FormReply) -> impl IntoView + use<> {
    let content = match view.clone() {
        TwoFactorView::Off => off(reply).into_any(),
        TwoFactorView::SettingUp { secret, qr } => setting_up(secret, qr, reply).into_any(),
        TwoFactorView::On { since, codes_left } => on(since, codes_left, reply).into_any(),
    };
    view! {
        <section class="you-section" aria-labelledby="you-two-factor">
            <h2 id="you-two-factor">"Two-factor sign-in"</h2>
            {content}
        </section>
    }
}

fn off(reply: &FormReply) -> impl IntoView + use<> {
    view! {
        <p>
            <Badge tone=Tone::Neutral>"Off"</Badge>
        </p>
        <p>"With it, signing in asks for a code from an app on your phone as well. A stolen password alone opens nothing."</p>
        <form class="form" method="post" action=paths::YOU novalidate>
            <input type="hidden" name="form" value="start_two_factor" />
            {password_again("two_factor_password", reply)}
            <button type="submit" class="button button-secondary">
                "Set up two-factor sign-in"
            </button>
        </form>
    }
}

fn setting_up(secret: String, qr: QrDrawing, reply: &FormReply) -> impl IntoView + use<> {
    view! {
        <ol>
            <li>"Open an authenticator app on your phone: Google Authenticator, 1Password, Aegis or another."</li>
            <li>"Let it scan this picture, or type the key into it."</li>
            <li>"Enter the code it shows."</li>
        </ol>
        {drawing(qr)}
        <p>"Key: " <code class="you-secret">{secret}</code></p>
        <form class="form" method="post" action=paths::YOU novalidate>
            <input type="hidden" name="form" value="confirm_two_factor" />
            <Field
                label="Code"
                name="code"
                hint="Six digits. They change every thirty seconds."
                error=reply.mend("code")
                autocomplete="one-time-code"
                required=true
            />
            <button type="submit" class="button button-primary">
                "Turn on"
            </button>
        </form>
        {button_form("forget_two_factor", "button button-quiet", "Cancel set-up")}
    }
}

/// Black on white in both themes: that is what every camera reads.
fn drawing(qr: QrDrawing) -> impl IntoView + use<> {
    let QrDrawing { size, path } = qr;
    view! {
        <svg class="you-qr" viewBox=format!("0 0 {size} {size}") role="img" aria-label="QR code with the key">
            <path d=path></path>
        </svg>
    }
}

fn on(since: Moment, codes_left: u32, reply: &FormReply) -> impl IntoView + use<> {
    let left = match codes_left {
        0 => "You have no recovery codes left. Make new ones, or a lost phone locks you out.".to_owned(),
        1 => "You have 1 recovery code left.".to_owned(),
        n => format!("You have {n} recovery codes left."),
    };
    let warns = codes_left < 3;
    let (codes_open, off_open) = (reply.mend("codes_password").is_some(), reply.mend("two_factor_password").is_some());
    view! {
        <p class="row-title">
            <Badge tone=Tone::Success>"On"</Badge>
            <span>"Since " <When moment=since /></span>
        </p>
        <p class:row-reason=warns>{left}</p>
        <details class="fold" open=codes_open>
            <summary>"Make new recovery codes"</summary>
            <form class="form" method="post" action=paths::YOU novalidate>
                <input type="hidden" name="form" value="renew_codes" />
                <p>"The ones you have stop working."</p>
                {password_again("codes_password", reply)}
                <button type="submit" class="button button-secondary">
                    "Make new codes"
                </button>
            </form>
        </details>
        <details class="fold" open=off_open>
            <summary>"Turn two-factor sign-in off"</summary>
            <form class="form" method="post" action=paths::YOU novalidate>
                <input type="hidden" name="form" value="two_factor_off" />
                <p>"Your password alone opens your account then."</p>
                {password_again("two_factor_password", reply)}
                <button type="submit" class="button button-danger">
                    "Turn off"
                </button>
            </form>
        </details>
    }
}

/// The recovery codes, this one time.
pub fn recovery_codes(codes: &[String]) -> impl IntoView + use<> {
    let codes = codes.iter().map(|code| view! { <li>{code.clone()}</li> }).collect_view();
    view! {
        <Banner tone=Tone::Success role="status">
            <p>"Two-factor sign-in is on. These are your recovery codes: each lets you in once when you have lost your phone."</p>
            <p>
                <strong>"Keep them now. They are not shown again."</strong>
            </p>
            <ul class="you-codes" aria-label="Recovery codes">
                {codes}
            </ul>
        </Banner>
    }
}
