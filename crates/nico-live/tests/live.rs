//! A crowd that comments on a stream: in time, the same for the same inputs, within its memory.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::time::Duration;

use caption_model::{Commenter, commenter::WritingOptions};
use common::{SteppingClock, captioner, commenter};
use frame_features::Picture;
use nico_comments::{Comment, NgWords, Vpos};
use nico_live::{LiveComment, LiveCommenter, LiveModel, LiveOptions, Prompt};

fn options() -> LiveOptions {
    let writing = WritingOptions::default().drafts(4).max_pieces(12);
    LiveOptions::default()
        .per_second(4.0)
        .viewers(6)
        .writing(writing)
        .memory(20)
}

fn live(commenter: &Commenter, options: LiveOptions) -> LiveCommenter<'_> {
    LiveCommenter::new(LiveModel::Commenter(commenter), options)
        .unwrap()
        .with_clock(SteppingClock::new(Duration::ZERO))
}

/// So many seconds with a line and somebody's comment each.
fn watch(live: &mut LiveCommenter<'_>, seconds: i64) -> Vec<LiveComment> {
    let mut written = Vec::new();
    for second in 0..seconds {
        live.line(second * 1_000, "おはよう").unwrap();
        let read = Comment::new(Vpos(second * 100 + 40), "ねこ").user(format!("{}", second % 3));
        live.comment(&read).unwrap();
        for now in (second * 1_000..).step_by(100).take(10) {
            written.extend(std::iter::from_fn(|| live.write_due(now).unwrap()));
        }
    }
    written
}

/// Though the writer begins anew several times on the way, because its memory is full.
#[test]
fn the_same_inputs_give_the_same_comments() {
    let commenter = commenter();
    let all = || watch(&mut live(&commenter, options()), 20);
    let first = all();
    assert_eq!(first, all());
    let other = watch(&mut live(&commenter, options().seed(2)), 20);
    assert_ne!(first, other);
    assert!((50..130).contains(&first.len()), "{}", first.len());
    assert!(first.is_sorted_by_key(|one| one.millis));
    for (number, one) in (1..).zip(&first) {
        assert_eq!(one.comment.no, Some(number));
        assert_eq!(one.comment.vpos, Vpos(one.millis.div_euclid(10)));
        assert!(!one.comment.body.is_empty() && one.viewer < 6);
    }
    let lines = first.iter().filter(|one| one.prompt == Prompt::Line);
    assert!(lines.clone().all(|one| one.millis % 1_000 == 0));
    assert!((3..=17).contains(&lines.count()));
}

#[test]
fn counts_add_up_and_nobody_repeats_itself() {
    let commenter = commenter();
    let mut live = live(&commenter, options().memory(1_000));
    let written = watch(&mut live, 15);
    let counts = *live.counts();
    assert_eq!((counts.lines, counts.read), (15, 15));
    assert_eq!(counts.given, written.len() as u64);
    let became = counts.given + counts.late + counts.refused + counts.unwritten;
    assert_eq!(counts.planned, became);
    let own = |one: &LiveComment| (one.viewer, one.comment.body.clone());
    let distinct: std::collections::HashSet<_> = written.iter().map(own).collect();
    assert_eq!(distinct.len(), written.len());
}

/// Each look at the clock takes 300 ms: of two, one is before and one after writing.
#[test]
fn what_would_come_too_late_is_dropped_and_counted() {
    let commenter = commenter();
    let slow = |budget| {
        let budget = Duration::from_millis(budget);
        let mut live = live(&commenter, options().budget(budget))
            .with_clock(SteppingClock::new(Duration::from_millis(300)));
        let written = watch(&mut live, 10);
        (written, *live.counts())
    };
    let (none, counts) = slow(500);
    assert!(none.is_empty(), "{none:?}");
    assert_eq!(counts.late + counts.unwritten, counts.planned);
    assert!(counts.late > 10);
    let (some, counts) = slow(2_000);
    assert_eq!(counts.late, 0);
    assert!(
        some.iter()
            .all(|one| one.took == Duration::from_millis(300))
    );
    assert!(some.iter().all(|one| one.delay >= one.took));
}

#[test]
fn a_gap_is_not_made_up_for() {
    let commenter = commenter();
    let mut live = live(&commenter, options().budget(Duration::from_millis(500)));
    assert!(live.write_due(0).unwrap().is_none());
    // Nobody asks for a minute: what was due then is late.
    let written: Vec<_> = std::iter::from_fn(|| live.write_due(60_000).unwrap()).collect();
    assert!(written.iter().all(|one| one.millis >= 59_500));
    assert!(live.counts().late > 200, "{:?}", live.counts());
    live.jump_to(5_000).unwrap();
    let after = std::iter::from_fn(|| live.write_due(6_000).unwrap());
    assert!(
        after
            .into_iter()
            .all(|one| (5_000..=6_000).contains(&one.millis))
    );
}

#[test]
fn nothing_passes_that_the_filter_takes_away() {
    let commenter = commenter();
    let mut plain = live(&commenter, options());
    let words: Vec<String> = watch(&mut plain, 6)
        .into_iter()
        .map(|one| one.comment.body)
        .collect();
    // The first characters of half of what is written otherwise.
    let ng: Vec<String> = words[..words.len() / 2]
        .iter()
        .filter_map(|word| word.chars().next().map(String::from))
        .collect();
    let mut filtered = live(&commenter, options()).with_filter(NgWords::new(&ng));
    let written = watch(&mut filtered, 6);
    for one in &written {
        assert!(!ng.iter().any(|ng| one.comment.body.contains(ng.as_str())));
    }
    let mut nothing = live(&commenter, options()).with_filter(|_: &Comment| false);
    assert!(watch(&mut nothing, 6).is_empty());
    assert!(nothing.counts().refused > 10);
}

#[test]
fn a_cut_sets_off_a_comment() {
    let commenter = commenter();
    let mut live = live(&commenter, options().prompted(1.0).per_second(1.0));
    let mut prompts = Vec::new();
    for frame in 0..200i64 {
        let light = if frame / 50 % 2 == 0 { 20 } else { 220 };
        let rgb = vec![light; 32 * 18 * 3];
        let millis = frame * 100;
        live.picture(millis, &Picture::new(32, 18, &rgb).unwrap());
        while let Some(written) = live.write_due(millis).unwrap() {
            prompts.push((written.prompt, written.millis));
        }
    }
    assert_eq!((live.counts().pictures, live.counts().cuts), (200, 3));
    assert_eq!(live.counts().longest_unseen_ms, 100);
    let cuts: Vec<i64> = prompts
        .iter()
        .filter(|one| one.0 == Prompt::Cut)
        .map(|one| one.1)
        .collect();
    assert!(
        !cuts.is_empty() && cuts.iter().all(|cut| cut % 5_000 == 0),
        "{cuts:?}"
    );
}

/// A captioner writes about the latest picture, which its encoder looks at once however many
/// comments there are on it; without one, and with one that is over, it writes nothing.
#[test]
fn a_captioner_looks_once_at_the_latest_picture() {
    let (captioner, light) = captioner();
    let looks = || light.looks.load(std::sync::atomic::Ordering::Relaxed);
    let options = LiveOptions::default().per_second(20.0).viewers(30);
    let mut live = LiveCommenter::new(LiveModel::Captioner(&captioner), options)
        .unwrap()
        .with_clock(SteppingClock::new(Duration::ZERO));
    let write = |live: &mut LiveCommenter<'_>, now| {
        std::iter::from_fn(|| live.write_due(now).unwrap()).count()
    };
    assert_eq!(write(&mut live, 400), 0);
    assert!(live.counts().without_picture > 2);
    let see = |live: &mut LiveCommenter<'_>, now, light| {
        let rgb = vec![light; 8 * 6 * 3];
        live.picture(now, &Picture::new(8, 6, &rgb).unwrap());
    };
    see(&mut live, 400, 10);
    see(&mut live, 440, 20);
    assert_eq!(looks(), 0, "nobody asked for a comment yet");
    assert!(write(&mut live, 900) > 1);
    assert_eq!(looks(), 1);
    see(&mut live, 900, 200);
    assert!(write(&mut live, 1_400) > 1);
    assert_eq!(looks(), 2);
    live.jump_to(1_400).unwrap();
    assert_eq!(write(&mut live, 1_900), 0);
}

#[test]
fn options_that_cannot_work_are_named() {
    let commenter = commenter();
    let message = |options: LiveOptions| {
        let made = LiveCommenter::new(LiveModel::Commenter(&commenter), options);
        made.unwrap_err().to_string()
    };
    assert!(message(options().prompted(1.5)).contains("prompted"));
    assert!(message(options().memory(3)).contains("memory"));
    assert!(message(options().budget(Duration::ZERO)).contains("budget"));
    assert!(message(options().per_second(0.0)).contains("comments a second"));
    let drafts = options().writing(WritingOptions::default().drafts(0));
    assert!(message(drafts).contains("drafts"));
}

/// Times that go back, texts of any length and comments of the owner do no harm.
#[test]
fn odd_inputs_do_no_harm() {
    let commenter = commenter();
    let mut live = live(&commenter, options());
    live.line(5_000, &"あ".repeat(100_000)).unwrap();
    live.line(-7, "\u{0}\u{202e}").unwrap();
    live.line(0, "").unwrap();
    live.comment(&Comment::new(Vpos(i64::MIN), "古い")).unwrap();
    live.comment(&Comment::new(Vpos(3), "/vote").premium(true))
        .unwrap();
    live.comment(&Comment::new(Vpos(3), "").deleted(1)).unwrap();
    for number in 0..200 {
        let comment = Comment::new(Vpos(3), "多い").user(format!("user {number}"));
        live.comment(&comment).unwrap();
    }
    while live.write_due(6_000).unwrap().is_some() {}
    assert!(live.counts().planned > 0);
}
