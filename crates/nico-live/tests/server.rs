//! The page's server over HTTP: what it gives to whom.
#![cfg(feature = "serve")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use nico_comments::{Comment, Vpos};
use nico_live::{CommentServer, ServeError, ServeOptions, ShownComment};
use overlay_render::{Fonts, LayoutOptions, LiveOverlay, LiveStage, Viewport};
use serde_json::Value;

fn local() -> ServeOptions {
    ServeOptions::new("127.0.0.1:0".parse().unwrap())
}

/// Sends a request; gives the connection.
fn ask(address: SocketAddr, path: &str, headers: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let host = if headers.contains("Host:") {
        String::new()
    } else {
        format!("Host: {address}\r\n")
    };
    write!(
        stream,
        "GET {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n"
    )
    .unwrap();
    BufReader::new(stream)
}

/// Status and text of an answer.
fn answer(address: SocketAddr, path: &str, headers: &str) -> (u16, String) {
    let mut text = String::new();
    ask(address, path, headers)
        .read_to_string(&mut text)
        .unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    (status, text)
}

/// The next event of a name.
fn next(events: &mut impl BufRead, name: &str) -> Value {
    let mut found = false;
    loop {
        let mut line = String::new();
        assert!(
            events.read_line(&mut line).unwrap() > 0,
            "the events end before {name}"
        );
        if let Some(event) = line.strip_prefix("event: ") {
            found = event.trim() == name;
        } else if let Some(data) = line.strip_prefix("data: ")
            && found
        {
            return serde_json::from_str(data).unwrap();
        }
    }
}

/// A comment that is on the stage from `now` on, in centiseconds.
fn shown(body: &str, mail: &str, now: i64) -> ShownComment {
    let fonts = Fonts::estimated();
    let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
    let placed = stage
        .show(&Comment::new(Vpos(0), body).mail(mail), now)
        .unwrap();
    let mut overlay = LiveOverlay::new(&fonts, Viewport::new(1920, 1080).unwrap());
    ShownComment::new(placed, &overlay.picture(placed))
}

#[test]
fn a_page_gets_what_happens_and_one_that_comes_later_what_is_shown() {
    let server = CommentServer::start(local()).unwrap();
    let address = server.address();
    server.set_time(12_000, false);
    let mut first = ask(address, "/events", "");
    assert!(next(&mut first, "hello").is_string());
    assert_eq!(next(&mut first, "time")["now"], 12_000);
    let hostile = "<img src=x onerror=alert(1)>\n\nevent: clear\n</script>";
    server.show(&shown(hostile, "ue", 1_200));
    let event = next(&mut first, "show");
    assert_eq!(event["text"], hostile);
    assert_eq!(
        (event["kind"].as_str(), event["begin"].as_i64()),
        (Some("top"), Some(12_000))
    );
    assert!(event["png"].as_str().unwrap().starts_with("iVBOR"));
    server.show(&shown("w", "", 1_200));
    let event = next(&mut first, "show");
    let (x, speed, begin) = ("x", "speed", "begin");
    let [x, speed, begin] = [x, speed, begin].map(|name| event[name].as_f64().unwrap());
    // It enters at the right edge when it was shown.
    let at = x - speed * (12_000.0 - begin) / 1_000.0;
    assert!((1_919.0..1_960.0).contains(&at), "{event}");
    let mut later = ask(address, "/events", "");
    assert_eq!(next(&mut later, "show")["text"], hostile);
    assert_eq!(next(&mut later, "show")["text"], "w");
    assert_eq!(server.num_clients(), 2);
    server.set_time(60_000, true);
    assert_eq!(next(&mut later, "time")["running"], true);
    let mut after = ask(address, "/events", "");
    next(&mut after, "time");
    server.clear();
    assert_eq!(next(&mut after, "clear"), Value::Null); // what is over was not sent
    drop((first, later));
    let start = Instant::now();
    while server.num_clients() > 1 && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(200));
        server.clear(); // who has gone away is seen when something is sent
    }
    assert_eq!(server.num_clients(), 1);
    drop(server);
    let mut rest = String::new();
    after.read_to_string(&mut rest).unwrap(); // it ends
}

#[test]
fn a_page_is_told_the_time_while_much_happens() {
    let server = CommentServer::start(local()).unwrap();
    let mut page = ask(server.address(), "/events", "");
    next(&mut page, "time");
    let is_told = AtomicBool::new(false);
    let start = Instant::now();
    let in_time = std::thread::scope(|scope| {
        scope.spawn(|| {
            next(&mut page, "time");
            is_told.store(true, Ordering::Relaxed);
        });
        while !is_told.load(Ordering::Relaxed) && start.elapsed() < Duration::from_secs(10) {
            server.clear();
            std::thread::sleep(Duration::from_millis(100));
        }
        is_told.load(Ordering::Relaxed)
    });
    assert!(in_time);
}

#[test]
fn the_page_may_load_nothing_of_others() {
    let server = CommentServer::start(local()).unwrap();
    let address = server.address();
    let (status, page) = answer(address, "/", "");
    assert_eq!(status, 200);
    let policy = "content-security-policy: default-src 'none'; script-src 'self'";
    assert!(page.to_ascii_lowercase().contains(policy), "{page}");
    assert!(page.contains("page.js") && !page.contains("<script>"));
    assert!(!page.contains("innerHTML"));
    let (status, program) = answer(address, "/page.js", "");
    assert_eq!(status, 200);
    assert!(
        !["innerHTML", "insertAdjacent", "document.write", "eval("]
            .iter()
            .any(|bad| program.contains(bad))
    );
    assert_eq!(answer(address, "/page.css", "").0, 200);
    assert_eq!(answer(address, "/../etc/passwd", "").0, 404);
    assert_eq!(answer(address, "/video", "").0, 404);
    // A foreign page whose name means this machine.
    for path in ["/", "/events", "/page.js", "/video"] {
        assert_eq!(
            answer(address, path, "Host: evil.example\r\n").0,
            403,
            "{path}"
        );
    }
}

#[test]
fn other_addresses_need_a_token() {
    let open = ServeOptions::new("0.0.0.0:0".parse().unwrap());
    for token in [
        None,
        Some("short"),
        Some("with a blank"),
        Some("日本語日本語日本語"),
    ] {
        let options = open.clone().token(token.map(str::to_owned));
        let error = CommentServer::start(options).unwrap_err();
        assert!(matches!(error, ServeError::Token { .. }), "{token:?}");
    }
    let server = CommentServer::start(open.token("long-enough".to_owned())).unwrap();
    assert!(server.url().ends_with("/?token=long-enough"));
    let address = SocketAddr::from(([127, 0, 0, 1], server.address().port()));
    for (path, expected) in [
        ("/", 403),
        ("/events", 403),
        ("/events?token=wrong-one", 403),
        ("/?token=long-enough", 200),
        ("/page.js", 200),
    ] {
        assert_eq!(answer(address, path, "").0, expected, "{path}");
    }
    let taken = ServeOptions::new(SocketAddr::from(([127, 0, 0, 1], address.port())));
    let error = CommentServer::start(taken).unwrap_err();
    assert!(error.to_string().contains("cannot listen"), "{error}");
}

/// JSON has no word for them, and the page's clock would stand still or go backwards.
#[test]
fn speeds_that_are_none_are_refused() {
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = CommentServer::start(local().speed(speed)).unwrap_err();
        assert!(matches!(error, ServeError::Speed { .. }), "{speed}");
    }
}

#[test]
fn a_file_is_played_from_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.mp4");
    std::fs::write(&path, b"0123456789").unwrap();
    let server = CommentServer::start(local().video(path)).unwrap();
    let address = server.address();
    let (status, whole) = answer(address, "/video?token=x", "");
    assert!(status == 200 && whole.ends_with("0123456789"));
    let (status, part) = answer(address, "/video", "Range: bytes=3-5\r\n");
    assert!(status == 206 && part.ends_with("\r\n\r\n345"), "{part}");
    assert!(part.contains("bytes 3-5/10"));
    assert_eq!(answer(address, "/video", "Range: bytes=30-\r\n").0, 416);
}

/// Players that stop reading do not keep the page from others, nor the server from ending.
#[test]
fn players_that_stop_reading_keep_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.mp4");
    std::fs::write(&path, vec![7; 32 << 20]).unwrap(); // more than sockets hold
    let server = CommentServer::start(local().video(path)).unwrap();
    let address = server.address();
    let stuck: Vec<_> = (0..8)
        .map(|_| {
            let mut player = ask(address, "/video", "");
            let mut begin = [0; 100];
            player.read_exact(&mut begin).unwrap();
            player
        })
        .collect();
    assert_eq!(answer(address, "/", "").0, 200);
    next(&mut ask(address, "/events", ""), "hello");
    let start = Instant::now();
    drop(server);
    assert!(start.elapsed() < Duration::from_secs(20), "it ends at once");
    drop(stuck);
}

/// Heads without an end, and what is no HTTP, are answered or cut off; the page is there for others.
#[test]
fn odd_requests_do_no_harm() {
    let server = CommentServer::start(local()).unwrap();
    let address = server.address();
    let (status, head) = {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "HEAD / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        (text.split(' ').nth(1).unwrap().to_owned(), text)
    };
    assert!(status == "200" && head.ends_with("\r\n\r\n"), "{head}");
    let mut endless = TcpStream::connect(address).unwrap();
    endless
        .set_write_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut written = write!(endless, "GET / HTTP/1.1\r\nHost: ");
    let mut bytes = 0;
    while written.is_ok() && bytes < 64 << 20 {
        written = endless.write_all(&[b'a'; 1 << 16]);
        bytes += 1 << 16;
    }
    assert!(bytes < 64 << 20, "it takes whatever comes");
    for nonsense in [
        "\r\n\r\n",
        "\0\0\0",
        "GET\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(nonsense.as_bytes()).unwrap();
        drop(stream);
    }
    assert_eq!(answer(address, "/", "").0, 200);
}
