//! Three seconds of the demo's shows, and models that learn a little of them.

use std::{path::PathBuf, process::Output};

use crate::program::{nico, succeed};

/// A folder with `world/` in it, and whatever is made of it.
pub(crate) struct Demo {
    folder: tempfile::TempDir,
}

impl Demo {
    /// Draws both shows.
    pub(crate) fn draw() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = world::WorldOptions::default().seconds(3.0).comments(300);
        world::write_world(&folder.path().join("world"), &options, |_| {}).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same for command lines.
    pub(crate) fn file(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// `nico features` for a show.
    pub(crate) fn extract(&self, show: &str, out: &str, more: &[&str]) {
        let (video, out) = (
            self.file(&format!("world/{show}/video.mp4")),
            self.file(out),
        );
        let arguments = ["features", &video, "--out", &out];
        succeed(nico(arguments.iter().chain(more)));
    }

    /// `nico train` for an epoch on the café.
    pub(crate) fn train(&self, features: &str, out: &str, more: &[&str]) -> Output {
        let files = ["world/cafe/comments.xml", features, out].map(|name| self.file(name));
        let [comments, features, out] = &files;
        let arguments = ["train", "--comments", comments, "--features", features];
        let how = ["--out", out, "--epochs", "1", "--split", "seconds"];
        nico(arguments.iter().chain(&how).chain(more))
    }
}
