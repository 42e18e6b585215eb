//! Painting on YUV planes beside painting on RGB.

mod common;

use nico_comments::{Comment, Vpos};
use overlay_render::{
    ChannelOrder, ChromaSiting, Layout, LayoutOptions, Matrix, Overlay, RgbaPixels, Viewport,
    Yuv420p, YuvColors, draw_stage, layout,
};

const GREY: u8 = 110;

fn placed(mails: &[&str]) -> Layout {
    let fonts = common::subset();
    let comments: Vec<_> = mails
        .iter()
        .map(|&mail| Comment::new(Vpos(0), "彩度w").mail(mail))
        .collect();
    layout(&comments, &fonts, &LayoutOptions::default())
}

/// A grey picture of odd size with the comments at 1.3 s, and its planes' widths.
fn painted(
    layout: &Layout,
    (width, height): (u32, u32),
    colors: YuvColors,
) -> ([Vec<u8>; 3], [usize; 2]) {
    let [wide, high] = [width, height].map(|side| usize::try_from(side).expect("small"));
    let (half, half_high) = (wide.div_ceil(2), high.div_ceil(2));
    let mut planes = [
        vec![GREY; wide * high],
        vec![128; half * half_high],
        vec![128; half * half_high],
    ];
    let mut overlay = Overlay::new(layout, Viewport::new(width, height).expect("a good size"));
    let [y, u, v] = &mut planes;
    let mut picture = Yuv420p {
        planes: [y, u, v],
        strides: [wide, half, half],
    };
    overlay.paint_yuv420p(130.0, &mut picture, colors);
    (planes, [wide, half])
}

/// Luma of the RGB picture over the same grey: full range, so that Y' is the grey itself where
/// nothing is.
#[test]
fn luma_is_that_of_the_rgb_picture() {
    let mails = [
        "",
        "red big",
        "ue #123456 gothic",
        "shita black",
        "_live yellow",
        "ue nico:fill:green nico:waku:blue",
    ];
    let layout = placed(&mails);
    let size = (641, 361);
    let colors = YuvColors::default().matrix(Matrix::Bt709).full_range(true);
    let ([luma, ..], _) = painted(&layout, size, colors);
    let picture = draw_stage(&layout, 130.0, size.0, size.1).expect("a good size");
    for (at, (pixel, &y)) in picture.pixels().zip(&luma).enumerate() {
        let [r, g, b, a] = pixel.0.map(f64::from);
        let own = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let expected = own * a / 255.0 + f64::from(GREY) * (1.0 - a / 255.0);
        assert!(
            (expected - f64::from(y)).abs() <= 3.0,
            "pixel {at}: {y}, not {expected}"
        );
    }
}

/// The average of chroma over a comment is its colour's share, wherever the samples lie.
#[test]
fn chroma_keeps_its_sum() {
    let layout = placed(&["blue", "ue red", "shita"]);
    let picture = draw_stage(&layout, 130.0, 640, 360).expect("a good size");
    let cb = |[r, g, b, a]: [u8; 4]| {
        let [r, g, b, a] = [r, g, b, a].map(|channel| f64::from(channel) / 255.0);
        (b - (0.299 * r + 0.587 * g + 0.114 * b)) / 1.772 * 255.0 * a
    };
    let expected: f64 = picture.pixels().map(|pixel| cb(pixel.0)).sum::<f64>() / 4.0;
    for siting in [ChromaSiting::Left, ChromaSiting::Center] {
        let colors = YuvColors::default().full_range(true).siting(siting);
        let ([_, u, _], _) = painted(&layout, (640, 360), colors);
        let sum: f64 = u.iter().map(|&value| f64::from(value) - 128.0).sum();
        assert!(
            (sum / expected - 1.0).abs() < 0.02,
            "{siting:?}: {sum}, not {expected}"
        );
    }
}

/// Over nothing comes the RGB picture, over white what that picture makes of white, in either order
/// of the channels and with rows that are longer than the picture's.
#[test]
fn pixels_are_those_of_the_rgb_picture() {
    let mails = [
        "",
        "red big",
        "ue #123456 gothic",
        "_live yellow",
        "ue nico:fill:#00f8 nico:waku:blue",
    ];
    let layout = placed(&mails);
    let (width, height, stride) = (641, 361, 4 * 641 + 12);
    let expected = draw_stage(&layout, 130.0, width, height).expect("a good size");
    let mut overlay = Overlay::new(&layout, Viewport::new(width, height).expect("a good size"));
    for (below, order) in [
        (0, ChannelOrder::Rgba),
        (255, ChannelOrder::Rgba),
        (255, ChannelOrder::Bgra),
    ] {
        let mut bytes = vec![below; stride * 361];
        let mut pixels = RgbaPixels::new(&mut bytes, stride).order(order);
        assert_eq!(overlay.paint_rgba(130.0, &mut pixels), 5);
        for (row, bytes) in (0..height).zip(bytes.chunks(stride)) {
            assert!(bytes[4 * 641..].iter().all(|&byte| byte == below));
            for (column, pixel) in (0..width).zip(bytes.chunks(4)) {
                let [r, g, b, a] = expected.get_pixel(column, row).0.map(f64::from);
                let rest = f64::from(below) * (1.0 - a / 255.0);
                let seen = |channel: f64| channel * a / 255.0 + rest;
                let opacity = if below == 0 { a } else { 255.0 };
                let mut painted = [pixel[0], pixel[1], pixel[2], pixel[3]].map(f64::from);
                if order == ChannelOrder::Bgra {
                    painted.swap(0, 2);
                }
                for (painted, expected) in painted[..3].iter().zip([r, g, b].map(seen)) {
                    let painted = painted * painted_opacity(pixel[3]);
                    assert!(
                        (painted - expected).abs() < 4.0,
                        "{order:?} over {below} at {column}, {row}: {painted}, not {expected}"
                    );
                }
                assert!((painted[3] - opacity).abs() < 3.0, "{painted:?}");
            }
        }
    }
}

fn painted_opacity(byte: u8) -> f64 {
    f64::from(byte) / 255.0
}

#[test]
#[should_panic(expected = "the picture has 100 bytes in rows of 256")]
fn pixels_that_are_too_few_are_refused() {
    let layout = Layout::default();
    let mut overlay = Overlay::new(&layout, Viewport::new(64, 36).expect("a good size"));
    overlay.paint_rgba(0.0, &mut RgbaPixels::new(&mut [0; 100], 256));
}

/// White, grey and black have no chroma.
#[test]
fn grey_comments_leave_chroma_alone() {
    let layout = placed(&["", "ue black", "shita #808080 nico:fill:white"]);
    let ([_, u, v], _) = painted(&layout, (101, 57), YuvColors::default());
    assert!(u.iter().chain(&v).all(|&value| value == 128));
}

#[test]
#[should_panic(expected = "plane 1 has 10 samples")]
fn planes_that_are_too_small_are_refused() {
    let layout = Layout::default();
    let mut overlay = Overlay::new(&layout, Viewport::new(64, 36).expect("a good size"));
    let (mut y, mut u, mut v) = (vec![0; 64 * 36], vec![0; 10], vec![0; 32 * 18]);
    let mut picture = Yuv420p {
        planes: [&mut y, &mut u, &mut v],
        strides: [64, 32, 32],
    };
    overlay.paint_yuv420p(0.0, &mut picture, YuvColors::default());
}
