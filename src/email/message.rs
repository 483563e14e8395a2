//! What a mail says, once: the text part and the HTML part are both made from it, so they cannot say different things.
//! Whatever comes in is made harmless here: one line each, of a bounded length, without control characters (A61).

use super::html;
use url::Url;

/// Characters of a subject, a heading or the words on a button.
pub(super) const MAX_LINE: usize = 200;
/// Characters of a paragraph.
pub(super) const MAX_PARAGRAPH: usize = 2_000;
/// Columns of the text part, where words allow.
const COLUMNS: usize = 72;
/// The words above the link that ends mails of this kind.
pub(super) const UNSUBSCRIBE: &str = "Stop these reminders";
/// The words above a link that is shown in full, under its button.
pub(super) const PLAIN_LINK: &str = "If the button does nothing, open this address:";

/// What a mail says, in the order it is read.
#[derive(Clone)]
pub struct Message {
    /// Names the organization and the handle (U27).
    pub subject: String,
    /// What happened, in a few words.
    pub heading: String,
    /// What happened and what to do. Plain text.
    pub paragraphs: Vec<String>,
    /// The one thing to do next.
    pub action: Option<Action>,
    /// Small print: why this mail came, whom to ask. Plain text.
    pub closing: Vec<String>,
}

/// A button, with its address in full beside it.
#[derive(Clone)]
pub struct Action {
    /// What it does, beginning with a verb.
    pub label: String,
    /// Where it leads: http or https.
    pub url: Url,
}

impl Message {
    /// The text part.
    pub(super) fn text(&self, unsubscribe: Option<&Url>) -> String {
        let mut blocks = vec![wrapped(&one_line(&self.heading, MAX_LINE))];
        blocks.extend(self.paragraphs.iter().map(|paragraph| wrapped(&one_line(paragraph, MAX_PARAGRAPH))));
        blocks.extend(self.action.iter().map(|action| {
            let label = one_line(&action.label, MAX_LINE);
            format!("{}\n{}", wrapped(&format!("{label}:")), action.url)
        }));
        blocks.extend(self.closing.iter().map(|line| wrapped(&one_line(line, MAX_PARAGRAPH))));
        blocks.extend(unsubscribe.map(|url| format!("{UNSUBSCRIBE}:\n{url}")));
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n") + "\n"
    }

    /// The HTML part.
    pub(super) fn html(&self, unsubscribe: Option<&Url>) -> String {
        html::page(self, unsubscribe)
    }
}

/// One line of text: white space folded, without control characters and without marks that turn the direction of
/// reading, at most this long.
pub(super) fn one_line(text: &str, max_chars: usize) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let line = text
        .split(|c: char| c.is_whitespace() || c.is_control() || turns(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() <= max_chars {
        return line;
    }
    let mut short: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Broken between words, so that no line is longer than need be.
fn wrapped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut column = 0;
    for word in line.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            subject: "@bakery and Bright & Bold".into(),
            heading: "@bakery is connected".into(),
            paragraphs: vec!["One thing. ".repeat(20), "Another thing.".into(), String::new()],
            action: Some(Action {
                label: "Open @bakery".into(),
                url: Url::parse("https://connect.example/a?x=1&y=2").unwrap(),
            }),
            closing: vec!["Questions? Write to help@connect.example.".into()],
        }
    }

    #[test]
    fn u27_the_text_part_reads_naturally_and_has_the_link_on_a_line_of_its_own() {
        let stop = Url::parse("https://connect.example/stop/abc").unwrap();
        let text = message().text(Some(&stop));
        assert!(text.starts_with("@bakery is connected\n\nOne thing."), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS && line.trim() == line), "{text}");
        assert!(text.contains("\n\nOpen @bakery:\nhttps://connect.example/a?x=1&y=2\n\n"), "{text}");
        assert!(text.ends_with(&format!("\n\n{UNSUBSCRIBE}:\nhttps://connect.example/stop/abc\n")), "{text}");
        assert!(!text.contains("\n\n\n"), "{text}");
    }

    #[test]
    fn a61_one_line_is_one_line() {
        assert_eq!(one_line(" a\r\nBcc: b\u{2028}c\u{2029}d\u{85}e\0f\tg  h ", 99), "a Bcc: b c d e f g h");
        assert_eq!(one_line("pay\u{202e}lap", 99), "pay lap");
        assert_eq!(one_line("äöüß", 4), "äöüß");
        assert_eq!(one_line("äöüßä", 4), "äöü…");
        assert_eq!(one_line("ab cd", 4), "ab…");
        assert_eq!(one_line(&"x".repeat(10_000), MAX_LINE).chars().count(), MAX_LINE);
        assert_eq!(one_line("\r\n", 9), "");
    }
}
