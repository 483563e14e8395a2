//! Entries as comma-separated values (RFC 4180), for other programs. Names and descriptions are words of strangers, and
//! programs that show tables take some of them for formulas: those are made plain text (A63).

use super::service::Told;
use crate::timestamp::Timestamp;

/// The first line.
pub const HEADER: &str = "number,time,who,action,what,about,note,from,hash\r\n";

/// An entry, as a line.
pub fn line(told: &Told, now: Timestamp) -> String {
    let entry = &told.listed.entry;
    let fields = [
        told.listed.sequence.map(|number| number.to_string()).unwrap_or_default(),
        entry.at.moment(now).iso,
        told.who.clone(),
        entry.action.clone(),
        told.what.clone(),
        told.about.clone().unwrap_or_default(),
        told.note.clone().unwrap_or_default(),
        entry.peer.clone().unwrap_or_default(),
        told.listed.hash.map(|hash| hash.to_string()).unwrap_or_default(),
    ];
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    format!("{}\r\n", fields.join(","))
}

/// A field as it stands in a line. One that a program could take for a formula begins with an apostrophe, and is quoted
/// like one with a comma, a quote or the end of a line in it. Some programs skip spaces before they look for a formula,
/// and some know the wide forms of its signs.
fn quoted(field: &str) -> String {
    let begins_formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    let is_formula = field.starts_with(begins_formula)
        || field.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).starts_with(begins_formula);
    if !is_formula && !field.contains([',', '"', '\r', '\n']) {
        return field.to_owned();
    }
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a63_no_field_begins_like_a_formula() {
        for (field, line) in [
            ("=HYPERLINK(\"http://evil.example\";\"x\")", "\"'=HYPERLINK(\"\"http://evil.example\"\";\"\"x\"\")\""),
            ("+1+1", "\"'+1+1\""),
            ("-1", "\"'-1\""),
            ("@studio.nora", "\"'@studio.nora\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            (" =1", "\"' =1\""),
            ("＝1", "\"'＝1\""),
        ] {
            assert_eq!(quoted(field), line);
        }
    }

    #[test]
    fn a63_a_field_stays_one_field() {
        for (field, line) in [
            ("plain", "plain"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("a\r\n=b", "\"a\r\n=b\""),
            ("Bäckerei “Huber”", "Bäckerei “Huber”"),
            ("a = b", "a = b"),
        ] {
            assert_eq!(quoted(field), line);
        }
    }
}
