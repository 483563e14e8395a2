//! Making a stranger's picture small and harmless: its kind is told by its content, it is drawn anew, and whatever else
//! came with it, such as the place it was taken at, is left behind (A67).

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage, RgbaImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
    metadata::Orientation,
};
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
/// Height of a logo, and the width of the widest, in pixels.
const LOGO: (u32, u32) = (240, 88);
/// Longest side of a logo as it is read, in pixels. Members send them, and any number of times.
const MAX_LOGO_SIDE: u32 = 6_000;
/// The most memory that reading one logo may take: twelve million pixels with transparency.
const MAX_LOGO_MEMORY: u64 = 48 * 1024 * 1024;
/// The most bytes of a logo: it is part of the client's page, which weighs little.
const MAX_LOGO_BYTES: usize = 5 * 1024;
/// What a logo is drawn with, best first, until it is small enough.
const LOGO_QUALITIES: [u8; 6] = [88, 78, 66, 52, 36, 20];

/// An organization's logo, made small and harmless.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DrawnLogo {
    /// The picture.
    pub jpeg: Vec<u8>,
    /// Its width in pixels; all are equally high.
    pub width: u32,
}

/// The picture as a small JPEG; `None` when it is none, or too large. It takes a while: call it on a blocking thread.
pub fn shrink(bytes: &[u8]) -> Option<Vec<u8>> {
    let picture = read(bytes, MAX_SIDE, MAX_MEMORY)?;
    let small = if picture.width().max(picture.height()) > LONGEST_SIDE {
        picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle)
    } else {
        picture
    };
    draw(&small, QUALITY)
}

/// The middle of the picture as a small square JPEG; `None` as above, and as slow.
pub fn square(bytes: &[u8]) -> Option<Vec<u8>> {
    let picture = read(bytes, MAX_SIDE, MAX_MEMORY)?;
    let edge = picture.width().min(picture.height()).min(EDGE);
    draw(&picture.resize_to_fill(edge, edge, FilterType::Triangle), QUALITY)
}

/// The whole of the picture as a JPEG of the size of logos, upright, on white, or on black where it is so light that it
/// was made for a dark page; `None` when it is none, or too large. It takes a while: call it on a blocking thread.
pub fn logo(bytes: &[u8]) -> Option<DrawnLogo> {
    let (widest, height) = LOGO;
    let picture = read(bytes, MAX_LOGO_SIDE, MAX_LOGO_MEMORY)?;
    let (picture, ground) =
        if picture.color().has_alpha() { on_ground(picture.into_rgba8()) } else { (picture, u8::MAX) };
    let small = picture.resize(widest, height, FilterType::Triangle).into_rgb8();
    let width = small.width().max(height);
    let mut canvas = RgbImage::from_pixel(width, height, Rgb([ground; 3]));
    let (left, top) = ((width - small.width()) / 2, (height - small.height()) / 2);
    imageops::replace(&mut canvas, &small, left.into(), top.into());
    let canvas = DynamicImage::ImageRgb8(canvas);
    let small_enough =
        |picture: &DynamicImage, quality| draw(picture, quality).filter(|jpeg| jpeg.len() <= MAX_LOGO_BYTES);
    let jpeg = LOGO_QUALITIES
        .into_iter()
        .find_map(|quality| small_enough(&canvas, quality))
        // Noise, and nobody's logo.
        .or_else(|| small_enough(&canvas.blur(3.0), 36))?;
    Some(DrawnLogo { jpeg, width })
}

/// A picture with transparency on a ground on which it can be seen, and that ground.
fn on_ground(mut picture: RgbaImage) -> (DynamicImage, u8) {
    let ground = if is_light(&picture) { 0 } else { u8::MAX };
    for pixel in picture.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let over = |channel: u8| {
            let (channel, alpha, ground) = (u32::from(channel), u32::from(alpha), u32::from(ground));
            u8::try_from((channel * alpha + ground * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
        };
        pixel.0 = [over(red), over(green), over(blue), u8::MAX];
    }
    (DynamicImage::ImageRgba8(picture), ground)
}

/// Whether what can be seen of a picture would be lost on white, where white would be seen.
fn is_light(picture: &RgbaImage) -> bool {
    let (mut light, mut seen, mut whole) = (0_u64, 0_u64, 0_u64);
    for pixel in picture.pixels() {
        let [red, green, blue, alpha] = pixel.0.map(u64::from);
        light += (red * 2 + green * 7 + blue) * alpha;
        seen += 10 * alpha;
        whole += 10 * 255;
    }
    seen > 0 && seen < whole && light > seen * 235
}

fn read(bytes: &[u8], max_side: u32, max_memory: u64) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(max_side);
    limits.max_image_height = Some(max_side);
    limits.max_alloc = Some(max_memory);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().ok()?;
    // The buffer of the whole counts, too.
    limits.reserve(decoder.total_bytes()).ok()?;
    // Said in what is left behind; where that makes no sense, the picture is upright.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

fn draw(picture: &DynamicImage, quality: u8) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&picture.to_rgb8()).ok()?;
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
            assert_eq!((shrink(wrong), square(wrong), logo(wrong)), (None, None, None));
        }
        let wide = png(12_001, 1);
        assert_eq!((shrink(&wide), square(&wide), logo(&wide)), (None, None, None));
        assert_eq!(logo(&png(6_001, 1)), None);
        assert!(logo(&png(6_000, 1)).is_some());
    }

    /// The head of a PNG of this size whose data were never written: what a bomb says of itself.
    fn bomb(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let checksum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    /// The checksum of a part of a PNG (its section 5.5).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }

    #[test]
    fn a67_a_logo_that_would_take_much_memory_is_refused_before_it_takes_any() {
        let honest = ImageReader::new(Cursor::new(bomb(1, 1))).with_guessed_format().unwrap().into_dimensions();
        assert_eq!(honest.unwrap(), (1, 1), "the checksum is right");
        for (width, height) in [(10_000, 10_000), (6_000, 6_000), (5_000, 4_000), (u32::MAX, 1), (1 << 31, 1 << 31)] {
            assert_eq!(logo(&bomb(width, height)), None, "{width} x {height}");
        }
    }

    #[test]
    fn a67_a_logo_is_told_by_its_content_and_nothing_comes_along_with_it() {
        // Two kinds in one: the first says what it is, and the other is left behind.
        let mut page = png(300, 100);
        page.extend_from_slice(b"<script>alert(1)</script>");
        let mut archive = png(300, 100);
        archive.extend_from_slice(b"PK\x03\x04");
        for both in [page, archive] {
            let drawn = logo(&both).unwrap();
            assert_eq!(image::guess_format(&drawn.jpeg).unwrap(), ImageFormat::Jpeg);
            for left in [&b"<script"[..], b"PK\x03\x04", b"IHDR"] {
                assert!(!drawn.jpeg.windows(left.len()).any(|part| part == left));
            }
        }
        let mut script_first = b"<script>/*".to_vec();
        script_first.extend(png(300, 100));
        let mut gif_first = b"GIF89a".to_vec();
        gif_first.extend(png(300, 100));
        for other in [&script_first[..], &gif_first, b"%PDF-1.7", b"<?xml version='1.0'?><svg/>", b"BM\0\0"] {
            assert_eq!(logo(other), None);
        }
    }

    fn drawn(picture: &DynamicImage) -> (RgbImage, DrawnLogo) {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let drawn = logo(&bytes.into_inner()).unwrap();
        (image::load_from_memory(&drawn.jpeg).unwrap().to_rgb8(), drawn)
    }

    #[test]
    fn every_logo_is_equally_high_and_the_whole_of_it_is_seen() {
        for (width, height, shown) in [
            (500, 500, 88),
            (88, 88, 88),
            (20, 20, 88),
            (900, 300, 240),
            (176, 88, 176),
            (4_000, 100, 240),
            (100, 900, 88),
        ] {
            let (picture, drawn) =
                drawn(&DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([200, 0, 0]))));
            assert_eq!((picture.width(), picture.height(), drawn.width), (shown, 88, shown), "{width}x{height}");
            let Rgb([red, green, _]) = *picture.get_pixel(shown / 2, 44);
            assert!(red > 150 && green < 60, "{width}x{height}: {red} {green}");
        }
    }

    #[test]
    fn u19_a_logo_with_transparency_stands_on_a_ground_on_which_it_can_be_seen() {
        for (ink, ground) in [(20_u8, 255_u8), (255, 0)] {
            let disc = RgbaImage::from_fn(176, 176, |x, y| {
                let inside = x.abs_diff(88).pow(2) + y.abs_diff(88).pow(2) < 60 * 60;
                // Whatever colour hides behind transparency is not seen.
                if inside { image::Rgba([ink, ink, ink, 255]) } else { image::Rgba([128, 0, 128, 0]) }
            });
            let (picture, _) = drawn(&DynamicImage::ImageRgba8(disc));
            for (x, y, value) in [(44, 44, ink), (2, 2, ground), (85, 85, ground)] {
                for channel in picture.get_pixel(x, y).0 {
                    assert!(channel.abs_diff(value) < 12, "{ink} at {x}, {y}: {channel}");
                }
            }
        }
    }

    #[test]
    fn even_noise_weighs_no_more_than_a_client_s_page_has_room_for() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let noise = RgbImage::from_fn(480, 176, |_, _| Rgb([next(), next(), next()]));
        let (_, drawn) = drawn(&DynamicImage::ImageRgb8(noise));
        assert!(drawn.jpeg.len() <= MAX_LOGO_BYTES, "{} bytes", drawn.jpeg.len());
    }

    #[test]
    fn a_picture_that_lies_on_its_side_is_set_upright() {
        let half = |x| if x < 100 { Rgb([0, 0, 200]) } else { Rgb([200, 0, 0]) };
        let lying = RgbImage::from_fn(200, 200, |x, _| half(x));
        let mut jpeg = draw(&DynamicImage::ImageRgb8(lying), 90).unwrap();
        // What cameras write behind the first two bytes: turn it by 90 degrees to the right.
        let exif = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        drop(jpeg.splice(2..2, exif.iter().copied()));
        let drawn = logo(&jpeg).unwrap();
        let upright = image::load_from_memory(&drawn.jpeg).unwrap().to_rgb8();
        let Rgb([_, _, above]) = *upright.get_pixel(44, 20);
        let Rgb([below, _, _]) = *upright.get_pixel(44, 68);
        assert!(above > 150 && below > 150, "{above} {below}");
        assert!(!drawn.jpeg.windows(4).any(|part| part == b"Exif"));
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
