//! The commands that the pages show: `nico` has the options of all of them, and scripts that are
//! marked `<!-- run by a test -->` run as they stand there.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
#![cfg(feature = "video")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use page_commands::{Mark, Page, Program, read_pages, refused};

const NICO: &str = env!("CARGO_BIN_EXE_nico");

fn pages() -> Vec<Page> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    read_pages(&repository).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_pages_show_is_taken() {
    let program = Program {
        name: "nico",
        path: Path::new(NICO),
        aliases: &[("comment", "comment-stream")], // by the model's folder, which is not there
    };
    let (refusals, asked) = refused(program, &pages()).unwrap_or_else(|error| panic!("{error}"));
    assert!(asked > 100, "pages show {asked} commands of nico");
    let has_cuda = cfg!(feature = "cuda");
    let told: Vec<String> = refusals
        .iter()
        .filter(|refusal| has_cuda || !refusal.message.contains("invalid value 'cuda'"))
        .map(ToString::to_string)
        .collect();
    assert!(
        told.is_empty(),
        "pages show what nico refuses:\n{}",
        told.join("\n")
    );
}

#[test]
fn scripts_that_a_test_runs_run() {
    let pages = pages();
    let marked: Vec<_> = pages
        .iter()
        .flat_map(Page::scripts)
        .filter(|script| script.mark() == Some(&Mark::Test))
        .collect();
    assert!(!marked.is_empty(), "no script is marked");
    let Some(material) = Material::new() else {
        return;
    };
    for script in marked {
        let folder = material.copy();
        let output = Command::new("sh")
            .args(["-euc", script.text()])
            .current_dir(folder.path())
            .env("PATH", &material.path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let place = format!("{}:{}", script.page(), script.line());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{place}: {}\n{said}",
            output.status
        );
    }
}

/// The files that marked scripts name, and where `nico` is found by its name.
struct Material {
    folder: tempfile::TempDir,
    path: std::ffi::OsString,
}

impl Material {
    /// `None` where there is no `ffmpeg`, which says so and fails if `REQUIRE_ALL` is 1.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("programs");
        let files = folder.path().join("files");
        fs::create_dir_all(files.join("logs")).unwrap();
        fs::create_dir(&programs).unwrap();
        std::os::unix::fs::symlink(NICO, programs.join("nico")).unwrap();
        let found = env::var_os("PATH").unwrap_or_default();
        let all = [programs].into_iter().chain(env::split_paths(&found));
        let path = env::join_paths(all).unwrap();

        for (name, vpos) in [
            ("in", 100),
            ("a", 200),
            ("more", 300),
            ("logs/1", 400),
            ("logs/2", 500),
        ] {
            let comments = format!(
                "<packet><chat no=\"{vpos}\" vpos=\"{vpos}\" user_id=\"a\" mail=\"184\">草</chat>\
                 <chat no=\"1\" vpos=\"1100\" user_id=\"b\" mail=\"ue red\">88888888</chat></packet>"
            );
            fs::write(files.join(format!("{name}.xml")), comments).unwrap();
        }
        let json = r#"[{"id": 1, "vpos": 100, "content": "うぽつ", "date": 1300000000, "owner": false, "mail": ["ue"]}]"#;
        fs::write(files.join("comments.json"), json).unwrap();

        let source =
            "-v error -f lavfi -i color=gray:size=160x120:rate=5:duration=16 -pix_fmt yuv420p";
        let made = Command::new("ffmpeg")
            .args(source.split_whitespace())
            .arg(files.join("in.mp4"))
            .stdin(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            let all_required = env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
            assert!(!all_required, "no ffmpeg on this system");
            eprintln!("skipped: no ffmpeg on this system");
            return None;
        }
        Some(Self { folder, path })
    }

    /// The files in a folder of their own, in which a script leaves what it likes.
    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        let from = self.folder.path().join("files");
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            fs::create_dir_all(copy.path().join(&folder)).unwrap();
            for entry in fs::read_dir(from.join(&folder)).unwrap() {
                let name = folder.join(entry.unwrap().file_name());
                if from.join(&name).is_dir() {
                    folders.push(name);
                } else {
                    fs::copy(from.join(&name), copy.path().join(&name)).unwrap();
                }
            }
        }
        copy
    }
}
