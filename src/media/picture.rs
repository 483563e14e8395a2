//! Making a stranger's picture small and harmless: its kind is told by its content, it is drawn anew, and whatever else
//! came with it, such as the place it was taken at, is left behind (A67).

use image::{ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType};
use std::io::Cursor;

/// Longest side of what is kept, in pixels: twice what the widest grid shows.
const LONGEST_SIDE: u32 = 640;
/// Longest side of what is read, in pixels. Instagram's have at most a few thousand.
const MAX_SIDE: u32 = 12_000;
/// The most memory that reading one picture may take.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// Of the JPEG, out of 100.
const QUALITY: u8 = 78;

/// The picture as a small JPEG; `None` when it is none, or too large. It takes a while: call it on a blocking thread.
pub fn shrink(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let small = if picture.width().max(picture.height()) > LONGEST_SIDE {
        picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle)
    } else {
        picture
    };
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&small.to_rgb8()).ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, RgbImage};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(RgbImage::new(width, height)).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a67_a_picture_is_drawn_anew_as_a_small_jpeg_of_the_same_shape() {
        let small = shrink(&png(1_280, 640)).unwrap();
        assert_eq!(image::guess_format(&small).unwrap(), ImageFormat::Jpeg);
        let picture = image::load_from_memory(&small).unwrap();
        assert_eq!((picture.width(), picture.height()), (640, 320));
        let kept = image::load_from_memory(&shrink(&png(10, 20)).unwrap()).unwrap();
        assert_eq!((kept.width(), kept.height()), (10, 20), "a small one is not blown up");
    }

    #[test]
    fn a67_what_is_no_picture_or_too_large_a_one_is_refused() {
        for wrong in [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"GIF89a", b"\xff\xd8\xff"]
        {
            assert_eq!(shrink(wrong), None);
        }
        assert_eq!(shrink(&png(12_001, 1)), None);
    }

    #[test]
    fn a67_what_came_along_with_a_picture_is_left_behind() {
        let mut bytes = png(10, 10);
        bytes.extend_from_slice(b"GPS 52.52 13.40");
        let kept = shrink(&bytes).unwrap();
        assert!(!kept.windows(3).any(|part| part == b"GPS"));
    }
}
