//! What the demo world promises: the same bytes each time, whole videos with sound, comments like
//! real ones.

use std::collections::HashMap;
use std::path::Path;

use ffmpeg_next as ffmpeg;
use nico_comments::{Comments, ReadOptions};
use nico_corpus::Boxes;
use world::{ColorTold, Show, WorldOptions, write_world};

/// A world too short for much, but complete; drawn once for all tests of its files.
fn tiny() -> WorldOptions {
    WorldOptions::default()
        .seconds(2.0)
        .comments(60)
        .size(160, 120)
}

/// Writes the comments of a show; the ground truth is what the library reads of what is written.
fn write_comments(
    show: Show,
    path: &Path,
    options: &WorldOptions,
) -> Result<Boxes, Box<dyn std::error::Error>> {
    let mut json = Vec::new();
    world::write_comments(show, path, options)?.write_to(&mut json)?;
    Ok(Boxes::parse(std::str::from_utf8(&json)?)?)
}

#[test]
fn videos_have_sound_of_their_length_and_exact_times() {
    let folder = tempfile::tempdir().unwrap();
    let report = write_world(folder.path(), &tiny(), |_| {}).unwrap();
    for show in &report.shows {
        assert_eq!(show.num_frames, 60);
        let path = show.folder.join("video.mp4");
        let mut input = ffmpeg::format::input(&path).unwrap();
        let video = input.streams().best(ffmpeg::media::Type::Video).unwrap();
        let audio = input.streams().best(ffmpeg::media::Type::Audio).unwrap();
        assert_eq!(video.avg_frame_rate(), ffmpeg::Rational(30_000, 1_001));
        let seconds = |stream: &ffmpeg::format::stream::Stream<'_>| {
            stream.duration() as f64 * f64::from(stream.time_base())
        };
        let (pictures, sound) = (seconds(&video), seconds(&audio));
        assert!(
            (pictures - 60.0 * 1001.0 / 30_000.0).abs() < 1e-6,
            "{pictures}"
        );
        assert!(
            (pictures - sound).abs() < 1001.0 / 30_000.0,
            "{pictures} {sound}"
        );
        let (index, time_base) = (video.index(), video.time_base());
        let mut times: Vec<i64> = input
            .packets()
            .filter(|(stream, _)| stream.index() == index)
            .filter_map(|(_, packet)| packet.pts())
            .collect();
        times.sort_unstable();
        let step = f64::from(ffmpeg::Rational(1001, 30_000)) / f64::from(time_base);
        for (i, time) in times.iter().enumerate() {
            assert!(
                (*time as f64 - i as f64 * step).abs() < 0.5,
                "frame {i} is at {time}"
            );
        }
        assert_eq!(times.len(), 60);
    }
}

/// A viewer who names anybody, seen or not, is right about as often as chance; unseen names change
/// no picture and no box.
#[test]
fn unseen_names_are_said_as_often_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let share = |unseen| {
        let path = folder.path().join("comments.xml");
        let options = WorldOptions::default()
            .seconds(60.0)
            .comments(4_000)
            .unseen_names(unseen);
        let boxes = write_comments(Show::Cafe, &path, &options).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let comments: Vec<_> = Comments::new(file, ReadOptions::default())
            .flatten()
            .collect();
        let said = comments.iter().map(|comment| {
            let frame = comment.vpos.0.max(0) * 300 / 1_001; // of 30,000/1,001 a second
            (usize::try_from(frame).unwrap(), comment.body.as_str())
        });
        let naming = boxes.naming(said);
        (naming.share(), naming.chance(), boxes)
    };
    let (few, _, boxes) = share(0.1);
    let (all, chance, same_boxes) = share(1.0);
    assert!(few > chance + 0.25, "{few} of {chance}");
    assert!((all - chance).abs() < 0.15, "{all} of {chance}");
    assert_eq!(boxes, same_boxes);
    let beyond = WorldOptions::default().unseen_names(1.5);
    assert!(write_comments(Show::Cafe, &folder.path().join("none"), &beyond).is_err());
}

/// Where the colour of clothes is to be told before the name, no comment that begins with a name
/// tells one.
#[test]
fn colours_are_told_where_they_are_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let first_in_comment = |costumes| {
        let path = folder.path().join("comments.xml");
        let options = WorldOptions::default()
            .seconds(60.0)
            .comments(4_000)
            .scattered(true)
            .costumes(costumes);
        let boxes = write_comments(Show::Cafe, &path, &options).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let names: Vec<String> = boxes
            .characters
            .iter()
            .flat_map(|one| one.names.clone())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let colors = ["赤", "緑", "紫", "紺", "カーキ"];
        let (mut name_first, mut color_first) = (0, 0);
        for comment in Comments::new(file, ReadOptions::default()).flatten() {
            let found = |words: &[&str]| {
                words
                    .iter()
                    .filter_map(|word| comment.body.find(word))
                    .min()
            };
            if let (Some(color), Some(name)) = (found(&colors), found(&names)) {
                name_first += usize::from(name < color && comment.body.chars().count() < 12);
                color_first += usize::from(color < name);
            }
        }
        (name_first, color_first)
    };
    assert_eq!(first_in_comment(None).1, 0);
    let (name_first, color_first) = first_in_comment(Some(ColorTold::Anywhere));
    assert!(
        name_first > 100 && color_first > 50,
        "{name_first} {color_first}"
    );
    let (name_first, color_first) = first_in_comment(Some(ColorTold::BeforeName));
    assert!(
        name_first < 5 && color_first > 300,
        "{name_first} {color_first}"
    );
}

#[test]
fn same_seed_gives_same_bytes_and_finished_shows_are_kept() {
    let [first, second, other] = [1, 1, 2].map(|seed| {
        let folder = tempfile::tempdir().unwrap();
        write_world(folder.path(), &tiny().seed(seed), |_| {}).unwrap();
        folder
    });
    let bytes =
        |folder: &Path, name: &str| std::fs::read(folder.join("safari").join(name)).unwrap();
    for name in ["comments.xml", "boxes.json", "lines.srt"] {
        assert_eq!(
            bytes(first.path(), name),
            bytes(second.path(), name),
            "{name}"
        );
    }
    assert_ne!(
        bytes(first.path(), "comments.xml"),
        bytes(other.path(), "comments.xml")
    );

    let kept = write_world(first.path(), &tiny(), |_| {}).unwrap();
    assert!(kept.shows.iter().all(|show| show.kept));
    let redrawn = write_world(first.path(), &tiny().comments(61), |_| {}).unwrap();
    assert!(
        redrawn
            .shows
            .iter()
            .all(|show| !show.kept && show.num_comments == 61)
    );
    let files: Vec<_> = std::fs::read_dir(first.path().join("cafe"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files.len(), 5, "nothing temporary is left: {files:?}");
}

/// What a killed program leaves: files of other options, one that was not written to its end, and no
/// word that all is there.
#[test]
fn what_a_killed_program_left_is_drawn_anew() {
    let folder = tempfile::tempdir().unwrap();
    let cafe = folder.path().join("cafe");
    std::fs::create_dir(&cafe).unwrap();
    for name in ["comments.xml", "video.mp4", ".video.mp4.a8Xn2s"] {
        std::fs::write(cafe.join(name), "half").unwrap();
    }
    let report = write_world(folder.path(), &tiny(), |_| {}).unwrap();
    assert!(report.shows.iter().all(|show| !show.kept));
    let mut files: Vec<_> = std::fs::read_dir(&cafe)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "boxes.json",
            "comments.xml",
            "lines.srt",
            "video.mp4",
            "world.json"
        ]
    );
    assert_ne!(std::fs::read(cafe.join("comments.xml")).unwrap(), b"half");
}

#[test]
fn options_that_cannot_be_drawn_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("world");
    for options in [
        tiny().seconds(0.2),
        tiny().seconds(f64::NAN),
        tiny().size(161, 120),
        tiny().fps(30, 0),
        tiny().comments(usize::MAX),
    ] {
        let fault = write_world(&target, &options, |_| {}).unwrap_err();
        assert!(fault.to_string().contains("choose"), "{fault}");
        assert!(!target.exists());
    }
}

/// The library reads every box that is written, in its place.
#[test]
fn boxes_are_read_by_the_library() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), &tiny(), |_| {}).unwrap();
    let boxes = Boxes::read(folder.path().join("cafe/boxes.json")).unwrap();
    assert_eq!((boxes.frames, boxes.width, boxes.height), (60, 160, 120));
    assert_eq!(boxes.characters.len(), 6);

    let options = WorldOptions::default().comments(20);
    let path = folder.path().join("comments.xml");
    let written = world::write_comments(Show::Cafe, &path, &options).unwrap();
    let read = write_comments(Show::Cafe, &path, &options).unwrap();
    let written: Vec<_> = written
        .boxes
        .iter()
        .map(|one| (&one.character, one.frames, one.rect))
        .collect();
    let read: Vec<_> = read
        .boxes()
        .iter()
        .map(|one| (&one.character, one.frames, one.rect))
        .collect();
    assert!(written.len() > 100);
    assert_eq!(read, written);
}

/// The comments alone, of a show of real length: its video is not needed.
#[test]
fn comments_have_the_facts_of_real_ones() {
    let folder = tempfile::tempdir().unwrap();
    let options = WorldOptions::default().comments(6_000);
    let path = folder.path().join("comments.xml");
    for show in Show::ALL {
        let boxes = write_comments(show, &path, &options).unwrap();
        let mut reader = Comments::open(&path, ReadOptions::default()).unwrap();
        let (mut comments, mut rejected) = (Vec::new(), 0);
        for comment in reader.by_ref() {
            match comment {
                Ok(comment) => comments.push(comment),
                Err(_) => rejected += 1,
            }
        }
        assert!((1..=4).contains(&rejected), "{rejected} without a position");
        assert_eq!(comments.len() + rejected, 6_000);
        let share = |count: usize| count as f64 / 6_000.0;
        assert!((0.01..0.04).contains(&share(
            comments.iter().filter(|one| one.is_deleted()).count()
        )));
        assert!((0.15..0.45).contains(&share(
            comments.iter().filter(|one| one.is_premium()).count()
        )));
        assert_eq!(comments.iter().filter(|one| one.is_owner()).count(), 3);

        let last = boxes.frames - 1;
        let frame = |vpos: i64| usize::try_from(vpos.max(0) * 300 / 1001).unwrap().min(last);
        let written: Vec<_> = comments
            .iter()
            .filter(|one| !one.is_deleted() && !one.is_owner())
            .collect();
        let mut per_frame: HashMap<usize, usize> = HashMap::new();
        for one in &written {
            *per_frame.entry(frame(one.vpos.0)).or_default() += 1;
        }
        let mut frames: Vec<_> = per_frame
            .into_iter()
            .map(|(frame, count)| (count, frame))
            .collect();
        frames.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(
            frames[0].1,
            0,
            "the first frame has most: {:?}",
            &frames[..4]
        );
        assert_eq!(frames[1].1, last, "then the last: {:?}", &frames[..4]);
        assert!(frames[2].0 > 20, "and the joke: {:?}", &frames[..4]);

        let naming = boxes.naming(
            written
                .iter()
                .map(|one| (frame(one.vpos.0), one.body.as_str())),
        );
        assert!((0.65..0.85).contains(&naming.share()), "{naming:?}");
        assert!(naming.chance() < 0.4, "{naming:?}");
        let mut lengths: Vec<_> = written.iter().map(|one| one.body.chars().count()).collect();
        lengths.sort_unstable();
        assert!(
            lengths[lengths.len() / 2] < 10 && lengths[lengths.len() - 1] > 45,
            "long ones are rare"
        );
        assert!(
            comments.iter().any(|one| one.vpos.0 > 9_100),
            "some are past the end"
        );
    }
}
