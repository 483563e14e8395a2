//! Passwords that everybody tries first, and what people make of them: another case, digits for letters, a year or a
//! mark at the end, the same twice. The list beside this file was written for Grantlink out of what is generally known
//! about popular passwords; it is no copy of a published or leaked one. Setting a password asks here; signing in never
//! does, so nobody is locked out by a longer list.

use std::{collections::HashSet, sync::LazyLock};

/// Words and whole passwords, as [`is_common`] compares them: in small letters, nothing between them.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
});

/// Walks over keys, alphabet and digits. Any part of one is as easy to try, in either direction.
const WALKS: [&str; 12] = [
    "01234567890123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiop",
    "qwertzuiopasdfghjklyxcvbnmqwertzuiop",
    "azertyuiopqsdfghjklmwxcvbnazertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p1qaz2wsx",
    "qazwsxedcrfvtgbyhnujmikolpqazwsx",
    "1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t",
    "q1w2e3r4t5y6u7i8o9p0q1w2e3r4",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
    "aabbccddeeffgghhiijjkkllmm",
];

/// Letters of a walk that count as a word.
const MIN_WALK: usize = 6;

/// Characters around a common word that do not make a password of it.
const MAX_AROUND: usize = 6;

/// Letters of a part that may be repeated without becoming a password.
const MAX_REPEATED: usize = 4;

/// Whether somebody who guesses would come by this password early.
pub fn is_common(password: &str) -> bool {
    let plain: String = password.to_lowercase().chars().filter(|c| c.is_alphanumeric() || is_mark(*c)).collect();
    [unmasked(&plain), plain].iter().any(|form| {
        let whole: String = form.chars().filter(|c| c.is_alphanumeric()).collect();
        is_easy(&whole) || is_dressed_up(form)
    })
}

/// A common word with a little around it: a year, a mark, or more of what is easy.
fn is_dressed_up(form: &str) -> bool {
    let core = form.trim_matches(|c: char| !c.is_alphabetic());
    let rest: String = form.split(core).collect();
    let core_is_common = KNOWN.contains(core) || (core.len() >= MIN_WALK && is_walk(core));
    core_is_common && !core.is_empty() && (rest.chars().count() <= MAX_AROUND || is_walk(&rest) || is_repetition(&rest))
}

fn is_easy(whole: &str) -> bool {
    KNOWN.contains(whole) || is_walk(whole) || is_repetition(whole)
}

/// Marks that stand for letters or at the end of a word. Spaces and dashes between words are left out.
fn is_mark(c: char) -> bool {
    "@$!#%&*?+=€£".contains(c)
}

/// With the letters that digits and marks stand for.
fn unmasked(plain: &str) -> String {
    let (word, end) = plain.split_at(plain.trim_end_matches(|c: char| c.is_ascii_digit() || is_mark(c)).len());
    let letters = word.chars().map(|c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    });
    letters.chain(end.chars()).collect()
}

fn is_walk(whole: &str) -> bool {
    let back: String = whole.chars().rev().collect();
    !whole.is_empty() && WALKS.iter().any(|walk| walk.contains(whole) || walk.contains(&back))
}

/// One short part, or a common word, again and again.
fn is_repetition(whole: &str) -> bool {
    let letters: Vec<char> = whole.chars().collect();
    (1..=letters.len() / 2).filter(|length| letters.len().is_multiple_of(*length)).any(|length| {
        let part = &letters[..length];
        let repeats = letters.chunks(length).all(|chunk| chunk == part);
        repeats && (length <= MAX_REPEATED || KNOWN.contains(part.iter().collect::<String>().as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_known_however_it_is_dressed_up() {
        for common in [
            "password12",
            "Password123!",
            "P@ssw0rd2026",
            "pass word 1234",
            "passwordpassword",
            "1234567890",
            "0987654321",
            "98765432109876",
            "qwertyuiop",
            "poiuytrewq",
            "1qaz2wsx3edc",
            "abcabcabcabc",
            "12121212121212",
            "iloveyou123",
            "ILOVEYOU!!!!!!",
            "letmein2025!",
            "W3lcome-2026",
            "administrator",
            "changeme12345",
            "password12345678",
            "qwertyuiop2026",
            "thequickbrownfox",
            "instagram2026",
            "grantlink123",
            "abcdefghijkl",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn what_a_person_made_up_is_not() {
        for own in [
            "three small words",
            "four quite small words",
            "another long password",
            "sentinel words here",
            "äöüäöüäöüz",
            "my password is a cat",
            "qwerty walks home",
            "correct horse battery staple",
            "tiger 8473629105",
            "x7Kp2mQz9v",
            "2026-11-26 is a day",
        ] {
            assert!(!is_common(own), "{own}");
        }
    }

    #[test]
    fn the_list_is_long_and_in_the_form_in_which_it_is_compared() {
        assert!(KNOWN.len() > 500, "{}", KNOWN.len());
        for known in KNOWN.iter() {
            assert!(known.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase()), "{known}");
        }
    }
}
