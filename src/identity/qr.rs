//! Draws a QR code, as one path of an SVG: the page that shows it needs no picture, no script and no other origin.

use super::model::QrDrawing;
use crate::failure::Failure;
use qrcode::{Color, EcLevel, QrCode};

/// Empty squares around the code, which readers need (ISO/IEC 18004 section 9.1).
const QUIET: usize = 4;

/// Draws a text.
///
/// # Errors
/// When it is too long for a QR code.
pub fn draw(text: &str) -> Result<QrDrawing, Failure> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| Failure::internal("a text that no QR code can hold"))?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    let size = u32::try_from(width + 2 * QUIET).map_err(|_| Failure::internal("a QR code of no size"))?;
    Ok(QrDrawing { size, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_has_the_three_corners_that_readers_look_for() {
        let QrDrawing { size, path } = draw("otpauth://totp/Grantlink:ann%40agency.example?secret=A&issuer=G").unwrap();
        // The upper edges of the left and the right corner, and that of the lower one.
        let far = size - 4 - 7;
        for edge in ["M4 4h7v1h-7z".to_owned(), format!("M{far} 4h7v1h-7z"), format!("M4 {far}h7v1h-7z")] {
            assert!(path.contains(&edge), "{edge}: {path}");
        }
        assert!(path.bytes().all(|b| b.is_ascii_digit() || b"Mhvz- ".contains(&b)), "{path}");
    }

    #[test]
    fn an_address_of_any_length_fits() {
        assert!(draw(&"%C3%A4".repeat(254)).is_ok());
        assert!(draw(&"x".repeat(5_000)).is_err());
    }
}
