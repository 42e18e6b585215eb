//! Runs that end early, folders that were damaged, and runs after others.

use std::fs;

use nico_comments::Format;
use nico_fetch::{End, Error, Event, Fetcher};

use crate::service::{Fault, Held, NOW, Service};
use crate::world::{Random, World, files, threads};

fn service() -> Service {
    Service::new(threads(700, 21), 100)
}

/// A kill before every request, with what may lie around after one: a state that is a page behind,
/// half of a next page.
#[test]
fn a_kill_at_any_step_loses_a_page_at_most() {
    let mut whole = World::new(service());
    let report = whole.fetch().unwrap();
    whole.check();
    for step in 0..usize::try_from(report.requests).unwrap() {
        for behind in [false, true] {
            let mut world = World::new(service());
            world.service().faults = (0..step).map(|_| None).chain([Some(Fault::Die)]).collect();
            let state = world.path().join("state.json");
            if behind && step > 2 {
                // The run that was killed a page earlier left the state that this one was about to
                // replace.
                world.service().faults = (0..step - 1)
                    .map(|_| None)
                    .chain([Some(Fault::Die)])
                    .collect();
                world.fetch().unwrap_err();
                let old = fs::read(&state).unwrap();
                world.service().dead = false;
                world.service().faults = [None, None, Some(Fault::Die)].into();
                world.fetch().unwrap_err();
                fs::write(&state, old).unwrap();
            } else {
                world.fetch().unwrap_err();
            }
            assert!(!world.path().join("comments.xml").exists());
            fs::write(world.path().join("pages/000099.json"), "{\"data\":{\"thr").unwrap();
            let left = world.path().join("pages/.000099.json.a8Xn2s");
            fs::write(left, "{").unwrap();
            world.service().dead = false;
            let pages = world.service().pages;
            let again = world.fetch().unwrap();
            world.check();
            assert_eq!(world.collected(), whole.collected());
            assert_eq!(again.damaged, 0);
            let asked = world.service().pages;
            let lost = if behind { 2 } else { 1 };
            assert!(
                asked <= whole.service().pages + lost,
                "step {step}: {pages} and then {asked}"
            );
        }
    }
}

#[test]
fn damaged_files_are_told_and_fetched_again() {
    let mut world = World::new(service());
    world.fetch().unwrap();
    let expected = world.collected();
    let mut random = Random(5);
    // The state, and pages of every thread.
    for path in files(world.path()).into_iter().rev().step_by(3) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !path.to_str().unwrap().contains("/pages/") && name != "state.json" {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        let at = usize::try_from(random.below(whole.len() as u64)).unwrap();
        flipped[at] ^= 4;
        for damage in [
            Some(flipped),
            Some(whole[..whole.len() / 2].to_vec()),
            Some(Vec::new()),
            None,
        ] {
            match damage {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None if name == "state.json" => continue,
                None => fs::remove_file(&path).unwrap(),
            }
            let report = world.fetch().unwrap();
            assert_eq!(report.damaged, 1, "{name}");
            assert!(
                world.said.contains(&format!("Damaged {{ path: {path:?}")),
                "{name}"
            );
            assert_eq!(world.collected(), expected, "{name}");
        }
    }
    world.check();
}

/// Stopped while the watch call waits to be sent again: the report is of what is there, as the
/// collection is.
#[test]
fn a_run_that_is_stopped_at_once_reports_what_is_there() {
    let mut world = World::new(service());
    let stop = |event: &Event<'_>| matches!(event, Event::Waiting { .. });
    world.service().faults = [Some(Fault::Reset)].into();
    let report = world.fetch_telling(stop).unwrap();
    assert!(report.cancelled && !report.is_finished());
    assert_eq!((report.collected(), world.collected().len()), (0, 0));

    let whole = world.fetch().unwrap();
    world.service().faults = [Some(Fault::Reset)].into();
    let report = world.fetch_telling(stop).unwrap();
    assert!(report.cancelled && !report.is_finished());
    assert_eq!(report.collected(), world.collected().len() as u64);
    let about = |report: &nico_fetch::Report| -> Vec<_> {
        let threads = report.threads.iter();
        threads
            .map(|thread| (thread.collected, thread.missing.clone(), thread.pages))
            .collect()
    };
    assert_eq!(about(&report), about(&whole));
    world.fetch().unwrap();
    world.check();
}

/// A wait of minutes is ended within a second, and what was waited is told.
#[test]
fn a_wait_can_be_ended() {
    let mut world = World::new(service());
    world.service().faults = [None, None, Some(Fault::Throttle(429, Some(600)))].into();
    let mut asked = 0;
    let report = world
        .fetch_telling(|event| {
            asked += u64::from(matches!(event, Event::StillWaiting { .. }));
            asked == 7
        })
        .unwrap();
    assert!(report.cancelled && !report.is_finished());
    assert_eq!((report.waits, report.waited.as_secs()), (1, 7));
    assert_eq!(report.collected(), world.collected().len() as u64);
    // So is one between requests.
    let requests = world.service().log.len();
    world.options = world
        .options
        .clone()
        .interval(std::time::Duration::from_secs(60));
    let stop = |event: &Event<'_>| matches!(event, Event::StillWaiting { .. });
    let report = world.fetch_telling(stop).unwrap();
    assert!(report.cancelled && report.waits == 0);
    assert_eq!(world.service().log.len(), requests + 1, "the watch call");
    world.fetch().unwrap();
    world.check();
}

#[test]
fn a_later_run_asks_for_what_is_new() {
    let mut world = World::new(service());
    world.fetch().unwrap();
    let before = world.service().log.len();
    world.fetch().unwrap();
    let again = world.service().log.len() - before;
    assert_eq!(again, 4, "the watch call and a page of each thread");
    {
        let mut service = world.service();
        let thread = &mut service.threads[1];
        for no in thread.count + 1..=thread.count + 250 {
            thread.comments.push(Held {
                no,
                date: NOW + no,
                body: format!("late {no}"),
            });
        }
        thread.count += 250;
    }
    world
        .clock
        .wrong
        .store(10_000, std::sync::atomic::Ordering::SeqCst);
    let before = world.service().log.len();
    let report = world.fetch().unwrap();
    world.check();
    assert_eq!(report.threads[1].end, End::Whole);
    assert!(world.service().log.len() - before <= 8);
}

#[test]
fn limits_stop_and_lifting_them_goes_on() {
    let mut world = World::new(service());
    world.options = world.options.clone().max_comments(250);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[1].end, End::Limit);
    assert!((250..350).contains(&report.threads[1].collected) && !report.is_finished());
    world.options = world.options.clone().max_comments(None).max_pages(2);
    while !world.fetch().unwrap().is_finished() {
        assert!(world.service().log.len() < 100);
    }
    world.check();
    let since = NOW - 200_000;
    let mut world = World::new(service());
    world.options = world.options.clone().since(since);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[1].end, End::Limit);
    let service = world.service().reachable();
    let collected = world.collected();
    assert!(
        service
            .iter()
            .filter(|comment| comment.3 >= since)
            .all(|comment| collected.contains(comment))
    );
}

/// New comments, of which a limit leaves some out: older walks, which came to their end, do not
/// make the thread whole, and the numbers between are no gap.
#[test]
fn a_limit_of_a_younger_walk_is_not_forgotten() {
    let mut world = World::new(service());
    world.fetch().unwrap();
    {
        let mut service = world.service();
        let thread = &mut service.threads[1];
        for no in thread.count + 1..=thread.count + 250 {
            let date = NOW + no;
            let body = format!("late {no}");
            thread.comments.push(Held { no, date, body });
        }
        thread.count += 250;
    }
    let wrong = &world.clock.wrong;
    wrong.store(10_000, std::sync::atomic::Ordering::SeqCst);
    let before = world.service().log.len();
    world.options = world.options.clone().since(NOW + 900);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[1].end, End::Limit);
    assert!(!report.is_finished());
    let asked = world.service().log.len() - before;
    assert_eq!(asked, 4, "the watch call and a page of each thread");
    world.options = world.options.clone().since(None);
    assert!(world.fetch().unwrap().is_finished());
    world.check();
}

/// Stopped while a page of an older walk waits to be sent again, behind a younger walk that came to
/// its end.
#[test]
fn a_run_that_is_stopped_in_an_older_walk_is_not_finished() {
    let mut world = World::new(service());
    world.options = world.options.clone().max_pages(4);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[1].end, End::Unfinished);
    world.options = world.options.clone().max_pages(None);
    let wrong = &world.clock.wrong;
    wrong.store(10_000, std::sync::atomic::Ordering::SeqCst);
    // The watch call, what is new, and the page behind the last one.
    world.service().faults = [None, None, Some(Fault::Reset)].into();
    let report = world
        .fetch_telling(|event| matches!(event, Event::Waiting { .. }))
        .unwrap();
    assert!(report.cancelled);
    assert_eq!(report.threads[1].end, End::Unfinished);
    world.fetch().unwrap();
    world.check();
}

/// A thread that was not read to its end and then is gone keeps no run from being finished.
#[test]
fn a_thread_that_is_no_longer_named_is_at_its_end() {
    let mut world = World::new(service());
    world.options = world.options.clone().max_pages(3);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[2].end, End::Unfinished);
    world.options = world.options.clone().max_pages(None);
    world.service().threads.truncate(2);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[2].end, End::NoProgress);
    assert!(report.is_finished());
}

/// The seconds that pages were asked for.
fn seconds(log: &[(String, String)]) -> Vec<i64> {
    let pages = log.iter().filter(|(path, _)| path == "POST /v1/threads");
    let bodies = pages.map(|(_, body)| serde_json::from_str::<serde_json::Value>(body).unwrap());
    bodies
        .filter_map(|body| body["additionals"]["when"].as_i64())
        .collect()
}

/// A walk from now that is not done does not stand for one from a day long gone; it waits, and then
/// goes on to where that one began.
#[test]
fn a_day_can_be_asked_for_before_what_is_younger_is_done() {
    let until = NOW - 360_000;
    let mut world = World::new(service());
    world.options = world.options.clone().max_pages(3);
    world.fetch().unwrap();
    let before = world.service().log.len();
    world.options = world.options.clone().max_pages(None).until(until);
    let report = world.fetch().unwrap();
    assert!(report.is_finished() && report.threads[1].end == End::Whole);
    let asked = seconds(&world.service().log[before..]);
    assert!(asked.contains(&until), "{asked:?}");
    assert!(asked.iter().all(|&when| when <= until), "{asked:?}");
    let collected = world.collected();
    let visible = world.service().reachable();
    assert!(
        visible
            .iter()
            .filter(|comment| comment.3 <= until)
            .all(|comment| collected.contains(comment))
    );
    // Once more, a page of each thread; and then all.
    let before = world.service().log.len();
    world.fetch().unwrap();
    assert!(world.service().log.len() - before <= 4);
    world.options = world.options.clone().until(None);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[1].end, End::MetKnown);
    world.check();
    // What was visible then is there: nothing of it is asked for.
    let before = world.service().log.len();
    world.options = world.options.clone().until(until + 50_000);
    assert!(world.fetch().unwrap().is_finished());
    let asked = seconds(&world.service().log[before..]);
    assert!(asked.len() <= 1, "{asked:?}");
}

#[test]
fn the_state_of_a_day_can_be_asked_for() {
    let until = NOW - 200_000;
    let mut world = World::new(service());
    world.options = world.options.clone().until(until);
    world.fetch().unwrap();
    let collected = world.collected();
    let visible =
        |comment: &(String, String, i64, i64, String)| comment.3 <= until || comment.1 == "owner";
    let expected = world
        .service()
        .reachable()
        .into_iter()
        .filter(visible)
        .collect();
    assert_eq!(collected, expected);
}

#[test]
fn cancelling_leaves_a_collection_and_a_way_on() {
    let mut world = World::new(service());
    let report = world.fetch_until(3).unwrap();
    assert!(report.cancelled && !report.is_finished());
    assert_eq!(report.collected(), world.collected().len() as u64);
    assert!(world.collected().len() > 100);
    world.fetch().unwrap();
    world.check();
}

#[test]
fn stopping_at_damage_or_while_waiting_loses_nothing() {
    let mut world = World::new(service());
    world.fetch().unwrap();
    let (expected, requests) = (world.collected(), world.service().log.len());
    for name in ["pages/000003.json", "state.json"] {
        let whole = fs::read(world.path().join(name)).unwrap();
        fs::write(world.path().join(name), "").unwrap();
        assert!(matches!(
            world.fetch_telling(|event| matches!(event, Event::Damaged { .. })),
            Err(Error::Damaged { .. })
        ));
        fs::write(world.path().join(name), whole).unwrap();
        assert_eq!(world.collected(), expected);
    }
    assert_eq!(
        world.service().log.len(),
        requests + 1,
        "the watch call for the damaged page"
    );
    world.service().faults = [None, None, Some(Fault::Status(503))].into();
    let report = world
        .fetch_telling(|event| matches!(event, Event::Waiting { .. }))
        .unwrap();
    assert!(report.cancelled && !report.is_finished());
    assert_eq!(world.service().log.len(), requests + 4);
    world.fetch().unwrap();
    world.check();
}

#[test]
fn a_folder_holds_one_collection() {
    let mut world = World::new(service());
    world.fetch().unwrap();
    let mut fetcher = Fetcher::new(world.options.clone())
        .transport(&mut world.memory)
        .clock(world.clock.clone());
    let mut go_on = |_: &nico_fetch::Event<'_>| std::ops::ControlFlow::Continue(());
    let result = fetcher.fetch(&"sm10".parse().unwrap(), world.folder.path(), &mut go_on);
    assert!(matches!(result, Err(Error::OtherCollection { .. })));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let mut world = World::new(service());
    let options = world.options.clone();
    for wrong in [
        options.clone().contact("me\r\nX: y"),
        options
            .clone()
            .interval(std::time::Duration::from_millis(999)),
        options.clone().format(Format::OwnerText),
        options.clone().since(5).until(4),
        options.clone().until(-1),
        options.clone().language("../x"),
    ] {
        world.options = wrong;
        assert!(matches!(world.fetch(), Err(Error::Option { .. })));
    }
    assert!(world.service().log.is_empty());
}
