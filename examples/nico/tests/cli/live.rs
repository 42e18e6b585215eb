//! `nico live`: a file, a pipe, no picture at all; every output, and what goes wrong.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use burn::tensor::Device;
use caption_model::{
    Captioner, CommentRate, CommenterConfig, CommenterFolder, GlobalCaptionerConfig, ModelConfig,
    NetworkConfig, NgramHasher,
    commenter::{BackgroundNgrams, ngram_weights},
};
use frame_features::{EncoderId, Layer, Vgg};
use jp_tokenize::{PartOfSpeech, PieceOptions, Pieces, VocabularyBuilder};
use nico_comments::{Comment, Comments, ReadOptions};
use serde_json::Value;

use crate::program::{nico, nico_reading, succeed};

const TEXTS: [&str; 6] = ["草", "かわいい", "おはよう", "88888", "きたあああ", "ねこ"];

/// A small commenter of random weights.
fn commenter(dir: &Path) {
    let pieces = Pieces::learn(TEXTS, &PieceOptions::default().size(280)).unwrap();
    let mut config = CommenterConfig::tiny(&pieces);
    config.matcher = config.matcher.with_num_rows(512).with_d_model(8);
    config.network = config
        .network
        .with_d_model(16)
        .with_num_layers(1)
        .with_num_heads(2);
    let folder = CommenterFolder::new(dir);
    folder.create(&config, &pieces).unwrap();
    let device = Device::flex();
    let hasher = NgramHasher::new(512);
    let ngrams: Vec<Vec<u32>> = TEXTS.iter().map(|text| hasher.rows(text)).collect();
    let weights = ngram_weights(512, ngrams.iter().map(Vec::as_slice));
    let matcher = config.matcher.init(&weights, &device);
    folder.save_matcher(&matcher).unwrap();
    folder.save_network(&config.network.init(&device)).unwrap();
    folder
        .save_background(&BackgroundNgrams::default())
        .unwrap();
}

/// A small captioner of random weights that looks through the built-in encoder.
fn captioner(dir: &Path) {
    let mut words = VocabularyBuilder::new();
    for word in TEXTS {
        words.add(word, PartOfSpeech::parse("名詞,一般"));
    }
    let vocabulary = words.build(None, 1);
    let device = Device::flex();
    let slim = Vgg::slim(&device).unwrap();
    let sha256 = slim.fingerprint(Layer::Relu7).unwrap();
    let encoder = EncoderId::new("vgg19-slim8", sha256, Layer::Relu7, 64);
    let network = GlobalCaptionerConfig::new(vocabulary.len(), 512).with_d_embedding(8);
    let network = NetworkConfig::from(network.with_d_hidden(8));
    let weights = network.init(&device);
    let config = ModelConfig::new(network, encoder);
    let rate = CommentRate::from_counts([1, 2], 10.0);
    let captioner = Captioner::new(weights, vocabulary, config, rate).unwrap();
    captioner.save(dir).unwrap();
}

/// Makes a video of so many seconds with ffmpeg's `filter`, with sound; says so where that is not
/// installed, and fails if `REQUIRE_ALL` is 1.
fn video(path: &Path, filter: &str, seconds: u32) -> bool {
    let made = Command::new("ffmpeg")
        .args(["-y", "-loglevel", "error", "-f", "lavfi", "-i", filter])
        .args(["-f", "lavfi", "-i", "sine=frequency=440"])
        .args([
            "-t",
            &seconds.to_string(),
            "-pix_fmt",
            "yuv420p",
            "-g",
            "10",
        ])
        .arg(path)
        .status();
    let is_made = made.is_ok_and(|status| status.success());
    if !is_made {
        let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(!all_required, "no ffmpeg on this system");
        eprintln!("skipped: no ffmpeg on this system");
    }
    is_made
}

/// Frames of a video that ffmpeg decodes without an error.
fn frames(path: &Path) -> u64 {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v:0"])
        .args(["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(errors.trim().is_empty(), "{}: {errors}", path.display());
    let text = String::from_utf8(out.stdout).unwrap();
    // MPEG-TS names its streams twice.
    let first = text.split(['\n', ',']).next().unwrap();
    first.trim().parse().unwrap()
}

/// Pictures that were not written, because this machine is too busy.
fn skipped(report: &Value) -> u64 {
    report["skipped"].as_u64().unwrap()
}

fn xml(path: &Path) -> Vec<Comment> {
    let read = Comments::open(path, ReadOptions::default()).unwrap();
    read.collect::<Result<_, _>>().unwrap()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        commenter(&folder.path().join("model"));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// `nico live` with this model, many comments and a long budget, for machines that are busy.
    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let model = self.text("model");
        let all = [
            "live", "--model", &model, "--rate", "8", "--drafts", "3", "--budget", "5000",
        ];
        all.iter()
            .chain(more)
            .map(|one| (*one).to_owned())
            .collect()
    }
}

const PICTURE: &str = "testsrc2=size=160x120:rate=25";

#[test]
fn a_file_is_played_into_every_output() {
    let place = Place::new();
    if !video(&place.path("in.mp4"), PICTURE, 4) {
        return;
    }
    fs::write(
        place.path("in.srt"),
        "1\n00:00:01,000 --> 00:00:02,000\nおはよう\n\n",
    )
    .unwrap();
    let [input, lines] = ["in.mp4", "in.srt"].map(|name| place.text(name));
    let [out, jsonl, comments] = ["out.mkv", "out.jsonl", "out.xml"].map(|name| place.text(name));
    let start = Instant::now();
    let run = nico(place.arguments(&[
        &input,
        "--lines",
        &lines,
        "--prompted",
        "1",
        "--out",
        &out,
        "--jsonl",
        &jsonl,
        "--xml",
        &comments,
        "--serve",
        "127.0.0.1:0",
        "--json",
    ]));
    assert!(
        start.elapsed() >= Duration::from_millis(3_800),
        "it is played at its speed"
    );
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert!(told.contains("http://127.0.0.1:"), "{told}");
    let given = report["given"].as_u64().unwrap();
    assert!(given > 5, "{report}");
    assert_eq!(report["lines"], 1);
    assert_eq!(report["frames"], 100);
    assert_eq!(frames(&place.path("out.mkv")), 100 - skipped(&report));
    let written = xml(&place.path("out.xml"));
    assert_eq!(written.len() as u64, given);
    let text = fs::read_to_string(place.path("out.jsonl")).unwrap();
    let objects: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects.len(), written.len());
    for (object, comment) in objects.iter().zip(&written) {
        assert_eq!(object["body"], comment.body.as_str());
        assert!(object["seconds"].as_f64().unwrap() < 4.1);
    }
    assert!(
        objects.iter().any(|object| object["prompt"] == "line"),
        "{text}"
    );
    assert!(report["pictures"].as_u64().unwrap() >= 4, "{report}");
}

/// The pictures that are written have comments on them, and sound.
#[test]
fn a_stream_through_pipes_comes_out_with_comments() {
    let place = Place::new();
    let grey = "color=c=0x404040:size=320x180:rate=25";
    if !video(&place.path("in.ts"), grey, 4) {
        return;
    }
    let bytes = fs::read(place.path("in.ts")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(place.arguments(&["-", "--out", "-"]))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feed = thread::spawn(move || {
        let _ = stdin.write_all(&bytes); // it may have failed
    });
    let out = child.wait_with_output().unwrap();
    feed.join().unwrap();
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{told}");
    fs::write(place.path("out.mkv"), &out.stdout).unwrap();
    assert!(frames(&place.path("out.mkv")) > 50, "{told}"); // on a busy machine some are left out
    let last = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-ss", "3", "-i"])
        .arg(place.path("out.mkv"))
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .unwrap();
    let light = last.stdout.iter().filter(|&&value| value > 160).count();
    assert!(light > 200, "{light} light points: {told}");
    let streams = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=codec_type",
            "-of",
            "csv=p=0",
        ])
        .arg(place.path("out.mkv"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&streams.stdout).contains("audio"));
}

/// Without a commenter: a captioner writes about what is seen, and of a cut at once.
#[test]
fn a_captioner_comments_on_what_it_sees() {
    let place = Place::new();
    let cuts = format!("{PICTURE},eq=brightness='if(mod(floor(t),2),0.4,-0.4)':eval=frame");
    if !video(&place.path("in.mp4"), &cuts, 6) {
        return;
    }
    captioner(&place.path("captioner"));
    let [input, model, jsonl] = ["in.mp4", "captioner", "out.jsonl"].map(|name| place.text(name));
    let run = nico([
        "live",
        &input,
        "--model",
        &model,
        "--rate",
        "4",
        "--prompted",
        "1",
        "--budget",
        "5000",
        "--jsonl",
        &jsonl,
        "--json",
    ]);
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert!(report["given"].as_u64().unwrap() > 5, "{report}");
    assert_eq!(report["without_picture"], 0, "{report}");
    assert!(report["cuts"].as_u64().unwrap() >= 3, "{report}");
    let text = fs::read_to_string(place.path("out.jsonl")).unwrap();
    let comments: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let is_words = |body: &str| TEXTS.iter().any(|word| body.contains(word));
    assert!(
        comments
            .iter()
            .all(|one| is_words(one["body"].as_str().unwrap())),
        "{text}"
    );
    assert!(comments.iter().any(|one| one["prompt"] == "cut"), "{text}");
}

/// Pictures of 10 bits stay so, in a frame of the player's shape, and comments on them are as large
/// and as opaque as asked for: white of half the opacity over black is 512 of 1,023.
#[test]
fn deep_pictures_and_options_of_comments_hold() {
    let place = Place::new();
    let black = "color=c=black:size=160x120:rate=25,format=yuv420p10le";
    let made = Command::new("ffmpeg")
        .args(["-y", "-loglevel", "error", "-f", "lavfi", "-i", black])
        .args(["-t", "4", "-c:v", "ffv1"])
        .arg(place.path("in.mkv"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(!all_required, "no ffmpeg on this system");
        eprintln!("skipped: no ffmpeg on this system");
        return;
    }
    let [input, out] = ["in.mkv", "out.mkv"].map(|name| place.text(name));
    let options = [
        "--codec",
        "ffv1",
        "--stage",
        "16:9",
        "--opacity",
        "0.5",
        "--comment-size",
        "2",
    ];
    let arguments = [&input[..], "--out", &out];
    let run = nico(place.arguments(&[&arguments[..], &options].concat()));
    succeed(run);
    let probed = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries"])
        .args(["stream=width,height,pix_fmt", "-of", "csv=p=0"])
        .arg(&out)
        .output()
        .unwrap();
    let probed = String::from_utf8_lossy(&probed.stdout).into_owned();
    assert_eq!(probed.trim(), "214,120,yuv420p10le");
    let last = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-ss", "3", "-i", &out])
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray10le"])
        .arg("-")
        .output()
        .unwrap();
    let luma = last.stdout.as_chunks::<2>().0.iter().copied();
    let luma: Vec<u16> = luma.map(u16::from_le_bytes).collect();
    assert_eq!(luma.len(), 214 * 120);
    let lit = luma.iter().filter(|&&sample| sample > 300).count();
    let half = luma.iter().filter(|&&sample| (506..519).contains(&sample));
    assert!(lit > 200 && half.count() > 50, "{lit} light points");
}

#[test]
fn lines_alone_are_commented_on_and_ng_words_hold() {
    let place = Place::new();
    let comments = place.text("out.xml");
    let ng = ["草", "か", "お", "8", "き", "ね"]
        .map(|ng| ["--ng-word", ng])
        .concat();
    let mut arguments = vec!["--lines", "-", "--xml", &comments];
    let lines = "おはよう\nこんにちは\n".as_bytes();
    let told = |arguments: &[&str]| {
        let arguments = place.arguments(arguments);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let run = nico_reading(&arguments, lines);
        (
            String::from_utf8_lossy(&run.stderr).into_owned(),
            succeed(run),
        )
    };
    let (_, console) = told(&arguments);
    let written = xml(&place.path("out.xml"));
    assert!(
        written.len() > 3 && console.lines().count() == written.len(),
        "{console}"
    );
    arguments.extend(ng);
    let (errors, console) = told(&arguments);
    let bad = |text: &str| {
        "草かお8きね"
            .chars()
            .any(|ng| text.split(' ').nth(1).is_some_and(|body| body.contains(ng)))
    };
    assert!(!console.lines().any(bad), "{console}");
    assert!(errors.contains("refused"), "{errors}");
    xml(&place.path("out.xml"));
}

#[test]
fn others_comments_are_read_from_a_file_that_grows() {
    let place = Place::new();
    let read = place.path("read.jsonl");
    fs::write(&read, "{\"body\":\"草\",\"user\":\"a\"}\nnonsense\n").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(place.arguments(&["--read", read.to_str().unwrap(), "--json"]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut errors = String::new();
    while !errors.contains("line 2") {
        assert!(told.read_line(&mut errors).unwrap() > 0, "{errors}");
    }
    let mut file = fs::OpenOptions::new().append(true).open(&read).unwrap();
    file.write_all("{\"body\":\"ねこ\"}\n<chat vpos=\"5\" user_id=\"b\">8</chat>\n".as_bytes())
        .unwrap();
    thread::sleep(Duration::from_secs(3));
    interrupt(child.id());
    told.read_to_string(&mut errors).unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{errors}");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["read"], 3, "{errors}");
}

/// What ends without a line end is read: at the end of a stream at once, of files that may grow when
/// nothing more comes.
#[test]
fn last_lines_without_an_end_are_read() {
    let place = Place::new();
    let comment = "{\"body\":\"草\",\"user\":\"a\"}";
    let arguments = place.arguments(&["--read", "-", "--json"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = nico_reading(&arguments, comment.as_bytes());
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert_eq!(report["read"], 1, "{report}");

    fs::write(place.path("read.jsonl"), comment).unwrap();
    let entry = "1\n00:00:01,000 --> 00:00:02,000\nおはよう";
    fs::write(place.path("in.srt"), entry).unwrap();
    let [read, lines, jsonl] = ["read.jsonl", "in.srt", "out.jsonl"].map(|name| place.text(name));
    let child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(place.arguments(&[
            "--read",
            &read,
            "--lines",
            &lines,
            "--prompted",
            "1",
            "--jsonl",
            &jsonl,
            "--json",
        ]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let is_answered =
        || fs::read_to_string(&jsonl).is_ok_and(|text| text.contains("\"prompt\":\"line\""));
    while !is_answered() && start.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(100));
    }
    interrupt(child.id());
    let run = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(130), "{errors}");
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["read"], 1, "{report} {errors}");
    assert_eq!(report["lines"], 1, "{report} {errors}");
}

fn interrupt(process: u32) {
    let sent = Command::new("kill")
        .args(["-INT", &process.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[test]
fn ctrl_c_leaves_whole_outputs() {
    let place = Place::new();
    if !video(&place.path("in.mp4"), PICTURE, 60) {
        return;
    }
    let [input, out, comments] = ["in.mp4", "out.ts", "out.xml"].map(|name| place.text(name));
    let mut child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(place.arguments(&[&input, "--out", &out, "--xml", &comments]))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while fs::metadata(&out).map_or(0, |meta| meta.len()) < 150_000 {
        assert!(start.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(100));
    }
    // It is whole while it grows, too.
    xml(&place.path("out.xml"));
    interrupt(child.id());
    let interrupted = Instant::now();
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{errors}");
    assert!(
        interrupted.elapsed() < Duration::from_secs(30),
        "it ends at once"
    );
    assert!(frames(&place.path("out.ts")) > 10);
    xml(&place.path("out.xml"));
    assert!(errors.contains("live: "), "{errors}");
}

/// A picture that changes its size, jumps and is cut off: all of it is shown, and told.
#[test]
fn a_source_that_changes_goes_on() {
    let place = Place::new();
    let small = "testsrc2=size=160x120:rate=25";
    let large = "testsrc2=size=320x180:rate=10";
    if !(video(&place.path("a.ts"), small, 2) && video(&place.path("b.ts"), large, 2)) {
        return;
    }
    let mut both = fs::read(place.path("a.ts")).unwrap();
    both.extend(fs::read(place.path("b.ts")).unwrap());
    both.extend(fs::read(place.path("a.ts")).unwrap());
    both.truncate(both.len() - 1_000);
    fs::write(place.path("in.ts"), both).unwrap();
    let [input, out] = ["in.ts", "out.mkv"].map(|name| place.text(name));
    let run = nico(place.arguments(&[&input, "--out", &out, "--json"]));
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert!(
        errors.contains("jumps") && errors.contains("160x120 to 320x180"),
        "{errors}"
    );
    let shown = report["frames"].as_u64().unwrap();
    assert!(
        shown > 100 && frames(&place.path("out.mkv")) == shown - skipped(&report),
        "{report} {errors}"
    );
}

/// A pipe that says nothing for a while: its time stands still meanwhile, and it goes on.
#[test]
fn a_source_that_stalls_goes_on() {
    let place = Place::new();
    if !video(&place.path("in.ts"), PICTURE, 4) {
        return;
    }
    let bytes = fs::read(place.path("in.ts")).unwrap();
    let out = place.text("out.mkv");
    let mut child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(place.arguments(&["-", "--out", &out, "--json"]))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feed = thread::spawn(move || {
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        let fed = stdin.write_all(first);
        // Longer than what was fed is shown, and the second after which that is told.
        thread::sleep(Duration::from_secs(8));
        let _ = fed.and_then(|()| stdin.write_all(rest)); // it may have failed
    });
    let run = child.wait_with_output().unwrap();
    feed.join().unwrap();
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert!(errors.contains("the source stalls"), "{errors}");
    assert!(errors.contains("the source goes on after"), "{errors}");
    assert!(report["stalls"].as_u64().unwrap() >= 1, "{report}");
    assert_eq!(report["frames"], 100, "{report} {errors}");
    assert_eq!(frames(&place.path("out.mkv")), 100 - skipped(&report));
    // The time that it stood still is none of the picture's.
    assert!(report["seconds"].as_f64().unwrap() < 6.0, "{report}");
}

/// An address that ends is tried again; what comes then, of another size and rate, is shown on.
#[test]
fn an_address_that_ends_and_comes_again_goes_on() {
    let place = Place::new();
    let large = "testsrc2=size=320x180:rate=10";
    if !(video(&place.path("a.ts"), PICTURE, 5) && video(&place.path("b.ts"), large, 5)) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let streams = ["a.ts", "b.ts"].map(|name| fs::read(place.path(name)).unwrap());
    let serve = thread::spawn(move || {
        for bytes in streams {
            let (mut client, _): (TcpStream, _) = listener.accept().unwrap();
            client.write_all(&bytes).unwrap();
        }
        // Nobody listens any more.
    });
    let [out, comments] = ["out.mkv", "out.xml"].map(|name| place.text(name));
    let run = nico(place.arguments(&[
        &address, "--wait", "4", "--out", &out, "--xml", &comments, "--json",
    ]));
    serve.join().unwrap();
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert!(errors.contains("it is tried again for 4 s"), "{errors}");
    assert!(errors.contains("is there again"), "{errors}");
    assert!(errors.contains("160x120 to 320x180"), "{errors}");
    let shown = report["frames"].as_u64().unwrap();
    // Of 125 and 50; what comes while an address is opened is gone by.
    assert!(shown > 80, "{report} {errors}");
    assert_eq!(frames(&place.path("out.mkv")), shown - skipped(&report));
    assert_eq!(
        xml(&place.path("out.xml")).len() as u64,
        report["given"].as_u64().unwrap()
    );
}

/// A film at an address, which says how long it is, is over at its end.
#[test]
fn a_film_at_an_address_is_shown_once() {
    let place = Place::new();
    if !video(&place.path("in.mkv"), PICTURE, 3) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let film = fs::read(place.path("in.mkv")).unwrap();
    let serve = thread::spawn(move || {
        let (mut client, _): (TcpStream, _) = listener.accept().unwrap();
        client.write_all(&film).unwrap();
    });
    let run = nico(place.arguments(&[&address, "--wait", "4", "--json"]));
    serve.join().unwrap();
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(run)).unwrap();
    assert!(!errors.contains("tried again"), "{errors}");
    assert!(report["frames"].as_u64().unwrap() > 20, "{report} {errors}");
}

/// A disk that is full from the first picture on, as `/dev/full` plays it.
#[cfg(unix)]
#[test]
fn a_picture_that_cannot_be_written_does_not_end_the_rest() {
    if !Path::new("/dev/full").exists() {
        return; // not on this system
    }
    let place = Place::new();
    if !video(&place.path("in.mp4"), PICTURE, 3) {
        return;
    }
    std::os::unix::fs::symlink("/dev/full", place.path("out.mkv")).unwrap();
    let [input, out, comments] = ["in.mp4", "out.mkv", "out.xml"].map(|name| place.text(name));
    let run = nico(place.arguments(&[&input, "--out", &out, "--xml", &comments]));
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(1), "{errors}");
    assert!(errors.contains("out.mkv: "), "{errors}");
    assert!(errors.contains("an output is not whole"), "{errors}");
    assert!(xml(&place.path("out.xml")).len() > 3, "{errors}");
}

/// Pages that are open, and one that has stopped to read a film, do not hold the end up.
#[test]
fn open_pages_do_not_hold_up_the_end() {
    let place = Place::new();
    if !video(&place.path("in.mp4"), PICTURE, 60) {
        return;
    }
    // More than sockets hold.
    let mut film = fs::read(place.path("in.mp4")).unwrap();
    film.resize(64 << 20, 0);
    fs::write(place.path("in.mp4"), film).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(place.arguments(&[&place.text("in.mp4"), "--serve", "127.0.0.1:0"]))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert!(errors.read_line(&mut line).unwrap() > 0, "it ended");
        if let Some(address) = line.trim().strip_prefix("live: http://") {
            break address.trim_end_matches('/').to_owned();
        }
    };
    let mut open = Vec::new();
    for path in ["/events", "/video", "/video", "/video", "/events"] {
        let mut client = TcpStream::connect(&address).unwrap();
        write!(client, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut status = [0; 12];
        client.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200", "{path}");
        open.push(client);
    }
    interrupt(child.id());
    let start = Instant::now();
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(start.elapsed() < Duration::from_secs(20), "it ends at once");
}

/// A full disk, as `/dev/full` plays it: the other outputs go on, and it is no success.
#[test]
fn an_output_that_fails_does_not_end_the_others() {
    if !Path::new("/dev/full").exists() {
        return; // not on this system
    }
    let place = Place::new();
    let comments = place.text("out.xml");
    let arguments = place.arguments(&["--lines", "-", "--jsonl", "/dev/full", "--xml", &comments]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = nico_reading(&arguments, "おはよう\n".as_bytes());
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(1), "{errors}");
    assert!(errors.contains("/dev/full: "), "{errors}");
    assert!(xml(&place.path("out.xml")).len() > 1, "{errors}");
}

#[test]
fn what_cannot_work_is_told_at_once() {
    let place = Place::new();
    fs::write(place.path("not.mp4"), "no video").unwrap();
    let not = place.text("not.mp4");
    let told = |more: &[&str]| {
        let run = nico(place.arguments(more));
        assert!(!run.status.success());
        String::from_utf8_lossy(&run.stderr).into_owned()
    };
    assert!(told(&[&not]).contains("not.mp4: is no video"));
    assert!(told(&["missing.mp4"]).contains("missing.mp4: cannot read"));
    assert!(told(&[]).contains("nothing is read"));
    assert!(told(&["-", "--lines", "-"]).contains("standard input"));
    assert!(told(&[&not, "--out", "-", "--jsonl", "-"]).contains("standard output"));
    assert!(told(&[&not, "--out", "out.mp4"]).contains(".mkv, .ts"));
    assert!(told(&[&not, "--out", &not]).contains("not.mp4: is read, and cannot be written"));
    for (input, out) in [
        ("--lines", "--jsonl"),
        ("--lines", "--xml"),
        ("--read", "--jsonl"),
    ] {
        let told = told(&[input, &not, out, &not]);
        assert!(
            told.contains("not.mp4: is read, and cannot be written"),
            "{told}"
        );
    }
    assert_eq!(fs::read_to_string(&not).unwrap(), "no video");
    assert!(told(&[&not, "--density", "0.5"]).contains("--density: "));
    let far = told(&["--lines", "/dev/null", "--serve", "0.0.0.0:0"]);
    assert!(far.contains("needs a token"), "{far}");
    fs::write(place.path("empty.txt"), "\n").unwrap();
    let token = format!("@{}", place.text("empty.txt"));
    let here = ["--lines", "/dev/null", "--serve", "127.0.0.1:0"];
    let empty = told(&[&here[..], &["--token", &token]].concat());
    assert!(empty.contains("empty.txt: is empty"), "{empty}");
    // What would be passed over.
    let unused = told(&[&here[..], &["--stage", "16:9"]].concat());
    assert!(unused.contains("--stage: is for the picture"), "{unused}");
    assert!(told(&[&not, "--crf", "20"]).contains("--crf: is for the picture"));
    assert!(told(&[&not, "--opacity", "0.5"]).contains("--opacity: is for comments"));
    assert!(told(&[&not, "--encoder", &not]).contains("--encoder: is for captioners"));
    assert!(told(&["--lines", "missing.srt"]).contains("missing.srt"));
    // What stands at an output's place is replaced by what begins, and not before.
    let (kept, lines) = (place.text("kept.xml"), place.text("kept.jsonl"));
    for path in [&kept, &lines] {
        fs::write(path, "an hour's comments").unwrap();
    }
    let far = told(&[
        "--lines",
        "/dev/null",
        "--viewers",
        "0",
        "--xml",
        &kept,
        "--jsonl",
        &lines,
    ]);
    assert!(far.contains("comments a second"), "{far}");
    for path in [&kept, &lines] {
        assert_eq!(fs::read_to_string(path).unwrap(), "an hour's comments");
    }
    captioner(&place.path("captioner"));
    let model = place.text("captioner");
    let run = nico(["live", &not, "--model", &model, "--drafts", "3"]);
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(told.contains("--drafts: is for commenters"), "{told}");
}
