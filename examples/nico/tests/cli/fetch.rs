//! `nico fetch`, from a server on loopback that knows one video of three comments.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
};

use serde_json::Value;

use crate::program::{nico, succeed};

const SESSION: &str = "user_session_1_forTheCommandLine";

/// Starts the server; its URL, and the requests that it gets, head and body.
fn serve() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let request = answer(stream.unwrap());
            if sender.send(request).is_err() {
                break;
            }
        }
    });
    (url, receiver)
}

fn answer(mut stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    while reader.read_line(&mut request).unwrap() > 2 {}
    let lower = request.to_ascii_lowercase();
    let len = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; len.map_or(0, |len| len.trim().parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    let answer = if request.starts_with("GET /api/watch/v3") {
        r#"{"meta":{"status":200},"data":{"comment":{"nvComment":{"server":"https://public.nvcomment.nicovideo.jp",
           "threadKey":"theKeyOfTheThread","params":{"targets":[{"id":"7","fork":"main"}],"language":"ja-jp"}}},
           "video":{"count":{"comment":3}}}}"#
    } else if request.starts_with("POST /v1/threads") {
        r#"{"meta":{"status":200},"data":{"threads":[{"id":"7","fork":"main","commentCount":3,"comments":[
           {"no":1,"vposMs":10,"body":"あ","userId":"a","postedAt":"2020-09-13T21:26:30+09:00"},
           {"no":3,"vposMs":20,"body":"う","userId":"b","postedAt":"2020-09-13T21:26:31+09:00"}]}]}}"#
    } else {
        r#"<packet><chat thread="1" no="1" vpos="1" date="1690000000" user_id="a">実況</chat></packet>"#
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )
    .unwrap();
    request
}

/// `nico` with a login in its environment.
fn member(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(arguments)
        .env("NICO_USER_SESSION", SESSION)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn a_video_is_fetched_into_a_folder() {
    let (url, requests) = serve();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("sm9");
    let path = out.to_str().unwrap();
    let arguments = [
        "--json",
        "fetch",
        "sm9",
        "--out",
        path,
        "--server",
        &url,
        "--contact",
        "me@example.com",
    ];
    let output = member(&arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = succeed(output);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["threads"][0]["collected"], 2);
    assert_eq!(
        report["threads"][0]["missing"],
        serde_json::json!([{ "start": 2, "end": 2 }])
    );
    let collection = fs::read_to_string(out.join("comments.xml")).unwrap();
    assert!(collection.contains("あ") && collection.contains("う"));
    let watch = requests.recv().unwrap();
    assert!(
        watch.contains(SESSION) && watch.contains("(me@example.com)"),
        "{watch}"
    );
    assert!(!requests.recv().unwrap().contains(SESSION));
    for shown in [
        said,
        text,
        collection,
        fs::read_to_string(out.join("state.json")).unwrap(),
    ] {
        assert!(!shown.contains(SESSION) && !shown.contains("theKeyOfTheThread"));
    }
    // Again, as JSON of the service.
    let text = succeed(member(&[
        "fetch", "sm9", "--out", path, "--server", &url, "--format", "json",
    ]));
    assert!(
        text.contains("7 main: 2 of 3 comments, 1 numbers missing")
            && text.contains("comments.json"),
        "{text}"
    );
}

#[test]
fn a_past_log_is_fetched_into_a_folder() {
    let (url, requests) = serve();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let times = ["--from", "2023-07-22T13:26:40+09:00", "--to", "1690003600"];
    let arguments = ["fetch", "--jikkyo", "jk1", "--out", out, "--server", &url];
    let text = succeed(member(&[&arguments[..], &times].concat()));
    assert!(text.contains("1 comments"), "{text}");
    let request = requests.recv().unwrap();
    assert!(
        request.starts_with(
            "GET /api/kakolog/jk1?starttime=1690000000&endtime=1690003600&format=xml "
        ),
        "{request}"
    );
    assert!(!request.contains(SESSION));
}

#[cfg(unix)]
#[test]
fn another_program_may_download() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let script = "sh -c 'echo \"<chat vpos=1 user_id=u>$0</chat>\" | sed s/=/=\\\"/g | sed \"s/ user/\\\" user/; s/u>/u\\\">/\" > $1/a.xml' {id} {out}";
    let text = succeed(nico(["fetch", "sm9", "--out", out, "--with", script]));
    assert!(text.starts_with("1 comments of 1 files"), "{text}");
    assert!(
        fs::read_to_string(folder.path().join("comments.xml"))
            .unwrap()
            .contains("sm9")
    );
    let output = nico([
        "fetch",
        "sm9",
        "--out",
        out,
        "--with",
        "sh -c 'echo no login >&2; exit 1'",
    ]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(1) && message.contains("no login"),
        "{message}"
    );
}

#[test]
fn wrong_usage_is_told() {
    for arguments in [
        &["fetch", "--out", "x"][..],
        &["fetch", "../sm9", "--out", "x"],
        &["fetch", "sm9"],
        &["fetch", "sm9", "--out", "x", "--until", "soon"],
        &[
            "fetch", "sm9", "--out", "x", "--jikkyo", "jk1", "--from", "1", "--to", "2",
        ],
        &["fetch", "--jikkyo", "jk1", "--out", "x"],
        &["fetch", "sm9", "--out", "x", "--server", "ftp://x"],
        &["fetch", "sm9", "--out", "x", "--with", "a 'b"],
    ] {
        let output = nico(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
