//! An organization's accent colour: which ones can be seen by everybody, in both themes, and what follows from one. The
//! server decides, and the browser shows the same while somebody types. No I/O.

use crate::error::AppError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Contrast that the words on a button need (WCAG 2.2, 1.4.3).
const TEXT: f64 = 4.5;
/// Contrast that a button needs against what is around it (WCAG 2.2, 1.4.11).
const CONTROL: f64 = 3.0;
/// Relative luminance of the darkest light and of the lightest dark that a page of ours is made of: `--ground` and
/// `--surface` in `style/tokens.css`.
const LIGHT_PAGE: f64 = 0.9355;
const DARK_PAGE: f64 = 0.0114;

const WHITE: [u8; 3] = [255; 3];
const BLACK: [u8; 3] = [0; 3];

/// A colour that stands out on our pages in both themes, and on which words can be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Accent([u8; 3]);

impl Accent {
    /// Takes `#c2410c`, `c2410c` or `#c41`.
    ///
    /// # Errors
    /// When it is no such code, or too close to a page's colour; the words then name one nearby that is not.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let Some(colour) = read(text.trim()) else {
            return refused("Write the colour as six digits or letters from a to f, like #c2410c.".into());
        };
        match fault(colour) {
            None => Ok(Self(colour)),
            Some(fault) => refused(words(colour, fault)),
        }
    }

    /// The words on it: white or black.
    pub fn on_accent(self) -> &'static str {
        if text_on(self.0) == Some(BLACK) { "#000000" } else { "#ffffff" }
    }

    /// For a button under the pointer: further away from its words.
    pub fn strong(self) -> String {
        let away = if text_on(self.0) == Some(BLACK) { WHITE } else { BLACK };
        hex(mix(self.0, away, 14))
    }

    /// The values that style reads, each with its name.
    pub fn properties(self) -> [(&'static str, String); 3] {
        [("--brand", self.to_string()), ("--brand-strong", self.strong()), ("--on-brand", self.on_accent().to_owned())]
    }

    /// The stylesheet that a page with this accent loads. No page may carry style of its own (A60).
    pub fn stylesheet(self) -> String {
        let properties = self.properties().map(|(name, value)| format!("{name}:{value}"));
        format!(".brand{{{}}}\n", properties.join(";"))
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0))
    }
}

impl From<Accent> for String {
    fn from(accent: Accent) -> Self {
        accent.to_string()
    }
}

impl TryFrom<String> for Accent {
    type Error = AppError;

    fn try_from(text: String) -> Result<Self, AppError> {
        Self::parse(&text)
    }
}

fn refused<T>(words: String) -> Result<T, AppError> {
    Err(AppError::field("accent", words))
}

/// Three or six hexadecimal digits, with "#" or without.
fn read(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        6 => {
            let [_, red, green, blue] = value.to_be_bytes();
            Some([red, green, blue])
        }
        3 => {
            let [_, _, high, low] = value.to_be_bytes();
            Some([high & 15, low >> 4, low & 15].map(|digit| digit * 17))
        }
        _ => None,
    }
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Why a colour cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// It is lost on a light page.
    TooLight,
    /// It is lost on a dark page.
    TooDark,
    /// Neither white nor black words can be read on it.
    Unreadable,
}

fn fault(colour: [u8; 3]) -> Option<Fault> {
    let luminance = luminance(colour);
    if contrast(luminance, LIGHT_PAGE) < CONTROL {
        Some(Fault::TooLight)
    } else if contrast(luminance, DARK_PAGE) < CONTROL {
        Some(Fault::TooDark)
    } else if text_on(colour).is_none() {
        Some(Fault::Unreadable)
    } else {
        None
    }
}

/// What is wrong, by how much, and what would do.
fn words(colour: [u8; 3], fault: Fault) -> String {
    let code = hex(colour);
    let (what, page, theme, other) = match fault {
        Fault::TooLight => ("light", LIGHT_PAGE, "light", "darker"),
        Fault::TooDark => ("dark", DARK_PAGE, "dark", "lighter"),
        Fault::Unreadable => {
            return format!("The words on a button of {code} could not be read. Choose another colour.");
        }
    };
    // Cut off, and not rounded: what falls short of 3 must not read "3.0".
    let reached = (contrast(luminance(colour), page) * 10.0).floor() / 10.0;
    let nearby = nearby(colour, fault).map_or_else(String::new, |nearby| format!(", such as {nearby}"));
    format!(
        "{code} is too {what}: a button of it is hard to see on a {theme} page (contrast {reached:.1}, and it takes \
         {CONTROL:.1}). Choose a {other} one{nearby}."
    )
}

/// The first usable colour on the way to black or white.
fn nearby(colour: [u8; 3], wrong: Fault) -> Option<Accent> {
    let towards = if wrong == Fault::TooLight { BLACK } else { WHITE };
    (1..=100).map(|percent| mix(colour, towards, percent)).find(|mixed| fault(*mixed).is_none()).map(Accent)
}

/// So many hundredths of the way from one colour to another.
fn mix(from: [u8; 3], to: [u8; 3], percent: u16) -> [u8; 3] {
    std::array::from_fn(|index| {
        let mixed = (u16::from(from[index]) * (100 - percent) + u16::from(to[index]) * percent + 50) / 100;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    })
}

/// White where it can be read, else black.
fn text_on(colour: [u8; 3]) -> Option<[u8; 3]> {
    let background = luminance(colour);
    [WHITE, BLACK].into_iter().find(|text| contrast(luminance(*text), background) >= TEXT)
}

/// Relative luminance, from 0 to 1 (WCAG 2.2).
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Contrast of two luminances, from 1 to 21 (WCAG 2.2).
fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Accent::parse(text).unwrap_err().for_field("accent").unwrap()
    }

    #[test]
    fn a_colour_is_read_in_each_of_its_spellings() {
        for text in ["#c2410c", "C2410C", " #C2410c "] {
            assert_eq!(Accent::parse(text).unwrap().to_string(), "#c2410c", "{text}");
        }
        assert_eq!(Accent::parse("#e23").unwrap(), Accent::parse("#ee2233").unwrap());
        for wrong in
            ["", "#", "red", "#12", "#12345", "#1234567", "#gggggg", "#+12345", "#é41", "rgb(1,2,3)", "c2410c;"]
        {
            assert!(refusal(wrong).contains("like #c2410c"), "{wrong}");
        }
    }

    #[test]
    fn u19_contrast_is_that_of_wcag() {
        let between = |one, other| contrast(luminance(one), luminance(other));
        assert!((between(WHITE, BLACK) - 21.0).abs() < 0.001);
        // The grey that is known for just failing on white, and the one that just passes.
        assert!((4.47..4.5).contains(&between([0x77; 3], WHITE)));
        assert!((4.5..4.6).contains(&between([0x76; 3], WHITE)));
    }

    #[test]
    fn u19_a_colour_that_is_lost_on_a_page_of_either_theme_is_refused_with_one_that_is_not() {
        for (lost, word) in
            [("#ffffff", "light"), ("#ffe600", "light"), ("#9be7c4", "light"), ("#000000", "dark"), ("#0b3d91", "dark")]
        {
            let words = refusal(lost);
            assert!(words.contains(&format!("{lost} is too {word}")), "{words}");
            assert!(words.contains(&format!("on a {word} page")), "{words}");
            let (_, better) = words.rsplit_once("such as ").unwrap();
            assert!(Accent::parse(better.trim_end_matches('.')).is_ok(), "{words}");
        }
        for seen in ["#c2410c", "#2b7de9", "#d6336c", "#0f8a5f", "#777777"] {
            assert!(Accent::parse(seen).is_ok(), "{seen}: {}", refusal(seen));
        }
    }

    #[test]
    fn u19_whatever_is_accepted_can_be_seen_and_read_on_and_under_the_pointer_too() {
        let steps = [0_u8, 51, 102, 153, 204, 255];
        let mut accepted = 0;
        for red in steps {
            for green in steps {
                for blue in steps {
                    let Ok(accent) = Accent::parse(&hex([red, green, blue])) else { continue };
                    accepted += 1;
                    let text = luminance(read(accent.on_accent()).unwrap());
                    for background in [accent.to_string(), accent.strong()] {
                        let background = luminance(read(&background).unwrap());
                        assert!(contrast(background, text) >= TEXT, "{accent}");
                    }
                    for page in [LIGHT_PAGE, DARK_PAGE] {
                        assert!(contrast(luminance(accent.0), page) >= CONTROL, "{accent}");
                    }
                }
            }
        }
        assert!(accepted > 20, "{accepted}");
    }

    #[test]
    fn a60_a_stylesheet_holds_three_values_and_nothing_that_was_typed() {
        let sheet = Accent::parse("#c2410c").unwrap().stylesheet();
        assert_eq!(sheet, ".brand{--brand:#c2410c;--brand-strong:#a7380a;--on-brand:#ffffff}\n");
    }

    /// `light-dark(oklch(a), oklch(b))` of a token, as luminances.
    fn token(style: &str, name: &str) -> [f64; 2] {
        let line = style.lines().find(|line| line.trim().starts_with(&format!("{name}:"))).unwrap();
        let mut parts = line.split("oklch(").skip(1).map(|part| {
            let mut numbers = part.split([' ', ')', '/']).map(|number| number.parse::<f64>().unwrap());
            luminance_of_oklch([numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap()])
        });
        [parts.next().unwrap(), parts.next().unwrap()]
    }

    /// By way of linear light (CSS Color 4, section 10).
    fn luminance_of_oklch([lightness, chroma, hue]: [f64; 3]) -> f64 {
        let (sine, cosine) = hue.to_radians().sin_cos();
        let (a, b) = (chroma * cosine, chroma * sine);
        let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let middle = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        let red = 4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short;
        let green = -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short;
        let blue = -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short;
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn u19_the_edge_of_a_field_and_every_mark_of_meaning_stand_out_from_the_page_in_both_themes() {
        let style = include_str!("../../../../style/tokens.css");
        for mark in ["--control", "--accent", "--danger", "--success", "--warning"] {
            for page in ["--ground", "--surface"] {
                for (mark_now, page_now) in token(style, mark).into_iter().zip(token(style, page)) {
                    let between = contrast(mark_now, page_now);
                    assert!(between >= CONTROL, "{mark} on {page}: {between:.2}");
                }
            }
        }
    }

    #[test]
    fn u19_colours_are_held_against_the_pages_as_they_are() {
        let style = include_str!("../../../../style/tokens.css");
        let pages = [token(style, "--ground"), token(style, "--surface")];
        let darkest_light = pages[0][0].min(pages[1][0]);
        let lightest_dark = pages[0][1].max(pages[1][1]);
        assert!((darkest_light - LIGHT_PAGE).abs() < 0.001, "{darkest_light}");
        assert!((lightest_dark - DARK_PAGE).abs() < 0.001, "{lightest_dark}");
    }
}
