//! Making a stranger's picture small and harmless: its kind is told by its content, it is drawn anew, and whatever else
//! came with it, such as the place it was taken at, is left behind (A67).

use image::{DynamicImage, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType};
use std::io::Cursor;

/// Longest side of what is kept, in pixels: twice what the widest grid shows.
const LONGEST_SIDE: u32 = 640;
/// Edge of a profile picture, in pixels: several times what a disc takes, for screens of every density.
const EDGE: u32 = 160;
/// Longest side of what is read, in pixels. Instagram's have at most a few thousand.
const MAX_SIDE: u32 = 12_000;
/// The most memory that reading one picture may take.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// Of the JPEG, out of 100.
const QUALITY: u8 = 78;

/// The picture as a small JPEG; `None` when it is none, or too large. It takes a while: call it on a blocking thread.
pub fn shrink(bytes: &[u8]) -> Option<Vec<u8>> {
    let picture = read(bytes)?;
    let small = if picture.width().max(picture.height()) > LONGEST_SIDE {
        picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle)
    } else {
        picture
    };
    draw(&small)
}

/// The middle of the picture as a small square JPEG; `None` as above, and as slow.
pub fn square(bytes: &[u8]) -> Option<Vec<u8>> {
    let picture = read(bytes)?;
    let edge = picture.width().min(picture.height()).min(EDGE);
    draw(&picture.resize_to_fill(edge, edge, FilterType::Triangle))
}

fn read(bytes: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    reader.decode().ok()
}

fn draw(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&picture.to_rgb8()).ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn png_of(picture: RgbImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        png_of(RgbImage::new(width, height))
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
            assert_eq!((shrink(wrong), square(wrong)), (None, None));
        }
        let wide = png(12_001, 1);
        assert_eq!((shrink(&wide), square(&wide)), (None, None));
    }

    #[test]
    fn a67_what_came_along_with_a_picture_is_left_behind() {
        let mut bytes = png(10, 10);
        bytes.extend_from_slice(b"GPS 52.52 13.40");
        for kept in [shrink(&bytes).unwrap(), square(&bytes).unwrap()] {
            assert!(!kept.windows(3).any(|part| part == b"GPS"));
        }
    }

    #[test]
    fn a67_a_profile_picture_is_the_middle_of_what_came() {
        let (red, blue) = (Rgb([200, 0, 0]), Rgb([0, 0, 200]));
        let inside = |at: u32, length: u32| (length / 2).abs_diff(at) <= 100;
        for (width, height) in [(800, 200), (200, 800)] {
            let whole =
                RgbImage::from_fn(width, height, |x, y| if inside(x, width) && inside(y, height) { blue } else { red });
            let kept = square(&png_of(whole)).unwrap();
            assert_eq!(image::guess_format(&kept).unwrap(), ImageFormat::Jpeg);
            let kept = image::load_from_memory(&kept).unwrap().to_rgb8();
            assert_eq!(kept.dimensions(), (160, 160));
            for (x, y) in [(80, 80), (8, 80), (152, 80), (80, 8), (80, 152)] {
                let Rgb([r, _, b]) = *kept.get_pixel(x, y);
                assert!(b > 150 && r < 50, "{width}x{height} at {x}, {y}: {r} {b}");
            }
        }
        for (width, height, edge) in [(640, 640, 160), (90, 120, 90), (1, 1_000, 1)] {
            let kept = image::load_from_memory(&square(&png(width, height)).unwrap()).unwrap();
            assert_eq!((kept.width(), kept.height()), (edge, edge), "of {width}x{height}");
        }
    }
}
