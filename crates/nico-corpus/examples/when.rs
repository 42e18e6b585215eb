//! When do comments come, how many, and are two halves of the viewers alike? Figures of folders of
//! episodes, without a network.
//!
//! `cargo run --release -p nico-corpus --example when -- TRAIN DEV [--capped]`

use std::{env, error::Error, path::PathBuf};

use nico_corpus::{
    commenting::{LikePeopleReport, measure_counts, measure_minutes},
    stream::read_episodes,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let is_capped = folders
        .pop_if(|last| last.as_os_str() == "--capped")
        .is_some();
    let [train, dev] = folders.as_slice() else {
        return Err("usage: when TRAIN DEV [--capped]".into());
    };
    let train = read_episodes(train, |rejected| eprintln!("{rejected}"))?;
    let dev = read_episodes(dev, |rejected| eprintln!("{rejected}"))?;
    println!(
        "{}",
        LikePeopleReport::of_halves(&dev, &train, 1).text("the other half")
    );
    let (counts, rate) = measure_counts(&train, &dev, is_capped, 1)?;
    println!("{}", counts.text());
    if is_capped {
        println!("{}", measure_minutes(&train, &dev, 1).text());
    }
    // Live: how many comments are expected in the second that comes?
    for episode in dev.iter().take(1) {
        let expected = rate.expected(&episode.past_at(120_000));
        println!(
            "{}: {expected:.1} comments in the second from 2:00 on",
            episode.name()
        );
    }
    Ok(())
}
