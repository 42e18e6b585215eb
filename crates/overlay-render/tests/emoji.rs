//! Emoji in colour: of Noto's bitmaps, and of two small fonts whose colours are known
//! (`data/fonts/make-emoji.py`).

mod common;

use image::RgbaImage;
use nico_comments::{Comment, Font, Vpos};
use overlay_render::{
    Fonts, Layout, LayoutOptions, Overlay, RgbaPixels, Viewport, Yuv420p, YuvColors, draw_stage,
    layout,
};

fn font(name: &str) -> Vec<u8> {
    std::fs::read(common::data(&format!("fonts/{name}"))).expect("the fonts are in the repository")
}

/// Noto Sans for letters and one of the fonts with colours.
fn fonts(name: &str) -> Fonts {
    let letters = font("NotoCJKjp-Sans-Bold.subset.otf");
    Fonts::from_bytes([font(name), letters]).expect("they are fonts")
}

fn placed(fonts: &Fonts, text: &str, mail: &str) -> Layout {
    let comments = [Comment::new(Vpos(0), text).mail(mail)];
    layout(&comments, fonts, &LayoutOptions::default())
}

fn drawn(fonts: &Fonts, text: &str) -> RgbaImage {
    draw_stage(&placed(fonts, text, "ue"), 100.0, 1920, 1080).expect("a good size")
}

/// How many pixels have a colour, and are neither white nor black nor grey.
fn colored(picture: &RgbaImage) -> usize {
    let is = |[r, g, b, a]: [u8; 4]| a > 0 && (r.abs_diff(g) > 20 || g.abs_diff(b) > 20);
    picture.pixels().filter(|pixel| is(pixel.0)).count()
}

/// The square of 0.8 em of 27 units, drawn: its middle, and its left and right part.
fn square(picture: &RgbaImage) -> [[u8; 4]; 3] {
    let inked: Vec<(u32, u32)> = picture
        .enumerate_pixels()
        .filter(|(.., pixel)| pixel.0[3] > 100)
        .map(|(x, y, _)| (x, y))
        .collect();
    let (left, right) = inked.iter().fold((u32::MAX, 0), |(low, high), &(x, _)| {
        (low.min(x), high.max(x))
    });
    let (top, bottom) = inked.iter().fold((u32::MAX, 0), |(low, high), &(_, y)| {
        (low.min(y), high.max(y))
    });
    let side = 0.8 * 27.0 * overlay_render::UNIT; // 60.7 pixels
    assert!(f64::from(right + 1 - left) <= side + 2.0 && f64::from(bottom + 1 - top) <= side + 2.0);
    let y = u32::midpoint(top, bottom);
    let at = |share: u32| picture.get_pixel(left + (right - left) * share / 8, y).0;
    [at(4), at(1), at(7)]
}

#[test]
fn emoji_have_their_colours() {
    let noto = fonts("NotoColorEmoji.subset.ttf");
    let face = drawn(&noto, "😀");
    assert!(colored(&face) > 2_000, "{}", colored(&face));
    // Letters stay those of the comment, whatever the order of the fonts.
    assert_eq!(noto.names(Font::Defont)[0], "NotoSansCJKjp-Bold");
    assert_eq!(colored(&drawn(&noto, "こんにちは 1 w")), 0);
    for text in ["😀", "あ😀い", "👩\u{200D}🚀"] {
        let placed = placed(&noto, text, "");
        assert_eq!(placed.report().missing, [], "{text}");
    }
}

/// A variation selector asks for a picture or for text; joined ones and those of a skin colour are
/// one picture, as wide as another.
#[test]
fn sequences_are_one_picture() {
    let noto = fonts("NotoColorEmoji.subset.ttf");
    let width = |text: &str| placed(&noto, text, "ue").comments()[0].width;
    for text in ["👍🏽", "👩\u{200D}🚀", "1\u{FE0F}\u{20E3}", "❤\u{FE0F}"] {
        assert!((width(text) - width("😀")).abs() < 1e-9, "{text}");
        assert!(colored(&drawn(&noto, text)) > 1_000, "{text}");
    }
    assert!(width("1") < width("😀") / 1.5);
    assert_eq!(colored(&drawn(&noto, "1\u{FE0E}")), 0);
    assert!(drawn(&noto, "👍🏽") != drawn(&noto, "👍"));
}

/// A green square of 32 pixels at 40 an em, and a red one of half opacity.
#[test]
fn bitmaps_are_scaled_to_the_size_of_the_text() {
    let fonts = fonts("TestBitmaps.ttf");
    assert_eq!(square(&drawn(&fonts, "😀")), [[0, 200, 0, 255]; 3]);
    let [middle, left, right] = square(&drawn(&fonts, "❤\u{FE0F}"));
    for [r, g, b, a] in [middle, left, right] {
        assert!(r.abs_diff(200) <= 1 && g == 0 && b == 0 && a.abs_diff(128) <= 1);
    }
    // With the opacity of the comment: half of all.
    let live = draw_stage(&placed(&fonts, "😀", "ue _live"), 100.0, 1920, 1080);
    let live = live.expect("a good size");
    let most = live.pixels().map(|pixel| pixel.0[3]).max();
    assert_eq!(most, Some(128));
}

/// Layers by hand: a red half on blue, and gradients from blue to red.
#[test]
fn layers_are_painted() {
    let fonts = fonts("TestLayers.ttf");
    let (blue, red) = ([0, 0, 255, 255], [255, 0, 0, 255]);
    let [_, left, right] = square(&drawn(&fonts, "😀"));
    assert_eq!((left, right), (red, blue));
    let [middle, left, right] = square(&drawn(&fonts, "🚀"));
    assert!(left[2] > 200 && left[0] < 60, "{left:?}"); // an eighth red
    assert!(right[0] > 200 && right[2] < 60, "{right:?}");
    assert!(
        middle[0].abs_diff(128) < 8 && middle[2].abs_diff(128) < 8,
        "{middle:?}"
    );
    let [middle, left, right] = square(&drawn(&fonts, "👍"));
    assert!(
        middle[2] > 240 && left[0] > 130 && right[0] > 130,
        "{middle:?} {left:?} {right:?}"
    );
    // Counter-clockwise from the right: just above the right end is the beginning, below the end.
    let sweep = drawn(&fonts, "👩");
    let [_, left, _] = square(&sweep);
    assert!(
        left[0].abs_diff(128) < 12 && left[2].abs_diff(128) < 12,
        "{left:?}"
    );
    // What is left of red where blue is: the left half of the square.
    let blended = drawn(&fonts, "❤\u{FE0F}");
    let reds = blended.pixels().filter(|pixel| pixel.0 == red).count();
    assert!((1_500..2_000).contains(&reds), "{reds}"); // 30 x 61
    assert!(
        blended
            .pixels()
            .all(|pixel| pixel.0[3] == 0 || pixel.0[2] == 0)
    );
}

/// On planes: green is (117, 70, 54) in BT.601, and what is not covered stays.
#[test]
fn planes_get_the_same_colours() {
    let fonts = fonts("TestBitmaps.ttf");
    let placed = placed(&fonts, "😀", "ue");
    let viewport = Viewport::new(640, 360).expect("a good size");
    let mut overlay = Overlay::new(&placed, viewport);
    let (mut y, mut u, mut v) = (
        vec![50; 640 * 360],
        vec![128; 320 * 180],
        vec![128; 320 * 180],
    );
    let mut picture = Yuv420p {
        planes: [&mut y, &mut u, &mut v],
        strides: [640, 320, 320],
    };
    overlay.paint_yuv420p(100.0, &mut picture, YuvColors::default());
    let drawn = draw_stage(&placed, 100.0, 640, 360).expect("a good size");
    let inked: Vec<usize> = (0..640 * 360).filter(|&at| y[at] != 50).collect();
    assert!(inked.len() > 300, "{}", inked.len());
    for (at, pixel) in drawn.pixels().enumerate() {
        match pixel.0[3] {
            0 => assert_eq!(y[at], 50),
            255 => assert_eq!(y[at], 117),
            _ => assert!((50..=117).contains(&y[at])),
        }
    }
    let columns = inked.iter().map(|at| at % 640);
    let column = columns.clone().min().zip(columns.max());
    let (left, right) = column.expect("there is something");
    let mut bytes = vec![0; 640 * 360 * 4];
    let mut pixels = RgbaPixels::new(&mut bytes, 640 * 4);
    assert_eq!(overlay.paint_rgba(100.0, &mut pixels), 1);
    for (painted, drawn) in bytes.chunks(4).zip(drawn.pixels()) {
        assert!(painted[3].abs_diff(drawn.0[3]) <= 1);
        assert!(drawn.0[3] < 255 || painted == drawn.0);
    }
    let row = inked[inked.len() / 2] / 640;
    let middle = row * 640 + usize::midpoint(left, right);
    let chroma = middle / 640 / 2 * 320 + middle % 640 / 2;
    assert_eq!((u[chroma], v[chroma]), (70, 54));
}

/// Fonts that are damaged anywhere draw something or nothing.
#[test]
fn damaged_fonts_do_not_panic() {
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    for name in [
        "TestBitmaps.ttf",
        "TestLayers.ttf",
        "NotoColorEmoji.subset.ttf",
    ] {
        let whole = font(name);
        for _ in 0..30 {
            let mut bytes = whole.clone();
            for _ in 0..=random(12) {
                let at = random(bytes.len());
                bytes[at] = u8::try_from(random(256)).expect("a byte");
            }
            if random(4) == 0 {
                bytes.truncate(random(whole.len()));
            }
            let Ok(fonts) = Fonts::from_bytes([bytes]) else {
                continue;
            };
            let placed = placed(&fonts, "😀❤\u{FE0F}👍🏽👩\u{200D}🚀1\u{FE0F}\u{20E3}", "ue");
            draw_stage(&placed, 100.0, 320, 180).expect("a good size");
        }
    }
}
