//! Answers that want to do harm: nothing leaves the folder, nothing secret is kept, no request goes
//! elsewhere.

use nico_fetch::{Error, Response};

use crate::service::{KEY, SESSION, Service};
use crate::world::{World, files, threads};

fn world() -> World {
    World::new(Service::new(threads(150, 31), 100))
}

fn watch(targets: &str, server: &str) -> Response {
    Response::new(
        200,
        format!(
            r#"{{"meta":{{"status":200}},"data":{{"comment":{{"nvComment":{{"server":"{server}","threadKey":"{KEY}.member1",
            "params":{{"targets":{targets},"language":"ja-jp"}}}}}}}}}}"#
        ),
    )
}

const SERVER: &str = "https://public.nvcomment.nicovideo.jp";

#[test]
fn ids_that_look_like_paths_or_anything_else_are_refused() {
    let many = format!("[{}]", vec![r#"{"id":"1","fork":"main"}"#; 65].join(","));
    for targets in [
        r#"[{"id":"../../etc/passwd","fork":"main"}]"#,
        r#"[{"id":"1","fork":"../x"}]"#,
        r#"[{"id":"1","fork":"\n"}]"#,
        r#"[{"id":"1\u0000","fork":"main"}]"#,
        r#"[{"id":-1,"fork":"main"}]"#,
        r#"[{"id":{"a":1},"fork":["main"]}]"#,
        r#"[{"id":"","fork":"main"}]"#,
        r#"[{}]"#,
        "[]",
        "{}",
        "7",
        &many,
    ] {
        let mut world = world();
        world.service().watch = Some(watch(targets, SERVER));
        world.options = world.options.clone().backoff([]);
        let error = world.fetch().unwrap_err();
        assert!(
            error.to_string().starts_with("watch: "),
            "{targets}: {error}"
        );
        assert_eq!(world.service().log.len(), 1);
        assert_eq!(files(world.path()).len(), 0, "nothing is left");
    }
}

#[test]
fn no_page_is_asked_for_elsewhere() {
    for server in [
        "https://evil.example",
        "http://public.nvcomment.nicovideo.jp",
        "https://public.nvcomment.nicovideo.jp@evil.example",
        "https://public.nvcomment.nicovideo.jp.evil.example",
        "file:///etc",
        "",
    ] {
        let mut world = world();
        world.service().watch = Some(watch(r#"[{"id":"1","fork":"main"}]"#, server));
        assert!(
            matches!(world.fetch(), Err(Error::ForeignServer)),
            "{server}"
        );
        assert_eq!(world.service().log.len(), 1);
    }
}

#[test]
fn videos_without_comments_and_nonsense_are_errors() {
    let closed = Response::new(
        200,
        r#"{"meta":{"status":200},"data":{"comment":{"nvComment":null}}}"#,
    );
    let mut world = world();
    world.service().watch = Some(closed);
    assert!(matches!(world.fetch(), Err(Error::NoComments(_))));
    let deep = format!(
        r#"{{"meta":{{"status":200}},"data":{}"#,
        "[".repeat(1_000_000)
    );
    for body in [
        "",
        "null",
        "[]",
        "{",
        r#"{"meta":7}"#,
        r#"{"meta":{"status":200},"data":[]}"#,
        "<html>",
        &deep,
    ] {
        world.service().watch = Some(Response::new(200, body));
        let error = world.fetch().unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }
}

/// A page with this in the place of comments.
fn page(comments: &str, count: &str) -> String {
    format!(
        r#"{{"meta":{{"status":200}},"data":{{"threads":[{{"id":"1","fork":"main","commentCount":{count},"comments":[{comments}]}}]}}}}"#
    )
}

/// A service that gives this page whatever is asked.
fn with_page(body: String) -> World {
    let mut service = Service::new(Vec::new(), 100);
    service.watch = Some(watch(r#"[{"id":"1","fork":"main"}]"#, SERVER));
    service.answer_all = Some(Response::new(200, body));
    World::new(service)
}

#[test]
fn absurd_numbers_and_dates_come_to_an_end() {
    let comments = [
        (
            r#"{"no":9223372036854775807,"vposMs":1,"body":"a","id":"1"}"#,
            1,
        ),
        (
            r#"{"no":5,"vposMs":9223372036854775807,"postedAt":"9999-12-31T23:59:59Z","body":"a"}"#,
            1,
        ),
        (
            r#"{"no":5,"vposMs":1,"postedAt":"-009999-01-01T00:00:00Z","body":"a"}"#,
            1,
        ),
        (
            r#"{"no":-5,"vposMs":1,"postedAt":"1970-01-01T00:00:00Z","body":"a"}"#,
            1,
        ),
        (r#"{"no":"x","vposMs":1,"postedAt":7,"body":["a"]}"#, 1),
        (r#"{"no":5},7,null,"x",[]"#, 0),
        (r#"{"body":"\ud83d","vposMs":"12"}"#, 1),
    ];
    for (comment, expected) in comments {
        for count in [
            "99999999999999999999",
            "-1",
            "\"many\"",
            "null",
            "18446744073709551615",
        ] {
            let mut world = with_page(page(comment, count));
            let report = world.fetch().unwrap();
            assert_eq!(report.collected(), expected, "{comment}");
            assert!(
                report.requests < 30,
                "{comment}: {} requests",
                report.requests
            );
            world.check_secrets();
        }
    }
}

#[test]
fn pages_of_other_shapes_are_errors() {
    for body in [
        "[]".to_owned(),
        "{}".to_owned(),
        page("", "0").replace("\"1\"", "\"2\""),
        page("", "0").replace(
            "\"status\":200",
            "\"status\":500,\"errorCode\":\"INTERNAL\"",
        ),
        page(r#"{"no":1,"vposMs":1}"#, "1")[..100].to_owned(),
        "[".repeat(100_000),
    ] {
        let mut world = with_page(body.clone());
        let error = world.fetch().unwrap_err();
        assert!(error.to_string().starts_with("page: "), "{error}");
        assert!(
            !world.path().join("comments.xml").exists()
                && !world.path().join("state.json").exists()
        );
    }
}

#[test]
fn an_answer_that_repeats_a_credential_is_not_saved() {
    for secret in [SESSION.to_owned(), format!("{KEY}.member1")] {
        let body = page(&format!(r#"{{"no":1,"vposMs":1,"body":"{secret}"}}"#), "1");
        let mut world = with_page(body);
        assert!(matches!(world.fetch(), Err(Error::Leak)));
        world.check_secrets();
        let mut world = with_page(format!(
            r#"{{"meta":{{"status":400,"errorCode":"{secret}"}}}}"#
        ));
        world.service().answer_all.as_mut().unwrap().status = 400;
        world.fetch().unwrap_err();
        world.check_secrets();
    }
}
