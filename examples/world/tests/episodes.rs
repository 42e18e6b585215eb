//! What drawn episodes promise: the same bytes each time, the layout of the corpus library, and
//! comments that can be told from what is said, seen and written before them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nico_corpus::commenting::{
    Baseline, ChoiceOptions, CommentBaselines, draw_choices, report_choices, score_choices,
};
use nico_corpus::stream::{Episode, read_episodes};
use world::{EpisodesOptions, WorldOptions, write_episodes};

fn options(seed: u64) -> EpisodesOptions {
    let each = WorldOptions::default()
        .seconds(150.0)
        .comments(1_500)
        .seed(seed);
    EpisodesOptions::default().each(each).episodes(3)
}

/// The files of the shows, by name.
fn written(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for show in ["cafe", "safari"] {
        for entry in fs::read_dir(folder.join(show))? {
            let entry = entry?;
            let name = format!("{show}/{}", entry.file_name().to_string_lossy());
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

fn read(folder: &Path) -> Vec<Episode> {
    read_episodes(folder, |error| panic!("{error}")).expect("what was written is read")
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folders = [1, 1, 2].map(|seed| {
        let folder = tempfile::tempdir().unwrap();
        let each = WorldOptions::default()
            .seconds(30.0)
            .comments(200)
            .seed(seed);
        let options = EpisodesOptions::default().each(each).episodes(2);
        write_episodes(folder.path(), &options).unwrap();
        written(folder.path()).unwrap()
    });
    assert_eq!(folders[0].len(), 2 * 2 * 4);
    assert_eq!(folders[0], folders[1]);
    assert!(folders[0].keys().eq(folders[2].keys()));
    assert!(folders[0]["cafe/01.xml"] != folders[2]["cafe/01.xml"]);
    assert!(folders[0]["cafe/01.xml"] != folders[0]["cafe/02.xml"]);
}

/// A folder of more episodes of another seed, with pictures and what a kill left, becomes that of
/// the new ones; what somebody else put there stays.
#[test]
fn what_an_earlier_call_left_goes_and_other_files_stay() {
    let options = |seed, episodes| {
        let each = WorldOptions::default()
            .seconds(30.0)
            .comments(200)
            .seed(seed);
        EpisodesOptions::default().each(each).episodes(episodes)
    };
    let [again, anew] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    write_episodes(again.path(), &options(1, 3)).unwrap();
    for gone in ["01.mp4", "03.mp4", "100.xml", ".02.answers.tsv.a8Xn2s"] {
        fs::write(again.path().join("safari").join(gone), "old").unwrap();
    }
    let kept = ["1.xml", "003.srt", "02.txt", "notes.xml", "01.features"];
    for name in kept {
        fs::write(again.path().join("cafe").join(name), "kept").unwrap();
    }
    write_episodes(again.path(), &options(2, 2)).unwrap();
    write_episodes(anew.path(), &options(2, 2)).unwrap();
    let mut found = written(again.path()).unwrap();
    for name in kept {
        let bytes = found.remove(&format!("cafe/{name}"));
        assert_eq!(bytes.as_deref(), Some(&b"kept"[..]), "{name}");
    }
    assert!(found == written(anew.path()).unwrap(), "{:?}", found.keys());
}

#[test]
fn options_that_cannot_be_written_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for options in [
        options(1).episodes(0),
        options(1).each(WorldOptions::default().seconds(0.0)),
    ] {
        assert!(write_episodes(folder.path(), &options).is_err());
    }
}

/// TF-IDF of the dialogue and of others' comments finds the true comment among a hundred of the
/// same episode far better than chance.
#[test]
fn comments_are_told_by_lines_and_by_comments() {
    let folder = tempfile::tempdir().unwrap();
    let report = write_episodes(folder.path(), &options(1)).unwrap();
    assert!(
        report
            .iter()
            .all(|one| one.num_comments == 1_500 && one.num_lines > 20)
    );
    let episodes = read(folder.path());
    assert_eq!(episodes.len(), 6);
    for (episode, report) in episodes.iter().zip(&report) {
        assert_eq!(
            (episode.len(), episode.dialogue().lines().len()),
            (1_500, report.num_lines)
        );
    }
    let (train, dev) = episodes.split_at(3); // the café, the safari
    let (cases, truths) = draw_choices(dev, &ChoiceOptions::default().per_episode(20));
    assert!(cases.len() >= 40, "{}", cases.len());
    let baselines = CommentBaselines::fit(train);
    let scores = Baseline::ALL.map(|one| {
        let scores = score_choices(&baselines, one, &cases, dev, 1).unwrap();
        (one.as_str(), scores)
    });
    let report = report_choices(&cases, &truths, &scores, 1).unwrap();
    let mrr = |baseline: Baseline| {
        let mut found = report.finding.iter();
        found
            .find(|(name, _)| *name == baseline.as_str())
            .unwrap()
            .1
            .mrr
    };
    let chance = mrr(Baseline::Random);
    for baseline in [Baseline::Dialogue, Baseline::Comments] {
        assert!(mrr(baseline).low > chance.high, "{}", report.text());
    }
}

/// Whoever is named by a comment can mostly be seen a moment before, and far more often than the
/// same name at another time of the episode.
#[test]
fn names_are_written_while_their_characters_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    write_episodes(folder.path(), &options(1)).unwrap();
    let (mut seen, mut seen_elsewhere, mut named) = (0, 0, 0);
    for episode in read(folder.path()) {
        let path = folder.path().join(format!("{}.scenes.tsv", episode.name()));
        let scenes = fs::read_to_string(path).unwrap();
        let scenes: Vec<(i64, i64, Vec<&str>)> = scenes
            .lines()
            .skip(1)
            .map(|line| {
                let columns: Vec<&str> = line.split('\t').collect();
                let names = columns[3].split(',').filter(|name| !name.is_empty());
                (
                    columns[0].parse().unwrap(),
                    columns[1].parse().unwrap(),
                    names.collect(),
                )
            })
            .collect();
        let names: Vec<&str> = scenes.iter().flat_map(|scene| scene.2.clone()).collect();
        let is_seen = |name: &str, at: i64| {
            let mut here = scenes
                .iter()
                .filter(|scene| scene.0 < at && scene.1 > at - 3_000);
            here.any(|scene| scene.2.contains(&name))
        };
        for comment in episode.comments() {
            if let Some(name) = names.iter().find(|name| comment.text.contains(**name)) {
                named += 1;
                seen += usize::from(is_seen(name, comment.millis));
                seen_elsewhere += usize::from(is_seen(name, (comment.millis + 60_000) % 150_000));
            }
        }
    }
    assert!(named > 500, "{named}");
    assert!(seen * 10 > named * 7, "{seen} of {named}");
    assert!(seen > seen_elsewhere * 3 / 2, "{seen} and {seen_elsewhere}");
}
