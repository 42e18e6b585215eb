//! What a viewer can set of comments: how many, how large, how fast, how opaque and where.

mod common;

use std::ops::ControlFlow;

use nico_comments::{Comment, Fork, Position, Vpos};
use overlay_render::{
    AssOptions, Error, LaneOverflow, Layout, LayoutOptions, LayoutWarning, UNIT, layout,
    layout_with_progress, write_ass,
};
use proptest::prelude::*;

fn placed(comments: &[Comment], options: &LayoutOptions) -> Layout {
    layout(comments, &common::subset(), options)
}

fn few() -> Vec<Comment> {
    vec![
        Comment::new(Vpos(0), "こんにちは w"),
        Comment::new(Vpos(100), "固定").mail("ue big red"),
        Comment::new(Vpos(150), "下").mail("shita small _live"),
        Comment::new(Vpos(200), "あ".repeat(30)).mail("ue"),
    ]
}

/// Everything is the same but the opacity, in subtitles as well: 0.3 is &HB3& (255 - 77 = 178.5).
#[test]
fn opacity_is_multiplied() {
    let options = LayoutOptions::default();
    let (usual, faint) = (
        placed(&few(), &options),
        placed(&few(), &options.clone().opacity(0.3)),
    );
    for (usual, faint) in usual.comments().iter().zip(faint.comments()) {
        assert!((faint.opacity - usual.opacity * 0.3).abs() < 1e-12);
        assert!((faint.pos_y - usual.pos_y).abs() < 1e-12);
    }
    let mut file = Vec::new();
    write_ass(&faint, &AssOptions::default(), &mut file).expect("a Vec takes all");
    let file = String::from_utf8(file).expect("text");
    assert!(file.contains("\\1a&HB2&"), "{file}");
    let clear = placed(&few(), &LayoutOptions::default().opacity(0.0));
    let picture = overlay_render::draw_stage(&clear, 150.0, 320, 180).expect("a good size");
    assert!(picture.pixels().all(|pixel| pixel.0[3] == 0));
}

/// Twice as large: boxes of twice the height, 5 medium lanes (1080/191) in place of 11, and fixed
/// comments still as wide as they may be, 512 units.
#[test]
fn sizes_are_multiplied() {
    let options = LayoutOptions::default().lane_overflow(LaneOverflow::Constant(0.5));
    let large = placed(&few(), &options.clone().size(2.0));
    let usual = placed(&few(), &options);
    for (usual, large) in usual.comments().iter().zip(large.comments()) {
        assert!(large.position == Position::Naka || large.width <= 512.0 * UNIT + 1e-9);
        if !large.resized_x {
            assert!((large.height - 2.0 * usual.height).abs() < 1e-9);
            assert!((large.width - 2.0 * usual.width).abs() < 1e-9);
        }
        assert!((large.font_px * large.glyph_scale) <= 2.0 * usual.font_px * usual.glyph_scale);
    }
    assert!(large.comments()[3].resized_x);
    let crowd: Vec<Comment> = (0..20).map(|_| Comment::new(Vpos(0), "草")).collect();
    let lanes = |size: f64| {
        let placed = placed(&crowd, &options.clone().size(size));
        placed.comments().iter().filter(|c| c.overflow == 0).count()
    };
    assert_eq!([lanes(1.0), lanes(2.0)], [11, 5]);
    let small = placed(&crowd, &options.clone().size(0.25));
    let ink = overlay_render::draw_stage(&small, 100.0, 1920, 1080).expect("a good size");
    let rows = ink.enumerate_pixels().filter(|(.., pixel)| pixel.0[3] > 0);
    let lowest = rows.map(|(_, y, _)| y).max().expect("there is something");
    assert!(lowest < 20 * 24 + 5, "{lowest}"); // 20 lanes of 95.5/4 pixels
}

/// Twice as fast: twice the way in each centisecond, and gone in half the time; fixed ones stay as
/// long as before.
#[test]
fn speed_is_that_of_scrolling_comments() {
    let options = LayoutOptions::default();
    let (usual, fast) = (
        placed(&few(), &options),
        placed(&few(), &options.clone().speed(2.0)),
    );
    for (usual, fast) in usual.comments().iter().zip(fast.comments()) {
        if fast.position != Position::Naka {
            assert_eq!(usual.long, fast.long);
            continue;
        }
        assert!((fast.speed() / usual.speed() - 2.0).abs() < 1e-9);
        assert!(usual.visible_at(300.0) && !fast.visible_at(300.0));
    }
    let slow = placed(&few(), &options.speed(0.5));
    let ratio = slow.comments()[0].speed() / usual.comments()[0].speed();
    assert!((ratio - 0.5).abs() < 1e-9, "{ratio}");
}

/// The upper half: nothing below 540, those without a lane as well; bottom comments stand on its
/// lower edge.
#[test]
fn comments_stay_in_their_area() {
    let mails = ["", "ue", "shita big", "small"];
    let crowd: Vec<Comment> = (0..120)
        .map(|i| Comment::new(Vpos(i), "w草").mail(mails[usize::try_from(i).expect("small") % 4]))
        .collect();
    for source in [
        LaneOverflow::Random { seed: 3 },
        LaneOverflow::Constant(1.0),
    ] {
        let options = LayoutOptions::default().lane_overflow(source).area(0.5);
        let placed = placed(&crowd, &options);
        assert!(placed.report().lane_overflow > 20);
        for comment in placed.comments() {
            let bottom = comment.top() + comment.height;
            assert!(
                comment.top() >= 0.0 && bottom <= 540.0 + 1e-9,
                "{comment:?}"
            );
        }
        let shita = |c: &&overlay_render::PlacedComment| c.position == Position::Shita;
        let first = placed.comments().iter().find(shita).expect("some are");
        assert!((first.top() + first.height - 540.0).abs() < 1e-9);
        let picture = overlay_render::draw_stage(&placed, 200.0, 320, 180).expect("a good size");
        let low = picture.enumerate_pixels().filter(|(_, y, _)| *y > 92);
        assert!(low.into_iter().all(|(.., pixel)| pixel.0[3] == 0));
    }
}

/// What is longer than the limits is cut off, and told.
#[test]
fn long_texts_are_cut() {
    let comments = [
        Comment::new(Vpos(0), "12345678"),
        Comment::new(Vpos(0), "a\nb\nc\nd"),
        Comment::new(Vpos(0), "短い"),
        Comment::new(Vpos(0), "😀😀😀"),
    ];
    let options = LayoutOptions::default().max_length(5).max_lines(2);
    let placed = placed(&comments, &options);
    let texts: Vec<&str> = placed.comments().iter().map(|c| c.text.as_str()).collect();
    assert_eq!(texts, ["12345", "a\nb", "短い", "😀😀"]); // an emoji is two UTF-16 units
    assert_eq!(placed.report().cut, 3);
    let warnings = placed.warnings(None);
    assert!(warnings.contains(&LayoutWarning::TextsCut { cut: 3 }));
}

#[test]
fn options_out_of_range_are_refused() {
    let options = LayoutOptions::default;
    for (wrong, name) in [
        (options().opacity(1.5), "opacity"),
        (options().opacity(f64::NAN), "opacity"),
        (options().size(0.0), "size"),
        (options().speed(5.0), "speed"),
        (options().area(0.0), "area"),
        (options().density(0.0), "density"),
        (options().density(f64::INFINITY), "density"),
        (options().max_length(0), "text"),
        (options().max_lines(257), "lines"),
        (options().lane_overflow(LaneOverflow::Constant(2.0)), "lane"),
    ] {
        let go_on = &mut |_| ControlFlow::Continue(());
        let fonts = common::subset();
        let error = layout_with_progress(&few(), &fonts, &wrong, go_on).expect_err(name);
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// Of two that do not fit together the one with more nicoru stays, of equal ones the one with the
/// better score, then the earlier; the owner's stay in any case.
#[test]
fn the_best_stay() {
    let wide = || "あ".repeat(20);
    let nicoru = |vpos, nicoru| {
        let mut comment = Comment::new(Vpos(vpos), wide());
        comment.nicoru = Some(nicoru);
        comment
    };
    let comments = [
        nicoru(0, 1),
        nicoru(1, 5),
        Comment::new(Vpos(2), wide()).score(-500),
        Comment::new(Vpos(3), wide()),
        Comment::new(Vpos(4), wide()),
        Comment::new(Vpos(5), wide()).fork(Fork::Owner),
    ];
    let kept = |density: f64| {
        let placed = placed(&comments, &LayoutOptions::default().density(density));
        assert_eq!(
            placed.report().thinned + placed.report().shown,
            comments.len()
        );
        let kept = placed.comments().iter().filter(|c| !c.thinned);
        kept.map(|c| c.src).collect::<Vec<_>>()
    };
    let share = {
        let placed = placed(&comments, &LayoutOptions::default());
        let one = &placed.comments()[0];
        one.width / 1920.0 * one.height / 1080.0
    };
    let up_to = |number: f64| kept(share * (number + 0.5));
    assert_eq!(up_to(6.0), [0, 1, 2, 3, 4, 5]);
    assert_eq!(up_to(5.0), [0, 1, 3, 4, 5]);
    assert_eq!(up_to(4.0), [0, 1, 3, 5]);
    assert_eq!(up_to(3.0), [0, 1, 5]);
    assert_eq!(up_to(2.0), [1, 5]);
    assert_eq!(up_to(0.1), [5]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// At no time do comments take more than the density, and none is left out for which there was
    /// room with all that stay.
    #[test]
    fn no_time_is_denser_than_asked_for(
        drawn in prop::collection::vec((0i64..900, 1usize..25, 0usize..4, 0i64..3), 2..60),
        density in 0.05..0.6_f64,
    ) {
        let mails = ["", "ue", "shita big", "small @5"];
        let comments: Vec<Comment> = drawn
            .iter()
            .map(|&(vpos, length, mail, nicoru)| {
                let mut comment = Comment::new(Vpos(vpos), "あ".repeat(length)).mail(mails[mail]);
                comment.nicoru = Some(nicoru);
                comment
            })
            .collect();
        let all = placed(&comments, &LayoutOptions::default());
        let thinned = placed(&comments, &LayoutOptions::default().density(density));
        let share = |index: usize| {
            let comment = &all.comments()[index]; // with its size
            comment.width.min(1920.0) / 1920.0 * comment.height.min(1080.0) / 1080.0
        };
        let load = |t: f64| -> f64 {
            let there = all.comments().iter().filter(|c| c.visible_at(t));
            there.filter(|c| !thinned.comments()[c.index].thinned).map(|c| share(c.index)).sum()
        };
        let times: Vec<f64> = (-300..1800).map(f64::from).collect();
        for &t in times.iter().step_by(7) {
            prop_assert!(load(t) <= density + 1e-6, "{t}: {}", load(t));
        }
        for comment in thinned.comments().iter().filter(|c| c.thinned) {
            let own = &all.comments()[comment.index];
            let there = times.iter().filter(|&&t| own.visible_at(t));
            let most = there.map(|&t| load(t)).fold(0.0, f64::max);
            prop_assert!(most + share(comment.index) > density);
        }
    }
}
