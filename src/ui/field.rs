//! One field of a form: label, hint and what to mend, tied to the input for screen readers (U20).

use super::Icon;
use leptos::{html, prelude::*};

/// A labelled input.
#[component]
pub fn Field(
    /// The label.
    label: &'static str,
    /// The name it is sent under.
    name: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What it starts with.
    #[prop(optional, into)]
    value: String,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What to mend.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The autofill token; without one the browser is asked to keep out.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// Characters at most.
    #[prop(optional)]
    maxlength: Option<usize>,
    /// Whether typing starts here.
    #[prop(optional)]
    autofocus: bool,
    /// For reading or emptying the input.
    #[prop(optional)]
    input_ref: NodeRef<html::Input>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let has_error = move || error.with(Option::is_some);
    let described_by = {
        let hint_id = hint.is_some().then(|| hint_id.clone());
        let error_id = error_id.clone();
        move || {
            let parts: Vec<&str> =
                hint_id.as_deref().into_iter().chain(has_error().then_some(error_id.as_str())).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        }
    };
    // An email address or a password is no prose: phones should neither capitalize nor correct it.
    let literal = matches!(kind, "email" | "password" | "url");
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>
                {label}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <input
                node_ref=input_ref
                class="input"
                id=id
                type=kind
                name=name
                value=value
                autocomplete=autocomplete.unwrap_or("off")
                autocapitalize=literal.then_some("none")
                spellcheck=literal.then_some("false")
                required=required
                maxlength=maxlength.map(|n| n.to_string())
                autofocus=autofocus
                aria-invalid=move || has_error().then_some("true")
                aria-describedby=described_by
            />
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
