//! Fetches the comments of a video into a folder, or the past log of a broadcast channel. Run it
//! again to go on, or for what is new.
//!
//! ```text
//! export NICO_USER_SESSION=…   # the cookie user_session of a browser that is logged in
//! cargo run --release -p nico-fetch --example fetch -- sm9 comments/sm9 me@example.com
//! cargo run --release -p nico-fetch --example fetch -- jk1 comments/jk1 me@example.com \
//!     1690000000 1690003600
//! ```

use std::error::Error;
use std::ops::ControlFlow;

use nico_fetch::{Event, FetchOptions, Fetcher, Session};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let options = |contact: &str| FetchOptions::default().contact(contact);
    let mut tell = |event: &Event<'_>| {
        match event {
            Event::Planned {
                comments, requests, ..
            } => println!("{comments} comments, about {requests} requests"),
            Event::Page {
                fork,
                collected,
                expected,
                ..
            } => match expected {
                Some(expected) => println!("{fork}: {collected} of {expected}"),
                None => println!("{fork}: {collected}"),
            },
            Event::Waiting { fault, time } => println!("waits {} s: {fault}", time.as_secs()),
            Event::StillWaiting { .. } => {}
            event => println!("{event:?}"),
        }
        ControlFlow::Continue(())
    };
    let (report, folder) = match args[..] {
        [video, folder, contact] => {
            let mut fetcher = Fetcher::new(options(contact)).session(Session::from_env()?);
            (fetcher.fetch(&video.parse()?, folder, &mut tell)?, folder)
        }
        [channel, folder, contact, from, to] => {
            let mut fetcher = Fetcher::new(options(contact));
            (fetcher.fetch_past_log(&channel.parse()?, from.parse()?, to.parse()?, folder, &mut tell)?, folder)
        }
        _ => return Err("usage: fetch VIDEO FOLDER CONTACT, or fetch CHANNEL FOLDER CONTACT FROM TO (unix seconds)".into()),
    };
    println!("{folder}/{}: {} comments", report.file, report.collected());
    for thread in &report.threads {
        let missing = thread.num_missing();
        println!(
            "{}: {}, {missing} numbers missing",
            thread.fork,
            thread.end.as_str()
        );
    }
    Ok(())
}
