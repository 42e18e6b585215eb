//! What holds for any comments.

mod common;

use std::ops::ControlFlow;

use nico_comments::{Comment, Fork, Mail, Position, Vpos};
use overlay_render::{
    AssOptions, Error, Fonts, LaneOverflow, Layout, LayoutOptions, PackedComments, PlacedComment,
    Player, draw_stage, layout, layout_packed, layout_with_progress, write_ass, write_layout_json,
};
use proptest::prelude::*;

/// A scrolling comment looks for others every 5 cs, and the fastest move 6 px a cs.
const BETWEEN_LOOKS: f64 = 30.0;

fn written(layout: &Layout) -> (Vec<u8>, Vec<u8>) {
    let (mut json, mut ass) = (Vec::new(), Vec::new());
    write_layout_json(layout, &mut json).expect("a Vec takes all");
    write_ass(layout, &AssOptions::default(), &mut ass).expect("a Vec takes all");
    (json, ass)
}

/// The part of a box between the lines where scrolling comments make room for each other.
fn between_probes(comment: &PlacedComment, t: f64) -> Option<(f64, f64)> {
    let x = comment.x_at(t);
    let (left, right) = (x.max(235.0), (x + comment.width).min(1685.0));
    (comment.visible_at(t) && left < right).then_some((left, right))
}

fn overlap(a: &PlacedComment, b: &PlacedComment, t: f64) -> f64 {
    let apart = a.top() + a.height <= b.top() + 1e-6 || b.top() + b.height <= a.top() + 1e-6;
    let boxes = (between_probes(a, t), between_probes(b, t));
    let (Some((a_left, a_right)), Some((b_left, b_right))) = boxes else {
        return 0.0;
    };
    if apart {
        0.0
    } else {
        a_right.min(b_right) - a_left.max(b_left)
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "naka",
            "ue",
            "shita",
            "big",
            "small",
            "medium",
            "full",
            "ender",
            "_live",
            "invisible",
            "gothic",
            "mincho",
            "simsun",
            "nico:flash",
            "red",
            "#012345",
            "@1",
            "@5.5",
            "@0",
            "@999999999999",
            "nico:opacity:0.3",
            "nico:fill:#12345678",
            "nico:waku:red",
            "nico:stroke:#f00",
            "184",
            "patissier",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ]
}

fn any_comment() -> impl Strategy<Value = Comment> {
    let body = prop_oneof![
        4 => "\\PC{0,30}",
        2 => any::<String>(),
        2 => "[@＠/](デフォルト|置換|逆|コメント禁止|ジャンプ|ボタン)?[ 　「」\"'a-c\n]{0,12}",
        1 => "[あ♡█・²w \u{3000}\u{2001}\u{A0}\n]{0,60}",
        1 => "[あ-ん亜w \u{3000}\u{2003}\n\u{200B}\u{202E}א-ת]{0,60}",
    ];
    let vpos = prop_oneof![8 => -500i64..3000, 1 => any::<i64>()];
    (
        body,
        vpos,
        prop::collection::vec(word(), 0..5),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(body, vpos, words, owner, premium)| {
            Comment::new(Vpos(vpos), body)
                .mail(Mail::from_words(words.iter().map(String::as_str)))
                .fork(if owner { Fork::Owner } else { Fork::Main })
                .premium(premium)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text and commands are laid out, drawn and written; numbers stay finite.
    #[test]
    fn nothing_panics(
        comments in prop::collection::vec(any_comment(), 1..12),
        t in -600f64..3600.0,
        player in prop::sample::select(Player::ALL.to_vec()),
    ) {
        let fonts = common::subset();
        let placed = layout(&comments, &fonts, &LayoutOptions::default().player(player));
        for comment in placed.comments() {
            let numbers = [comment.width, comment.height, comment.pos_y, comment.x_at(t), comment.char_size];
            prop_assert!(numbers.iter().all(|n| n.is_finite()), "{comment:?}");
            prop_assert!(comment.width >= 0.0 && comment.height >= 0.0);
        }
        draw_stage(&placed, t, 160, 90).expect("a good size");
        let (json, ass) = written(&placed);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&json).is_ok());
        prop_assert!(String::from_utf8(ass).is_ok());
    }

    /// In little memory comments are placed the same, in either player's look.
    #[test]
    fn packed_comments_are_placed_the_same(
        comments in prop::collection::vec(any_comment(), 0..12),
        player in prop::sample::select(Player::ALL.to_vec()),
        density in prop::option::of(0.1f64..1.0),
    ) {
        let fonts = common::subset();
        let options = LayoutOptions::default().player(player).density(density);
        let packed: PackedComments = comments.iter().collect();
        let placed = layout_packed(packed, &fonts, &options, &mut |_| ControlFlow::Continue(()));
        let plain = layout(&comments, &fonts, &options);
        prop_assert_eq!(written(&placed.expect("nothing stops it")), written(&plain));
    }

    /// Comments that found a lane do not overlap while both cross the stage.
    #[test]
    fn comments_with_a_lane_do_not_overlap(
        drawn in prop::collection::vec((0i64..900, 1usize..12, 0usize..3, 0usize..4), 2..40),
    ) {
        let fonts = common::subset();
        let sizes = ["big", "medium", "small"];
        let places = ["naka", "naka", "ue", "shita"];
        let comments: Vec<_> = drawn
            .iter()
            .map(|&(vpos, length, size, place)| {
                let mail = Mail::from_words([sizes[size], places[place]]);
                Comment::new(Vpos(vpos), "あ".repeat(length)).mail(mail)
            })
            .collect();
        let placed = layout(&comments, &fonts, &LayoutOptions::default());
        let with_lane: Vec<_> = placed.comments().iter().filter(|c| c.overflow == 0).collect();
        for (i, a) in with_lane.iter().enumerate() {
            for b in with_lane[..i].iter().filter(|b| b.position == a.position) {
                let tolerance = if a.position == Position::Naka { BETWEEN_LOOKS } else { 0.0 };
                // The last 0.19 s of a fixed comment are given away on purpose.
                let end = if a.position == Position::Naka { 1400 } else { a.vpos.0.min(b.vpos.0) + 281 };
                for t in (a.vpos.0.max(b.vpos.0) - 200..end).step_by(7) {
                    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                    let shared = overlap(a, b, t as f64);
                    prop_assert!(shared <= tolerance, "{shared} px at {t}:\n{a:?}\n{b:?}");
                }
            }
        }
    }

    /// The same comments give the same layout; another seed only moves those without a lane.
    #[test]
    fn seeds_move_only_comments_without_a_lane(count in 1usize..40, seed in any::<u64>()) {
        let fonts = common::subset();
        let comments = vec![Comment::new(Vpos(100), "神回").mail("ue"); count];
        let place = |seed| {
            let options = LayoutOptions::default().lane_overflow(LaneOverflow::Random { seed });
            layout(&comments, &fonts, &options)
        };
        let (a, b, again) = (place(seed), place(seed ^ 1), place(seed));
        prop_assert_eq!(written(&a), written(&again));
        for (a, b) in a.comments().iter().zip(b.comments()) {
            prop_assert!(a.overflow > 0 || a.pos_y == b.pos_y);
        }
    }
}

#[test]
fn extreme_texts_are_laid_out_and_drawn() {
    let fonts = common::subset();
    let texts = [
        "w".repeat(100_000),
        "草".repeat(100_000),
        "あ\n".repeat(10_000),
        "\n".repeat(10_000),
        "\u{200B}\u{200D}\u{FEFF}".repeat(1000),
        "שלום עולם مرحبا ".repeat(100),
        "\u{1}\u{7}\u{1B}\r\u{B}\u{C}\u{7F}".to_owned(),
        "e\u{301}".repeat(2000),
        "a".to_owned() + &"\u{301}".repeat(5000),
        "👨\u{200D}👩\u{200D}👧🇯🇵☺\u{FE0F}".repeat(50),
        "\u{10FFFF}\u{E000}𠮷".repeat(50),
        String::new(),
    ];
    let mails = ["", "ue", "shita full", "ue big ender", "ue small", "mincho"];
    let comments: Vec<_> = texts
        .iter()
        .flat_map(|text| {
            mails
                .iter()
                .map(|&mail| Comment::new(Vpos(100), text.clone()).mail(mail))
        })
        .collect();
    let placed = layout(&comments, &fonts, &LayoutOptions::default());
    assert_eq!(placed.comments().len(), comments.len());
    for t in [-50.0, 100.0, 250.5, 500.0] {
        draw_stage(&placed, t, 320, 180).expect("a good size");
    }
    written(&placed);
}

/// Section 8: the facts about times, for comments of 300 cs.
#[test]
fn times_are_those_of_the_player() {
    let fonts = common::subset();
    let comments = [
        Comment::new(Vpos(1000), "流れる"),
        Comment::new(Vpos(1000), "固定").mail("ue"),
        Comment::new(Vpos(1000), "長い").mail("shita @10"),
    ];
    let placed = layout(&comments, &fonts, &LayoutOptions::default());
    let [naka, ue, shita] = placed.comments() else {
        panic!("three comments");
    };
    assert!((naka.x_at(900.0) - 1725.0).abs() < 1e-9);
    let right = naka.x_at(1300.0) + naka.width;
    assert!((right - (195.0 + 0.05 * naka.width)).abs() < 1e-9);
    assert!((naka.x_at(1000.0) - naka.x_at(1001.0) - naka.speed()).abs() < 1e-9);
    assert!(
        !ue.visible_at(999.9)
            && ue.visible_at(1000.0)
            && ue.visible_at(1299.9)
            && !ue.visible_at(1300.0)
    );
    assert!(shita.visible_at(1999.0) && !shita.visible_at(2000.0));
    assert!((ue.x_at(1000.0) - (1920.0 - ue.width) / 2.0).abs() < 1e-9);
    assert!((shita.top() + shita.height - 1080.0).abs() < 1e-9);
    assert_eq!(placed.draw_list(880.0).len(), 1); // seen before its vpos
}

#[test]
fn of_too_many_comments_the_newest_are_painted() {
    let fonts = common::subset();
    let mut comments: Vec<_> = (0..9).map(|i| Comment::new(Vpos(i), "w")).collect();
    comments[7] = comments[7].clone().fork(Fork::Owner);
    let shown = |options: &LayoutOptions| -> Vec<usize> {
        let items = layout(&comments, &fonts, options).draw_list(50.0);
        items.iter().map(|item| item.index).collect()
    };
    assert_eq!(
        shown(&LayoutOptions::default()),
        [0, 1, 2, 3, 4, 5, 6, 8, 7]
    );
    assert_eq!(shown(&LayoutOptions::default().limit(3)), [6, 8, 7]);
}

#[test]
fn the_owners_scripts_act() {
    let fonts = common::subset();
    let owner =
        |vpos, body: &str, mail: &str| Comment::new(Vpos(vpos), body).mail(mail).fork(Fork::Owner);
    let comments = [
        owner(0, "@デフォルト", "shita red @5"),
        owner(0, "@置換 草 w", ""),
        owner(1000, "@コメント禁止", "@2"),
        owner(2000, "@逆", "@10"),
        Comment::new(Vpos(100), "草草"),
        Comment::new(Vpos(1100), "禁止"),
        Comment::new(Vpos(2100), "逆"),
    ];
    let placed = layout(&comments, &fonts, &LayoutOptions::default());
    let find = |src: usize| {
        let found = placed.comments().iter().find(|comment| comment.src == src);
        found.expect("each comment is placed")
    };
    let (replaced, banned, mirrored) = (find(4), find(5), find(6));
    assert_eq!(
        (replaced.text.as_str(), replaced.position),
        ("ww", Position::Shita)
    );
    assert_eq!(replaced.color.to_string(), "#FF0000");
    assert!(placed.draw_list(1150.0).is_empty());
    assert_eq!(placed.draw_list(1200.0)[0].index, banned.index);
    let (x, _) = placed
        .position_at(mirrored.index, 2100.0)
        .expect("on stage");
    assert!((x - (1920.0 - mirrored.width - mirrored.x_at(2100.0))).abs() < 1e-9);
    assert!(
        comments
            .iter()
            .enumerate()
            .take(4)
            .all(|(src, _)| find(src).invisible)
    );
}

/// 5,000 comments within one second: places are found, heights stay on the stage, and a frame is
/// drawn.
#[test]
fn crowds_are_laid_out_and_drawn() {
    let fonts = common::subset();
    let mails = ["", "ue", "shita big", "small @1", "@30"];
    let comments: Vec<_> = (0..5000_i64)
        .map(|i| {
            let mail = mails[usize::try_from(i % 5).expect("small")];
            Comment::new(Vpos(i / 50), format!("弾幕{}", i % 37)).mail(mail)
        })
        .collect();
    let placed = layout(&comments, &fonts, &LayoutOptions::default());
    assert!(
        placed
            .comments()
            .iter()
            .all(|c| (0.0..1080.0).contains(&c.pos_y))
    );
    assert!(placed.comments().iter().filter(|c| c.overflow > 0).count() > 4000);
    assert_eq!(placed.draw_list(99.0).len(), 5000);
    draw_stage(&placed, 99.0, 160, 90).expect("a good size");
}

/// What a report counts, and what a person is warned of: nothing to show, a broadcast's times beside
/// a short video, emoji that no font has.
#[test]
fn layouts_say_what_became_of_comments() {
    let fonts = common::subset();
    let comments = [
        Comment::new(Vpos(0), "草🐪🐪🤷\u{200D}\u{FE0F}"),
        Comment::new(Vpos(-500), "草🐪"),
        Comment::new(Vpos(6_200), "草"), // comes in a second and more before its time
        Comment::new(Vpos(1_440_040), "草"),
        Comment::new(Vpos(0), "🐫").mail("invisible"),
        Comment::new(Vpos(0), "/play"),
        Comment::new(Vpos(0), " \u{3000}"),
        Comment::new(Vpos(0), "").deleted(2),
    ];
    let placed = layout(&comments, &fonts, &LayoutOptions::default());
    let report = placed.report();
    assert_eq!(
        (
            report.given,
            report.deleted,
            report.hidden,
            report.blank,
            report.shown
        ),
        (8, 1, 2, 1, 4)
    );
    assert_eq!(report.missing, ['🐪', '🤷']);
    let warnings = |layout: &Layout, seconds| {
        let warnings = layout.warnings(seconds);
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        warnings(&placed, Some(61.0)),
        [
            "2 of 4 comments lie outside the video, which is 61 s long",
            "no font has U+1F42A 🐪, U+1F937 🤷",
        ]
    );
    let hidden = layout(&comments[4..], &fonts, &LayoutOptions::default());
    assert_eq!(
        warnings(&hidden, None),
        ["no comments placed: of 4, 1 are deleted, 2 hidden or commands to the player, 1 blank"]
    );
}

#[test]
fn layouts_tell_how_far_they_are_and_stop() {
    let comments = vec![Comment::new(Vpos(0), "w"); 2_500];
    let mut told = Vec::new();
    let options = LayoutOptions::default();
    let placed = layout_with_progress(&comments, &Fonts::estimated(), &options, &mut |at| {
        told.push((at.done, at.total));
        ControlFlow::Continue(())
    });
    assert_eq!(placed.expect("nothing stops it").comments().len(), 2_500);
    assert_eq!(told, [1, 2, 3, 4, 5].map(|n| (n * 1_000, 5_000)));
    let stopped = layout_with_progress(&comments, &Fonts::estimated(), &options, &mut |at| {
        if at.done > 2_500 {
            return ControlFlow::Break(()); // while lanes are looked for
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(stopped, Err(Error::Stopped)));
}

/// The operator of a live broadcast: texts stand at the top over a bar that crosses the picture,
/// without tags; `/perm` stays until `/clear`; commands are not seen.
#[test]
fn operators_of_broadcasts_have_a_banner() {
    let fonts = common::subset();
    let operator = |vpos, body: &str| {
        let mut comment = Comment::new(Vpos(vpos), body).user("900000000");
        comment.premium = 3;
        comment
    };
    let mut flagged = Comment::new(Vpos(410), "ふつう");
    flagged.premium = 24;
    let comments = [
        operator(100, "/nicoad {\"message\":\"広告\"}"),
        operator(130, "/vote start 好き？ はい いいえ"),
        operator(190, "/disconnect"),
        operator(200, "運営のお知らせ"),
        operator(210, "<b>太字</b>の運営"),
        operator(300, "/perm <u>固定</u>"),
        operator(2_000, "/clear"),
        Comment::new(Vpos(400), "うえ").mail("ue"),
        flagged,
    ];
    let options = LayoutOptions::default().limit(1);
    let placed = layout(&comments, &fonts, &options);
    let shown = |t: f64| -> Vec<(&str, f64)> {
        let items = placed.draw_list(t);
        let text = |item: &overlay_render::DrawItem| placed.comments()[item.index].text.as_str();
        items
            .iter()
            .map(|item| (text(item), item.y.round()))
            .collect()
    };
    // Three banners, one below the other; of other comments the limit leaves one.
    assert_eq!(
        shown(450.0),
        [
            ("ふつう", 0.0),
            ("運営のお知らせ", 0.0),
            ("太字の運営", 96.0),
            ("固定", 191.0)
        ]
    );
    assert_eq!(shown(1_990.0), [("固定", 191.0)]);
    assert_eq!(shown(2_000.0), []);
    assert_eq!(placed.report().hidden, 4);
    let picture = draw_stage(&placed, 1_000.0, 320, 180).expect("a good size");
    let bar = |x, y| picture.get_pixel(x, y).0;
    assert_eq!([bar(0, 40), bar(319, 40)], [[0, 0, 0, 128]; 2]);
    assert_eq!(bar(0, 60)[3], 0);
    let hd = Layout::clone(&placed);
    assert!(
        String::from_utf8(written(&hd).1)
            .expect("text")
            .contains("}太字の運営")
    );
}

/// An override turns kana around, and brackets in it.
#[test]
fn overrides_turn_lines_around() {
    let fonts = common::subset();
    let draw = |text: &str| {
        let comments = [Comment::new(Vpos(0), text).mail("ue")];
        let placed = layout(&comments, &fonts, &LayoutOptions::default());
        draw_stage(&placed, 100.0, 640, 360).expect("a good size")
    };
    assert!(draw("\u{202E}あいう") == draw("ういあ"));
    assert!(draw("あ\u{202E}いう\u{202C}え") == draw("あういえ"));
    assert!(draw("\u{202E}「あ」い") == draw("い「あ」"));
    assert!(draw("\u{202D}あいう") == draw("あいう"));
}

/// Sizes that nobody can draw are errors that name them.
#[test]
fn sizes_beyond_all_pictures_are_errors() {
    for (width, height) in [(0, 0), (0, 90), (160, 0), (u32::MAX, 1), (16_385, 10)] {
        let error = draw_stage(&Layout::default(), 0.0, width, height).expect_err("no such size");
        assert!(
            error.to_string().contains(&format!("{width}x{height}")),
            "{error}"
        );
    }
}
