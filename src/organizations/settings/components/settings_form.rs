//! The form of the settings, and beside it what clients will see. It is a plain form: it carries a picture, and a
//! refused one comes back as a page with all that was typed. With JavaScript the picture of the client's page follows
//! while somebody types, and a colour can be picked.

use super::preview::BrandPreview;
use crate::{
    organizations::{
        components::WindowField,
        model::OrganizationName,
        settings::model::{Accent, Brand, Logo, SettingsView, Support},
    },
    paths,
    ui::{Field, Icon, use_form_reply},
};
use leptos::{either::Either, html, prelude::*};

/// What a colour picker shows where there is no colour: it cannot show none.
const FIRST_PICKED: &str = "#2563eb";

/// Name, logo, accent colour and support address.
#[component]
pub fn SettingsForm(
    /// The settings as they are.
    view: SettingsView,
) -> impl IntoView {
    let reply = use_form_reply();
    let SettingsView { name, brand: Brand { logo, accent, support }, email, .. } = view;
    let refused = reply.error().is_some();
    let start = |field: &str, stored: String| if refused { reply.typed(field) } else { stored };
    let name = start("organization", name);
    let accent_text = start("accent", accent.map(|accent| accent.to_string()).unwrap_or_default());
    let support = start("support", support.as_ref().map(Support::as_str).unwrap_or_default().to_owned());
    let kept = Some(reply.typed("kept_logo")).filter(|kept| !kept.is_empty());
    let has_logo = logo.is_some() || kept.is_some();
    let logo = kept.as_ref().map(|kept| drawn_logo(kept, &reply.typed("kept_logo_width"))).or(logo);
    let removes = !reply.typed("remove_logo").is_empty();

    let typed_name = RwSignal::new(name.clone());
    let typed_accent = RwSignal::new(accent_text.clone());
    let typed_support = RwSignal::new(support.clone());
    let removing = RwSignal::new(removes);
    let [name_input, accent_input, support_input, remove_input] = [(); 4].map(|()| NodeRef::<html::Input>::new());
    let look = move || {
        for (input, typed) in [(name_input, typed_name), (accent_input, typed_accent), (support_input, typed_support)] {
            if let Some(input) = input.get_untracked() {
                typed.set(input.value());
            }
        }
        if let Some(input) = remove_input.get_untracked() {
            removing.set(input.checked());
        }
    };
    // Somebody may have typed before the page was taken over.
    Effect::new(move |_| look());

    let mend_accent = reply.mend("accent");
    let refused_accent = accent_text.clone();
    let accent_error = Signal::derive(move || {
        typed_accent.with(|typed| if *typed == refused_accent { mend_accent.clone() } else { fault(typed) })
    });
    let usable = Signal::derive(move || typed_accent.with(|typed| Accent::parse(typed).ok()));
    let picked = move || usable.get().map_or_else(|| FIRST_PICKED.to_owned(), |accent| accent.to_string());
    let first_picked = usable.get_untracked().map_or_else(|| FIRST_PICKED.to_owned(), |accent| accent.to_string());

    view! {
        <div class="settings">
            <form
                class="form"
                method="post"
                action=paths::SETTINGS
                enctype="multipart/form-data"
                novalidate
                on:input=move |_| look()
            >
                <WindowField />
                <Field
                    label="Organization name"
                    name="organization"
                    value=name
                    hint="Your clients read it when you ask them to connect."
                    error=reply.mend("organization")
                    autocomplete="organization"
                    maxlength=OrganizationName::MAX_CHARS
                    required=true
                    input_ref=name_input
                />
                <LogoField error=reply.mend("logo") kept>
                    {has_logo
                        .then(|| {
                            view! {
                                <label class="check">
                                    <input node_ref=remove_input type="checkbox" name="remove_logo" checked=removes />
                                    <span>"Remove the logo"</span>
                                </label>
                            }
                        })}
                </LogoField>
                <div class="colour">
                    <Field
                        label="Accent colour"
                        name="accent"
                        value=accent_text
                        hint="The colour of your clients' button, like #c2410c. Leave it empty for Grantlink's own."
                        error=accent_error
                        maxlength=9
                        input_ref=accent_input
                    />
                    <input
                        class="colour-picker"
                        type="color"
                        aria-label="Pick the accent colour"
                        value=first_picked
                        prop:value=picked
                        on:input=move |event| {
                            if let Some(input) = accent_input.get_untracked() {
                                input.set_value(&event_target_value(&event));
                            }
                        }
                    />
                </div>
                <Field
                    label="Support address"
                    name="support"
                    value=support
                    hint="Where your clients turn with questions: an email address, or a web address that begins with https://."
                    error=reply.mend("support")
                    maxlength=300
                    input_ref=support_input
                />
                <div>
                    <button class="button button-primary" type="submit">
                        "Save"
                    </button>
                </div>
            </form>
            <BrandPreview
                name=typed_name.into()
                logo=Signal::derive(move || if removing.get() { None } else { logo.clone() })
                accent=usable
                support=Signal::derive(move || typed_support.with(|typed| typed.trim().to_owned()))
                email
            />
        </div>
    }
}

/// The file of a logo, and below it what can be done about the one that is there.
#[component]
fn LogoField(
    /// What to mend.
    error: Option<String>,
    /// A logo that was taken when the form was refused.
    kept: Option<String>,
    /// What else can be done.
    children: Children,
) -> impl IntoView {
    let described_by = if error.is_some() { "field-logo-hint field-logo-error" } else { "field-logo-hint" };
    let invalid = error.is_some().then_some("true");
    let state = match kept {
        Some(kept) => Either::Left(view! {
            <input type="hidden" name="kept_logo" value=kept />
            <p class="small">"The logo you chose is kept. It is saved with the rest."</p>
        }),
        None => Either::Right(()),
    };
    view! {
        <div class="field">
            <label class="field-label" for="field-logo">
                "Logo"
            </label>
            <p class="field-hint" id="field-logo-hint">
                "JPEG, PNG or WebP, at most 2 MB. We draw it anew, small, and show it once it is saved."
            </p>
            <input
                class="input"
                id="field-logo"
                type="file"
                name="logo"
                accept="image/jpeg,image/png,image/webp"
                aria-invalid=invalid
                aria-describedby=described_by
            />
            {error
                .map(|error| {
                    view! {
                        <p class="field-error" id="field-logo-error">
                            <Icon name="warning" />
                            <span>{error}</span>
                        </p>
                    }
                })} {state} {children()}
        </div>
    }
}

/// A logo that is not saved yet, as the server drew it.
fn drawn_logo(base64: &str, width: &str) -> Logo {
    Logo { address: format!("data:image/jpeg;base64,{base64}"), width: width.parse().unwrap_or(Logo::HEIGHT) }
}

/// What is wrong with a colour, as soon as its code is whole: nobody is told off while they type.
fn fault(typed: &str) -> Option<String> {
    let digits = typed.trim().trim_start_matches('#').chars().count();
    if digits < 6 { None } else { Accent::parse(typed).err()?.for_field("accent") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u19_a_colour_is_refused_while_it_is_typed_but_not_before_it_is_whole() {
        for unfinished in ["", "#", "#ff", "#fff", "#fffff"] {
            assert_eq!(fault(unfinished), None, "{unfinished}");
        }
        assert_eq!(fault("#c2410c"), None);
        assert!(fault("#ffffff").unwrap().contains("too light"));
        assert!(fault("tomatoes").unwrap().contains("like #c2410c"));
    }
}
