//! The page in Chromium: comments are where the layout has them, when it has them there.
#![cfg(feature = "serve")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use nico_comments::{Comment, Vpos};
use nico_live::{CommentServer, ServeOptions, ShownComment};
use overlay_render::{Fonts, LayoutOptions, LiveOverlay, LiveStage, PlacedComment, Viewport};
use serde_json::Value;

/// Whether Chromium and Node.js are there; where all is required, they have to be.
fn has_browser() -> bool {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let missing: Vec<&str> = [chromium.as_str(), "node"]
        .into_iter()
        .filter(|program| {
            let mut command = Command::new(program);
            let command = command.arg("--version");
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            !status.is_ok_and(|status| status.success())
        })
        .collect();
    if missing.is_empty() {
        return true;
    }
    let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(!all_required, "missing here: {missing:?}");
    eprintln!("skipped: missing here: {missing:?}");
    false
}

/// Chromium with the page, which is looked at for so many seconds with `benches/live/page.mjs`.
fn page(url: &str, seconds: u32) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/live/page.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(url).arg(seconds.to_string());
    node.args(std::env::var_os("SCREENSHOT"));
    node.stdout(Stdio::piped()).spawn().unwrap()
}

/// Looks at the page for so many seconds with `benches/live/page.mjs`, while comments come `every`
/// so often; gives what the page told and the comments as they were placed.
fn watch(
    seconds: u32,
    every: Duration,
    body: impl Fn(usize) -> (String, &'static str),
) -> (Value, HashMap<u64, PlacedComment>, f64) {
    let fonts = Fonts::system().unwrap();
    let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
    let mut overlay = LiveOverlay::new(&fonts, Viewport::new(1920, 1080).unwrap());
    let server = CommentServer::start(ServeOptions::new("127.0.0.1:0".parse().unwrap())).unwrap();
    let mut node = page(&server.url(), seconds);
    let mut out = node.stdout.take().unwrap();
    let told = thread::spawn(move || std::io::read_to_string(&mut out).unwrap());
    let start = Instant::now();
    let epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
        * 1_000.0;
    let mut placed = HashMap::new();
    let mut number = 0;
    while node.try_wait().unwrap().is_none() {
        let now = i64::try_from(start.elapsed().as_millis()).unwrap();
        server.set_time(now, true);
        let (body, mail) = body(number);
        let comment = Comment::new(Vpos(0), body).mail(mail);
        let one = stage.show(&comment, now / 10).unwrap();
        server.show(&ShownComment::new(one, &overlay.picture(one)));
        placed.insert(number as u64, one.clone());
        number += 1;
        thread::sleep(every);
    }
    let told = told.join().unwrap();
    (serde_json::from_str(&told).unwrap(), placed, epoch)
}

#[test]
#[ignore = "needs Chromium, Node.js and a Japanese font"]
fn comments_are_where_and_when_the_layout_has_them() {
    let bodies = [
        ("あいうえお", ""),
        ("草", "ue red"),
        ("<b>88888888</b>", "big"),
        ("下です", "shita cyan small"),
    ];
    let body = |number: usize| {
        let (body, mail) = bodies[number % 4];
        (format!("{body}{number}"), mail)
    };
    let (told, placed, epoch) = watch(6, Duration::from_millis(400), body);
    let (mut seen, mut letters) = (0, 0);
    for look in told["looks"].as_array().unwrap() {
        let now = look["now"].as_f64().unwrap();
        // Its time is the stage's.
        let is = look["at"].as_f64().unwrap() - epoch;
        assert!(
            (now - is).abs() < 60.0,
            "the page is at {now} ms, the stage at {is}"
        );
        let list = look["list"].as_array().unwrap();
        let bounds = look["bounds"].as_array().unwrap();
        for (one, bounds) in list.iter().zip(bounds) {
            let comment = &placed[&one["id"].as_u64().unwrap()];
            assert_eq!(one["text"], comment.text.as_str());
            let (x, y) = (one["x"].as_f64().unwrap(), one["y"].as_f64().unwrap());
            assert!((x - comment.x_at(now / 10.0)).abs() < 0.01, "{one}");
            assert!((y - comment.top()).abs() < 0.01, "{one}");
            seen += 1;
            // The letters of one that is alone in its lane and wholly on the stage.
            let alone = list
                .iter()
                .filter(|other| (other["y"].as_f64().unwrap() - y).abs() < 200.0);
            let inside = x > 40.0 && x + comment.width < 1_880.0;
            if alone.count() == 1 && inside && one["drawn"] == true {
                let left = bounds["left"].as_f64().unwrap();
                let right = bounds["right"].as_f64().unwrap();
                assert!(left >= x - 4.0 && left <= x + 16.0, "{left} of {one}");
                let end = x + comment.width;
                assert!(
                    right <= end + 4.0 && right >= end - 24.0,
                    "{right} of {one}"
                );
                letters += 1;
            }
        }
    }
    assert!(seen > 40 && letters > 5, "{seen} {letters}");
}

/// A page whose server goes away and comes again, at the same address with another run, shows what is
/// shown there, and nothing of before.
#[test]
fn a_page_finds_its_server_again() {
    if !has_browser() {
        return;
    }
    let fonts = Fonts::system().unwrap();
    let start = |address: SocketAddr| CommentServer::start(ServeOptions::new(address)).unwrap();
    let mut server = start("127.0.0.1:0".parse().unwrap());
    let address = server.address();
    let mut node = page(&server.url(), 10);
    let mut out = node.stdout.take().unwrap();
    let told = thread::spawn(move || std::io::read_to_string(&mut out).unwrap());
    for body in ["before", "after"] {
        let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
        let mut overlay = LiveOverlay::new(&fonts, Viewport::new(1920, 1080).unwrap());
        let begun = Instant::now();
        let mut seen = None;
        // The first run ends a second after the page has come, the other one with the page.
        while node.try_wait().unwrap().is_none() {
            let now = i64::try_from(begun.elapsed().as_millis()).unwrap();
            server.set_time(now, true);
            let comment = Comment::new(Vpos(0), body);
            let one = stage.show(&comment, now / 10).unwrap();
            server.show(&ShownComment::new(one, &overlay.picture(one)));
            thread::sleep(Duration::from_millis(400));
            if server.num_clients() > 0 {
                let seen: &mut Instant = seen.get_or_insert_with(Instant::now);
                if body == "before" && seen.elapsed() > Duration::from_secs(1) {
                    break;
                }
            }
        }
        if body == "before" {
            drop(server);
            thread::sleep(Duration::from_secs(2));
            server = start(address);
        }
    }
    let told: Value = serde_json::from_str(&told.join().unwrap()).unwrap();
    let looks = told["looks"].as_array().unwrap();
    let texts = |look: &Value| -> Vec<String> {
        let list = look["list"].as_array().unwrap();
        let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
        list.iter().map(text).collect()
    };
    assert!(texts(&looks[0]).iter().any(|text| text == "before"));
    let last = texts(looks.last().unwrap());
    assert!(
        !last.is_empty() && last.iter().all(|text| text == "after"),
        "{last:?}"
    );
}

/// Prints how many pictures a second Chromium makes of a full stage: a figure, for
/// `docs/benchmarks.md`.
#[test]
#[ignore = "needs Chromium, Node.js and a Japanese font; a measurement"]
fn pictures_a_second_of_a_full_stage() {
    let body = |number: usize| ("うぽつ".repeat(1 + number % 3), ["", "small"][number % 2]);
    let (told, ..) = watch(8, Duration::from_millis(22), body);
    println!(
        "{} comments at most, {} at the end, {} pictures a second",
        told["most"], told["seen"], told["pictures_a_second"]
    );
    assert!(told["most"].as_u64().unwrap() > 150);
}
