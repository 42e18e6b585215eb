//! Trainings on a server in another process: the same losses, and what happens when either side
//! dies.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

/// The longest that anything here may take. A program that hangs is a failure.
const LONG: Duration = Duration::from_secs(240);

/// Trainings beside each other would make times mean nothing on a small machine.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-remote"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
        .env_remove("BENCH_REMOTE_TOKEN")
        .env_remove("RUST_BACKTRACE");
    command
}

/// A process that does not outlive its test.
struct Process(Child);

impl Process {
    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, at most [`LONG`].
    fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < LONG, "it hangs");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn runs(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Memory that it holds, in MB, as Linux tells it.
    fn megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        let kilobytes = line.split_whitespace().nth(1).unwrap();
        kilobytes.parse::<f64>().unwrap() / 1e3
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Server {
    process: Process,
    url: String,
}

impl Server {
    fn start(port: u16) -> Self {
        Self::with(port, |_| {})
    }

    fn with(port: u16, set: impl FnOnce(&mut Command)) -> Self {
        let mut command = program();
        command.args(["serve", "--port", &port.to_string()]);
        command.stderr(Stdio::null());
        set(&mut command);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        // Its log, for as long as it runs: a full or closed pipe would stop it.
        thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        Self {
            process: Process(child),
            url: url.trim().to_owned(),
        }
    }

    fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }
}

/// A training under way.
struct Training {
    process: Process,
    stdout: BufReader<ChildStdout>,
    lines: Vec<String>,
}

impl Training {
    fn start(model: &str, folder: &Path, hosts: &[&str], arguments: &[&str]) -> Self {
        let mut command = program();
        command.args(["train", model, "--folder"]).arg(folder);
        for host in hosts {
            command.args(["--host", host]);
        }
        let mut child = command.args(arguments).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            process: Process(child),
            stdout,
            lines: Vec::new(),
        }
    }

    /// Reads on until a line starts so.
    fn until(&mut self, start: &str) {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "no line {start} in {:?}", self.lines);
            self.lines.push(line.trim().to_owned());
            if line.starts_with(start) {
                return;
            }
        }
    }

    /// Its end: all lines, and what it said of errors.
    fn finish(mut self) -> Finished {
        let start = Instant::now();
        let mut stderr = self.process.0.stderr.take().unwrap();
        let errors = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let status = self.process.end();
        for line in self.stdout.lines() {
            self.lines.push(line.unwrap());
        }
        Finished {
            status,
            took: start.elapsed(),
            lines: self.lines,
            errors: errors.join().unwrap(),
        }
    }
}

#[derive(Debug)]
struct Finished {
    status: ExitStatus,
    /// Since it was waited for.
    took: Duration,
    lines: Vec<String>,
    errors: String,
}

impl Finished {
    /// What each loss is of, and the loss: training's and dev's.
    fn losses(&self) -> Vec<(String, f64)> {
        let mut losses = Vec::new();
        for line in &self.lines {
            let (line, _) = line.split_once(" ms ").unwrap_or((line, ""));
            let words: Vec<&str> = line.split(' ').collect();
            let of = words[..2.min(words.len())].join(" ");
            for pair in words.windows(2) {
                if matches!(pair[0], "loss" | "dev") {
                    losses.push((format!("{of} {}", pair[0]), pair[1].parse().unwrap()));
                }
            }
        }
        losses
    }
}

fn train(model: &str, folder: &Path, hosts: &[&str], arguments: &[&str]) -> Finished {
    let finished = Training::start(model, folder, hosts, arguments).finish();
    assert!(finished.status.success(), "{finished:?}");
    finished
}

/// The largest difference of two trainings' losses, as a share of them.
fn difference(one: &Finished, other: &Finished) -> f64 {
    let (one, other) = (one.losses(), other.losses());
    assert_eq!(one.len(), other.len(), "{one:?} {other:?}");
    assert!(!one.is_empty());
    let pairs = one.iter().zip(&other).map(|(one, other)| {
        assert_eq!(one.0.split(' ').next(), other.0.split(' ').next());
        (one.1 - other.1).abs() / one.1.abs()
    });
    pairs.fold(0.0, f64::max)
}

/// Both captioners learn on a server what they learn here, to five digits: the server has
/// Burn's operations in place of ours, whose sums come in another order. Twice on the server is
/// the same to the last bit.
#[test]
fn losses_are_those_of_this_processor() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let server = Server::start(0);
    for (name, model, arguments) in [
        ("global", "global", vec![]),
        ("attention", "attention", vec![]),
        ("global-dropout", "global", vec!["--dropout", "0.3"]),
        ("attention-dropout", "attention", vec!["--dropout", "0.3"]),
    ] {
        let run = |place: &str, host: &str| {
            let folder = folder.path().join(format!("{name}-{place}"));
            train(model, &folder, &[host], &arguments)
        };
        let (here, there) = (run("here", "local"), run("there", &server.url));
        let (again, difference) = (run("again", &server.url), difference(&here, &there));
        println!(
            "{name}: {} losses within {difference:.1e}",
            here.losses().len()
        );
        assert!(difference < 1e-5, "{name}: {here:?} {there:?}");
        assert_eq!(there.losses(), again.losses());
    }
}

/// So does the commenter: its matcher, its transformer and the heads that copy and recall.
#[test]
fn a_commenter_learns_there_too() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let server = Server::start(0);
    let run = |place: &str, host: &str| {
        let folder = folder.path().join(place);
        train("commenter", &folder, &[host], &["--steps", "1"])
    };
    let (here, there) = (run("here", "local"), run("there", &server.url));
    let difference = difference(&here, &there);
    println!("commenter: losses within {difference:.1e}");
    assert!(difference < 1e-5, "{here:?} {there:?}");
}

/// Batches dealt out to this processor and to a server are learnt as on one device.
#[test]
fn a_batch_is_dealt_out_to_two_machines() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let server = Server::start(0);
    let one = train("global", &folder.path().join("one"), &["local"], &[]);
    let hosts = ["local", server.url.as_str()];
    let two = train("global", &folder.path().join("two"), &hosts, &[]);
    let difference = difference(&one, &two);
    println!("two devices: losses within {difference:.1e}");
    assert!(difference < 1e-5, "{one:?} {two:?}");
}

/// A server that is killed ends the training at once with an error. Started again in the same
/// folder, with a new server, it goes on to the losses of one that was left alone; so it does on
/// this processor, to five digits.
#[test]
fn a_killed_server_ends_the_training_which_goes_on_later() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    for model in ["global", "attention"] {
        let steps = ["--steps", "12"];
        let mut server = Server::start(0);
        let place = |name: &str| folder.path().join(format!("{model}-{name}"));
        let whole = train(model, &place("whole"), &[&server.url], &steps);

        let broken = |server: &mut Server, name: &str| {
            let mut training = Training::start(model, &place(name), &[&server.url], &steps);
            training.until("step 5 ");
            server.process.signal("-KILL");
            let broken = training.finish();
            println!(
                "{model}: over {:?} after the kill: {}",
                broken.took, broken.errors
            );
            broken
        };
        let mut before = broken(&mut server, "broken");
        assert!(!before.status.success(), "{before:?}");
        assert!(before.took < Duration::from_secs(30), "{before:?}");

        let mut again = Server::start(0);
        let after = train(model, &place("broken"), &[&again.url], &steps);
        assert!(after.lines[0].starts_with("resumed "), "{after:?}");
        before.lines.extend(after.lines);
        // A step that was done and whose checkpoint was not is done again.
        let mut joined = before.losses();
        joined.dedup_by(|one, other| one == other);
        assert_eq!(joined, whole.losses());

        broken(&mut again, "here");
        let here = train(model, &place("here"), &["local"], &steps);
        let first = here.losses()[0].0.clone();
        let rest = whole
            .losses()
            .into_iter()
            .skip_while(|loss| loss.0 != first);
        for (here, whole) in here.losses().into_iter().zip(rest) {
            assert!(
                (here.1 - whole.1).abs() < 1e-5 * whole.1,
                "{here:?} {whole:?}"
            );
        }
    }
}

/// A server that answers no more without being gone: the client waits, for as long as it takes.
#[test]
fn a_server_that_is_silent_is_waited_for() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let server = Server::start(0);
    let whole = train("global", &folder.path().join("whole"), &[&server.url], &[]);
    let mut training = Training::start("global", &folder.path().join("slow"), &[&server.url], &[]);
    training.until("step 2 ");
    server.process.signal("-STOP");
    thread::sleep(Duration::from_secs(20));
    assert!(training.process.runs());
    server.process.signal("-CONT");
    let slow = training.finish();
    assert!(slow.status.success(), "{slow:?}");
    assert_eq!(slow.losses(), whole.losses());
}

/// Where nobody listens, connecting is tried again for 16 s and then an error; a server that comes
/// within that time is taken. A port of something else is an error as well.
#[test]
fn a_server_that_is_not_there_is_an_error() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("ws://127.0.0.1:{port}");
    let nobody = Training::start("global", &folder.path().join("nobody"), &[&url], &[]).finish();
    println!(
        "nobody there: {:?} after {:?}: {}",
        nobody.status, nobody.took, nobody.errors
    );
    assert_eq!(nobody.status.code(), Some(1), "{nobody:?}");
    assert!(
        nobody.errors.contains("is the server running?"),
        "{nobody:?}"
    );
    assert!(nobody.took < Duration::from_secs(25), "{nobody:?}");
    assert!(!folder.path().join("nobody").exists());

    let early = Training::start("global", &folder.path().join("early"), &[&url], &[]);
    thread::sleep(Duration::from_secs(2));
    let _server = Server::start(port);
    let early = early.finish();
    assert!(early.status.success(), "{early:?}");

    // Something that is no server of Burn's and closes what it gets.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", other.local_addr().unwrap());
    thread::spawn(move || other.incoming().for_each(drop));
    let other = Training::start("global", &folder.path().join("other"), &[&url], &[]).finish();
    println!(
        "something else: {:?} after {:?}: {}",
        other.status, other.took, other.errors
    );
    assert_eq!(other.status.code(), Some(1), "{other:?}");
}

/// A client that is killed takes nothing with it: the server gives its memory back and serves the
/// next one, five times.
#[test]
fn a_killed_client_leaves_the_server_as_it_was() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let mut server = Server::start(0);
    let whole = train("global", &folder.path().join("whole"), &[&server.url], &[]);
    let large = [
        ["--words", "8000"],
        ["--d-hidden", "128"],
        ["--steps", "1000"],
        ["--checkpoint-steps", "1000"],
    ];
    let large = large.concat();
    let mut held = Vec::new();
    for round in 0..5 {
        let before = server.process.megabytes();
        let place = folder.path().join(format!("large-{round}"));
        let mut training = Training::start("global", &place, &[&server.url], &large);
        training.until("step 10 ");
        let during = server.process.megabytes();
        training.process.signal("-KILL");
        training.process.end();
        let start = Instant::now();
        let mut after = server.process.megabytes();
        while after > (before + during) / 2.0 && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(50));
            after = server.process.megabytes();
        }
        println!("{before:.0} MB, {during:.0} MB with a client, {after:.0} MB after it");
        held.push(after);
        let _ = std::fs::remove_dir_all(place);
    }
    assert!(server.process.runs());
    assert!(held[4] < held[1] * 1.2 + 20.0, "it grows: {held:?}");
    let again = train("global", &folder.path().join("again"), &[&server.url], &[]);
    assert_eq!(again.losses(), whole.losses());
}

/// With a token the server serves only who shows it.
#[test]
fn a_token_is_asked_for() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let server = Server::with(0, |command| {
        command.env("BENCH_REMOTE_TOKEN", "right");
    });
    for (token, served) in [(None, false), (Some("wrong"), false), (Some("right"), true)] {
        let mut command = program();
        command
            .args([
                "train",
                "global",
                "--steps",
                "2",
                "--host",
                &server.url,
                "--folder",
            ])
            .arg(folder.path().join("model"));
        if let Some(token) = token {
            command.env("BENCH_REMOTE_TOKEN", token);
        }
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.success(), served, "{errors}");
        assert!(
            served || errors.contains("rejected the credential"),
            "{errors}"
        );
    }
}

/// Other machines cannot reach it, and a port that is taken is an error.
#[test]
fn it_listens_on_loopback() {
    let _alone = alone();
    let server = Server::start(0);
    assert!(server.url.starts_with("ws://127.0.0.1:"), "{}", server.url);
    let port = server.port().to_string();
    let taken = program().args(["serve", "--port", &port]).output().unwrap();
    assert_eq!(taken.status.code(), Some(1));
}
