//! A service that behaves: the collection is what it holds, and it is asked as it wants to be.

use std::collections::HashSet;
use std::time::Duration;

use nico_comments::{Comments, Format, ReadOptions};
use nico_fetch::{End, Error, Event, Fetcher};

use crate::service::{NOW, Service};
use crate::world::{World, collected, folder, threads};

#[test]
fn the_collection_is_what_the_service_holds() {
    let mut world = World::new(Service::new(threads(5_000, 1), 1000));
    let report = world.fetch().unwrap();
    world.check();
    let service = world.service();
    for (thread, held) in report.threads.iter().zip(&service.threads) {
        assert_eq!((&*thread.thread, &*thread.fork), (held.id, held.fork));
        assert_eq!(thread.collected, held.comments.len() as u64);
        assert_eq!(thread.expected, Some(u64::try_from(held.count).unwrap()));
        let missing: Vec<i64> = thread.missing.iter().cloned().flatten().collect();
        let numbers: HashSet<i64> = held.comments.iter().map(|comment| comment.no).collect();
        let deleted: Vec<i64> = (1..=held.count)
            .filter(|no| !numbers.contains(no))
            .collect();
        assert_eq!(missing, deleted);
        assert!(
            thread.possible_gaps.is_empty(),
            "{:?}",
            thread.possible_gaps
        );
    }
    assert_eq!(report.threads[0].end, End::OnePage);
    assert_eq!(
        (report.requests, report.waits),
        (service.log.len() as u64, 0)
    );
    assert_eq!(report.collected(), service.reachable().len() as u64);
}

#[test]
fn it_is_asked_politely_and_as_it_wants() {
    let mut world = World::new(Service::new(threads(2_500, 2), 1000));
    world.fetch().unwrap();
    let gaps = world.memory.times.windows(2).map(|two| two[1] - two[0]);
    assert!(gaps.min().unwrap() >= Duration::from_secs(1));
    let service = world.service();
    let (watch, _) = &service.log[0];
    let track = watch
        .strip_prefix("GET /api/watch/v3/sm9?actionTrackId=")
        .unwrap();
    let (letters, millis) = track.split_once('_').unwrap();
    assert!(letters.len() == 10 && letters.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(millis, format!("{NOW}000"));
    let bodies: Vec<serde_json::Value> = service.log[1..]
        .iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect();
    let (owner, others): (Vec<_>, Vec<_>) = bodies
        .iter()
        .partition(|body| body["params"]["targets"][0]["fork"] == "owner");
    assert_eq!(owner.len(), 1);
    assert_eq!(owner[0]["additionals"], serde_json::json!({}));
    assert_eq!(
        others[0]["additionals"],
        serde_json::json!({ "when": NOW, "res_from": -1000 })
    );
    assert!(
        others
            .iter()
            .all(|body| body["additionals"]["when"].is_i64())
    );
}

#[test]
fn pages_asked_for_are_not_many_more_than_needed() {
    let mut world = World::new(Service::new(threads(5_000, 3), 1000));
    let mut planned = None;
    let mut fetcher = Fetcher::new(world.options.clone())
        .session(world.session.clone())
        .transport(&mut world.memory)
        .clock(world.clock.clone());
    let report = fetcher.fetch(&"sm9".parse().unwrap(), world.folder.path(), &mut |event| {
        if let Event::Planned {
            requests,
            threads: 3,
            comments: 6_030,
            collected: 0,
            ..
        } = *event
        {
            planned = Some(requests);
        }
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!(planned, Some(9));
    // The watch call, and gaps of which deleted comments are the reason.
    assert!(report.unwrap().requests <= 9 + 1 + 5);
}

#[test]
fn both_formats_hold_the_same_in_the_order_of_numbers() {
    let mut world = World::new(Service::new(threads(1_500, 4), 100));
    assert_eq!(world.fetch().unwrap().file, "comments.xml");
    let written = world.path().join("comments.xml");
    let (xml, json) = (
        world.path().join("copy.xml"),
        world.path().join("comments.json"),
    );
    std::fs::copy(&written, &xml).unwrap();
    world.options = world.options.clone().format(Format::V1Json);
    assert_eq!(world.fetch().unwrap().file, "comments.json");
    assert!(!written.exists(), "who reads the folder would read both");
    assert_eq!(collected(&xml), collected(&json));
    for path in [&xml, &json] {
        let all: Vec<_> = Comments::open(path, ReadOptions::default())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(
            all.windows(2)
                .all(|two| two[0].fork != two[1].fork || two[0].no < two[1].no),
            "{}",
            path.display()
        );
    }
    // A whole answer that strict readers take, with sums that agree.
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    for thread in json["data"]["threads"].as_array().unwrap() {
        assert_eq!(
            thread["commentCount"],
            thread["comments"].as_array().unwrap().len()
        );
    }
    let count = |at: usize| {
        json["data"]["globalComments"][at]["count"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(count(0) + count(1), collected(&xml).len() as u64);
}

#[test]
fn a_burst_of_more_than_a_page_is_noted() {
    let mut service = Service::new(threads(1_500, 5), 100);
    let second = service.threads[1].comments[600].date;
    for comment in &mut service.threads[1].comments[600..850] {
        comment.date = second;
    }
    for comment in &mut service.threads[1].comments[..600] {
        comment.date -= 1_000_000;
    }
    let mut world = World::new(service);
    let report = world.fetch().unwrap();
    world.check();
    assert_eq!(report.threads[1].possible_gaps, [second]);
    assert!(report.threads[1].collected < world.service().threads[1].comments.len() as u64);
    assert!(world.said.contains("PossibleGap"));
}

#[test]
fn pages_are_kept_as_they_came() {
    let mut world = World::new(Service::new(threads(300, 6), 100));
    world.fetch().unwrap();
    let pages = crate::world::files(&world.path().join("pages"));
    assert_eq!(pages.len(), world.service().pages);
    for page in pages {
        let answer: serde_json::Value =
            serde_json::from_slice(&std::fs::read(page).unwrap()).unwrap();
        assert_eq!(answer["meta"]["status"], 200);
    }
}

#[test]
fn a_guest_gets_a_sample_and_no_past_log() {
    let mut world = World::new(Service::new(threads(1_500, 7), 100));
    world.session = None;
    let error = world.fetch().unwrap_err();
    assert!(matches!(error, Error::LoginNeeded) && error.to_string().contains("NICO_USER_SESSION"));
    world.folder = folder();
    world.service().log.clear();
    world.options = world.options.clone().sample(true);
    let report = world.fetch().unwrap();
    let collected: Vec<u64> = report
        .threads
        .iter()
        .map(|thread| thread.collected)
        .collect();
    assert_eq!(collected[1..], [100, 100]);
    assert!(
        world
            .service()
            .log
            .iter()
            .all(|(path, body)| !body.contains("when") && !path.contains("/v3/"))
    );
}

#[test]
fn a_sample_does_not_stand_in_the_way_of_the_whole() {
    let mut world = World::new(Service::new(threads(1_500, 8), 100));
    let whole = world.options.clone();
    world.options = whole.clone().sample(true);
    world.fetch().unwrap();
    world.options = whole;
    let report = world.fetch().unwrap();
    assert!(report.is_finished() && report.threads[1].end == End::Whole);
    world.check();
    // Nor the whole in that of a sample, which a guest may have.
    world.session = None;
    world.options = world.options.clone().sample(true);
    let before = world.service().log.len();
    world.fetch().unwrap();
    assert_eq!(world.service().log.len() - before, 4);
    world.check();
}
