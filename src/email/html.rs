//! The HTML part: one page for all mails, light and dark, without images, scripts, tables or anything to fetch (U27).
//! Mail programs take what stands in `style` attributes; the one style sheet is for those that know about dark.

use super::message::{MAX_LINE, MAX_PARAGRAPH, Message, PLAIN_LINK, UNSUBSCRIBE, one_line};
use url::Url;

/// The colours of one theme. Text of any kind holds 4.5:1 on what it stands on (U19).
struct Theme {
    ground: &'static str,
    sheet: &'static str,
    line: &'static str,
    text: &'static str,
    muted: &'static str,
    accent: &'static str,
    on_accent: &'static str,
}

const LIGHT: Theme = Theme {
    ground: "#f8f7f4",
    sheet: "#ffffff",
    line: "#e3e0db",
    text: "#25221e",
    muted: "#5d5852",
    accent: "#1d4b94",
    on_accent: "#ffffff",
};

const DARK: Theme = Theme {
    ground: "#141311",
    sheet: "#1e1c19",
    line: "#3a3733",
    text: "#eeece8",
    muted: "#b4afa8",
    accent: "#a8c4f5",
    on_accent: "#12203a",
};

const FONT: &str = "font-family: system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/// A whole page that says what the message says.
pub(super) fn page(message: &Message, unsubscribe: Option<&Url>) -> String {
    let Theme { ground, sheet, line, text, muted, accent, on_accent } = LIGHT;
    let frame = format!(
        "max-width: 560px; margin: 0 auto; padding: 24px; border: 1px solid {line}; border-radius: 14px; \
         background-color: {sheet}; {FONT}"
    );
    let small = format!("margin: 0 0 12px; font-size: 14px; line-height: 1.5; color: {muted}; overflow-wrap: anywhere");
    let link = |url: &Url| {
        let url = escaped(url.as_str());
        format!(r#"<a class="link" href="{url}" style="color: {accent}; text-decoration: underline">{url}</a>"#)
    };
    let mut body = format!(
        "<h1 class=\"text\" style=\"margin: 0 0 16px; font-size: 24px; line-height: 1.25; font-weight: 600; \
         color: {text}; overflow-wrap: anywhere\">{}</h1>\n",
        escaped(&one_line(&message.heading, MAX_LINE)),
    );
    for paragraph in filled(&message.paragraphs) {
        body.push_str(&format!(
            "<p class=\"text\" style=\"margin: 0 0 16px; font-size: 16px; line-height: 1.5; color: {text}; \
             overflow-wrap: anywhere\">{}</p>\n",
            escaped(&paragraph),
        ));
    }
    if let Some(action) = &message.action {
        body.push_str(&format!(
            "<p style=\"margin: 24px 0 16px\"><a class=\"button\" href=\"{}\" style=\"display: inline-block; \
             padding: 12px 20px; border-radius: 8px; font-size: 16px; line-height: 1.25; font-weight: 600; \
             background-color: {accent}; color: {on_accent}; text-decoration: none\">{}</a></p>\n",
            escaped(action.url.as_str()),
            escaped(&one_line(&action.label, MAX_LINE)),
        ));
        body.push_str(&format!("<p class=\"muted\" style=\"{small}\">{PLAIN_LINK}<br>{}</p>\n", link(&action.url)));
    }
    for closing in filled(&message.closing) {
        body.push_str(&format!("<p class=\"muted\" style=\"{small}\">{}</p>\n", escaped(&closing)));
    }
    if let Some(url) = unsubscribe {
        body.push_str(&format!("<p class=\"muted\" style=\"{small}\">{UNSUBSCRIBE}:<br>{}</p>\n", link(url)));
    }
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body class="ground" style="margin: 0; padding: 24px 12px; background-color: {ground}">
<div class="sheet" role="main" lang="en" style="{frame}">
{body}</div>
</body>
</html>
"#,
        title = escaped(&one_line(&message.subject, MAX_LINE)),
        style = dark_style(),
    )
}

/// What changes in the dark. Attributes win over rules, unless these insist.
fn dark_style() -> String {
    let Theme { ground, sheet, line, text, muted, accent, on_accent } = DARK;
    format!(
        ":root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
@media (prefers-color-scheme: dark) {{
.ground {{ background-color: {ground} !important; }}
.sheet {{ background-color: {sheet} !important; border-color: {line} !important; }}
.text {{ color: {text} !important; }}
.muted {{ color: {muted} !important; }}
.link {{ color: {accent} !important; }}
.button {{ background-color: {accent} !important; color: {on_accent} !important; }}
}}"
    )
}

/// The paragraphs that say something, made harmless.
fn filled(paragraphs: &[String]) -> impl Iterator<Item = String> {
    paragraphs.iter().map(|paragraph| one_line(paragraph, MAX_PARAGRAPH)).filter(|paragraph| !paragraph.is_empty())
}

/// Text made safe for the inside of elements and of quoted attributes (A58).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::{
        super::message::{Action, Message},
        *,
    };

    const HOSTILE: [&str; 9] = [
        "<script>alert(1)</script>",
        "</title></style></textarea><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg onload=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "javascript:alert(1)",
        "{{7*7}}",
        "<!-- --><!--[if mso]><b>",
        "&lt;script&gt;&#60;b&#62;",
    ];

    fn message(said: &str) -> Message {
        Message {
            subject: format!("Subject {said}"),
            heading: format!("Heading {said}"),
            paragraphs: vec![format!("Paragraph {said}"), said.into()],
            action: Some(Action {
                label: format!("Open {said}"),
                url: Url::parse("https://connect.example/accounts/1?a=1&b=%22").unwrap(),
            }),
            closing: vec![format!("Closing {said}")],
        }
    }

    /// The tags with all their attributes, in order.
    fn tags(html: &str) -> Vec<&str> {
        html.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag)).collect()
    }

    /// What a reader sees.
    fn seen(html: &str) -> String {
        let body = html.split_once("</head>").unwrap().1;
        let text: String = body.split('<').map(|rest| rest.split_once('>').map_or(rest, |(_, text)| text)).collect();
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
        text.replace("&amp;", "&")
    }

    #[test]
    fn a58_hostile_words_stay_words() {
        let tame = page(&message("tame"), None);
        assert!(tags(&tame).len() > 10, "{tame}");
        for said in HOSTILE {
            let html = page(&message(said), None);
            assert_eq!(tags(&html), tags(&tame), "{said}");
            assert!(seen(&html).contains(&format!("Heading {said}")), "{said}: {html}");
        }
    }

    #[test]
    fn u27_both_parts_say_the_same() {
        let stop = Url::parse("https://connect.example/stop/abc?d=e&f").unwrap();
        for said in HOSTILE {
            let message = message(said);
            let (text, html) = (message.text(Some(&stop)), seen(&message.html(Some(&stop))));
            for word in text.lines().flat_map(|line| line.trim_end_matches(':').split(' ')) {
                assert!(html.contains(word), "{word} is missing: {html}");
            }
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let action = message.action.as_ref().unwrap();
            for said in [&message.heading, &message.paragraphs[0], &message.closing[0], &action.label] {
                assert!(text.contains(said.as_str()) && html.contains(said.as_str()), "{said}: {text} {html}");
            }
            for address in [action.url.as_str(), stop.as_str()] {
                assert!(text.contains(address) && html.contains(address), "{address}: {text} {html}");
            }
        }
    }

    #[test]
    fn u27_the_page_has_a_language_a_title_one_heading_and_nothing_to_fetch() {
        let html = page(&message("x"), None);
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{html}");
        assert!(html.contains("<title>Subject x</title>"), "{html}");
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(html.contains("prefers-color-scheme: dark") && html.contains("content=\"light dark\""), "{html}");
        for wrong in ["<img", "<script", "<link", "<table", "url(", "@import", "src=", "http-equiv"] {
            assert!(!html.contains(wrong), "{wrong}: {html}");
        }
        assert_eq!(html.matches("https://").count(), 3, "the button, the plain link, and that link's words");
    }

    /// WCAG 2.2, "relative luminance" and "contrast ratio".
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |colour: &str| {
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn u19_u27_text_stands_out_in_both_themes() {
        assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
        for theme in [LIGHT, DARK] {
            for (front, back) in [
                (theme.text, theme.sheet),
                (theme.muted, theme.sheet),
                (theme.accent, theme.sheet),
                (theme.on_accent, theme.accent),
            ] {
                assert!(contrast(front, back) >= 4.5, "{front} on {back}: {}", contrast(front, back));
            }
        }
    }
}
