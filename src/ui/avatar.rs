//! A person or an organization as a picture, or as two letters. The name always stands beside it, so screen readers
//! skip it.

use leptos::prelude::*;

/// Initials in a disc, and over them the picture where there is one: until it is drawn, and where it cannot be had, the
/// initials are seen.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]
#[component]
pub fn Avatar(
    /// Whose initials.
    #[prop(into)]
    name: String,
    /// Where the picture is, with us; `None` when there is none.
    #[prop(optional_no_strip)]
    picture: Option<String>,
) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true">
            {initials(&name)}
            {picture
                .map(|picture| {
                    view! {
                        // Not before it is near: said first, because a browser begins to fetch at the address.
                        <img loading="lazy" width="36" height="36" alt="" src=picture />
                    }
                })}
        </span>
    }
}

/// The first letters of the first and the last word; "?" where there are none.
fn initials(name: &str) -> String {
    let mut letters = name
        .split(|c: char| c.is_whitespace() || "._-@&/".contains(c))
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    let both: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if both.is_empty() { "?".into() } else { both }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_letters_of_the_first_and_the_last_word() {
        assert_eq!(initials("Northlight Agency"), "NA");
        assert_eq!(initials("  nora.bakes "), "NB");
        assert_eq!(initials("Ölmühle"), "Ö");
        assert_eq!(initials("One of Three"), "OT");
        assert_eq!(initials("<script>"), "S");
        assert_eq!(initials("…"), "?");
    }
}
