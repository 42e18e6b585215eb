//! A service that misbehaves: afterwards the collection is what it holds all the same, or the error
//! says what to do.

use std::sync::atomic::Ordering;
use std::time::Duration;

use nico_fetch::{End, Error};
use proptest::prelude::*;

use crate::service::{Fault, NOW, Service, meta};
use crate::world::{Random, World, chain, threads};

/// A schedule of faults that a patient client gets through: no more than three failures in a row, a
/// page between repeats and behind an expired key.
fn schedule(random: &mut Random, requests: usize, expiries: bool) -> Vec<Option<Fault>> {
    let (mut schedule, mut failures, mut repeated) = (Vec::new(), 0, false);
    for _ in 0..requests {
        let fault = match random.below(30) {
            0 => Some(Fault::Throttle(429, None)),
            1 => Some(Fault::Throttle(429, Some(random.below(100)))),
            2 => Some(Fault::Throttle(400, None)),
            3 => Some(Fault::Status(503)),
            4 => Some(Fault::Cut),
            5 => Some(Fault::Reset),
            6 => Some(Fault::Slow),
            7 => Some(Fault::Html),
            8 if !repeated => Some(Fault::Repeat),
            9 if expiries => Some(Fault::Expire),
            10 => Some(Fault::Die),
            _ => None,
        };
        let fault = fault.filter(|_| failures < 3);
        schedule.push(fault);
        match fault {
            None => (failures, repeated) = (0, false),
            Some(Fault::Expire) => {
                schedule.extend([None, None]); // the new key and the page
                (failures, repeated) = (0, false);
            }
            // Of another thread it is a failure.
            Some(Fault::Repeat) => (failures, repeated) = (failures + 1, true),
            Some(_) => failures += 1,
        }
    }
    schedule
}

/// Faults of every kind at random, kills among them, the clocks wrong by years, for a thread of so
/// many comments and pages of so many.
fn whole_after(seed: u64, main: i64, page: usize) {
    let mut random = Random(seed);
    let mut service = Service::new(threads(main, seed), page);
    let expiries = random.below(2) == 0;
    if !expiries {
        service.key_life = usize::try_from(5 + random.below(50)).unwrap();
    }
    service.faults = schedule(&mut random, 120, expiries).into();
    let mut world = World::new(service);
    match random.below(3) {
        0 => world.clock.wrong.store(-100_000_000, Ordering::SeqCst),
        1 => world.clock.wrong.store(100_000_000, Ordering::SeqCst),
        _ => world.service().date = Some("Thu, 01 Jan 2015 00:00:00 GMT".to_owned()),
    }
    if world.clock.wrong.load(Ordering::SeqCst) < 0 {
        world.service().date = Some("Tue, 14 Nov 2023 22:13:20 GMT".to_owned());
    }
    let mut runs = 0;
    let report = loop {
        match world.fetch() {
            Ok(report) => break report,
            Err(error) => {
                assert!(chain(&error).contains("killed"), "{error}");
                world.service().dead = false;
                world.clock.wrong.fetch_add(7, Ordering::SeqCst);
            }
        }
        runs += 1;
        assert!(runs < 100);
    };
    world.check();
    assert!(report.is_finished());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_goes_wrong_the_collection_is_whole(seed in any::<u64>()) {
        whole_after(seed, 600, 50);
    }
}

/// A page repeated, its key expired, and the page repeated again.
#[test]
fn pages_repeated_around_a_new_key_cost_nothing() {
    for seed in [176, 1_375_869_677_218_382_512] {
        whole_after(seed, 1_200, 100);
    }
}

fn small() -> Service {
    Service::new(threads(600, 11), 100)
}

/// A world whose requests go wrong like this, the rest well.
fn with_faults(faults: impl IntoIterator<Item = Option<Fault>>) -> World {
    let mut service = small();
    service.faults = faults.into_iter().collect();
    World::new(service)
}

#[test]
fn too_many_requests_are_waited_for() {
    for (fault, seconds) in [
        (Fault::Throttle(429, None), 60),
        (Fault::Throttle(400, None), 60),
        (Fault::Throttle(429, Some(7)), 7),
        (Fault::Throttle(400, Some(90)), 90),
        (Fault::Throttle(429, Some(0)), 1),
    ] {
        let mut world = with_faults([None, None, Some(fault)]);
        let report = world.fetch().unwrap();
        assert_eq!(
            (report.waits, report.waited),
            (1, Duration::from_secs(seconds)),
            "{fault:?}"
        );
        world.check();
    }
}

#[test]
fn endless_throttling_is_an_error_with_a_time() {
    let mut world = with_faults([None, Some(Fault::Throttle(429, Some(100_000)))]);
    let error = world.fetch().unwrap_err();
    assert!(
        matches!(error, Error::Throttled { .. }) && error.to_string().contains("100000 s"),
        "{error}"
    );
    let mut world = with_faults(vec![Some(Fault::Throttle(429, None)); 30]);
    assert!(matches!(world.fetch(), Err(Error::Throttled { .. })));
    assert_eq!(world.service().log.len(), 11);
}

#[test]
fn failures_are_tried_again_with_growing_waits() {
    let mut world = with_faults([
        Some(Fault::Status(500)),
        Some(Fault::Reset),
        Some(Fault::Slow),
    ]);
    let report = world.fetch().unwrap();
    assert_eq!((report.waits, report.waited), (3, Duration::from_secs(22)));
    world.check();
    let mut world = with_faults([None].into_iter().chain(vec![Some(Fault::Cut); 9]));
    let error = world.fetch().unwrap_err();
    assert_eq!(chain(&error), "page: failed 4 times: it was cut off");
    world.fetch().unwrap_err();
    world.fetch().unwrap();
    world.check();
}

#[test]
fn an_expired_key_is_renewed_once() {
    let mut service = small();
    service.key_life = 3;
    let mut world = World::new(service);
    world.fetch().unwrap();
    world.check();
    assert!(world.said.contains("KeyRenewed"));
    let mut service = small();
    service.key_life = 0;
    let mut world = World::new(service);
    assert!(matches!(world.fetch(), Err(Error::KeyExpired)));
    assert_eq!(world.service().log.len(), 4); // watch, page, key, page
}

/// As of a session that has ended: there is one, and it does not do.
#[test]
fn a_session_that_does_not_do_is_told() {
    let mut world = World::new(small());
    world.service().answer_all = Some(meta(400, "INVALID_TOKEN"));
    let error = world.fetch().unwrap_err();
    assert!(
        matches!(error, Error::LoginNeeded) && error.to_string().contains("it has ended"),
        "{error}"
    );
}

#[test]
fn a_repeated_page_costs_nothing() {
    for at in 2..8 {
        let mut world = with_faults((0..at).map(|_| None).chain([Some(Fault::Repeat)]));
        world.fetch().unwrap();
        world.check();
    }
}

#[test]
fn an_endless_page_comes_to_an_end() {
    let mut service = small();
    service.endless = true;
    let mut world = World::new(service);
    let report = world.fetch().unwrap();
    assert_eq!(report.threads[1].end, End::NoProgress);
    assert_eq!(report.threads[1].collected, 100);
    assert!(report.requests < 30, "{}", report.requests);
}

#[test]
fn redirects_are_not_followed() {
    let mut world = with_faults([None, Some(Fault::Redirect)]);
    let error = world.fetch().unwrap_err();
    assert!(
        matches!(error, Error::Redirect { status: 302, .. })
            && !error.to_string().contains("elsewhere")
    );
    assert_eq!(world.service().log.len(), 2);
}

#[test]
fn reasons_of_the_watch_call_are_told() {
    for (code, expected) in [
        ("PREMIUM_ONLY", "for Premium members"),
        ("HIDDEN_VIDEO", "hidden or deleted"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
        ("<script>", "no reason given"),
    ] {
        let mut answer = meta(403, "FORBIDDEN");
        answer.body =
            format!(r#"{{"meta":{{"status":403,"errorCode":"FORBIDDEN"}},"data":{{"reasonCode":"{code}"}}}}"#).into();
        let mut world = World::new(small());
        world.service().watch = Some(answer);
        let error = world.fetch().unwrap_err().to_string();
        assert!(
            error.contains("sm9") && error.contains(expected) && error.contains("FORBIDDEN"),
            "{error}"
        );
        assert_eq!(world.service().log.len(), 1);
    }
}

#[test]
fn wrong_clocks_do_not_cost_the_newest_comments() {
    for (wrong, date) in [
        (-100_000_000, Some("Tue, 14 Nov 2023 22:13:20 GMT")),
        (0, Some("Thu, 01 Jan 1970 00:00:00 GMT")),
        (0, Some("soon")),
        (100_000_000, None),
    ] {
        let mut world = World::new(small());
        world.clock.wrong.store(wrong, Ordering::SeqCst);
        world.service().date = date.map(Into::into);
        world.fetch().unwrap();
        world.check();
        let asked = world.service().log[2].1.clone();
        let when =
            serde_json::from_str::<serde_json::Value>(&asked).unwrap()["additionals"]["when"]
                .as_i64();
        assert!(when.unwrap() >= NOW, "{asked}");
    }
}
