//! One choice of a few, as the browser's own list: it works with a keyboard, a screen reader and no script.

use super::Icon;
use leptos::{html, prelude::*};

/// A choice: what is sent, and what people read.
pub type Choice = (String, String);

/// The list alone, for a row whose words around it say what it is about.
#[component]
pub fn Select(
    /// The name it is sent under.
    name: &'static str,
    /// Its id; may be left out where nothing leads to it.
    #[prop(optional_no_strip)]
    id: Option<String>,
    /// What is read out in place of a label that is seen.
    #[prop(optional_no_strip)]
    label: Option<String>,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// What is chosen at first, as it is sent.
    #[prop(into)]
    value: String,
    /// The ids of what explains it.
    #[prop(optional, into)]
    described_by: Signal<Option<String>>,
    /// Whether it has to be mended.
    #[prop(optional, into)]
    wrong: Signal<bool>,
    /// For choosing something else.
    #[prop(optional)]
    select_ref: NodeRef<html::Select>,
) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(move |(sent, words)| {
            let chosen = sent == value;
            view! {
                <option value=sent selected=chosen>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            node_ref=select_ref
            class="input select"
            id=id
            name=name
            // After Back or a reload, some browsers would show what was chosen then.
            autocomplete="off"
            aria-label=label
            aria-invalid=move || wrong.get().then_some("true")
            aria-describedby=move || described_by.get()
        >
            {options}
        </select>
    }
}

/// A labelled list in a form, with what to mend below it (U20).
#[component]
pub fn SelectField(
    /// The label.
    label: &'static str,
    /// The name it is sent under.
    name: &'static str,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// What is chosen at first, as it is sent.
    #[prop(into)]
    value: String,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What to mend.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let wrong = Signal::derive(move || error.with(Option::is_some));
    let described_by = {
        let hint_id = hint.is_some().then(|| hint_id.clone());
        let error_id = error_id.clone();
        Signal::derive(move || {
            let ids: Vec<&str> =
                hint_id.as_deref().into_iter().chain(wrong.get().then_some(error_id.as_str())).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        })
    };
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>
                {label}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <Select name id=Some(id) choices value described_by wrong />
            {move || {
                error
                    .get()
                    .map(|message| {
                        view! {
                            <p class="field-error" id=error_id.clone()>
                                <Icon name="warning" />
                                <span>{message}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}
