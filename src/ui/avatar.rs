//! A person or an organization as two letters. The name always stands beside it, so screen readers skip it.

use leptos::prelude::*;

/// Initials in a disc.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]
#[component]
pub fn Avatar(
    /// Whose initials.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true">
            {initials(&name)}
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
