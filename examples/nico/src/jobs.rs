//! Many jobs in one call: a list of them, and what became of each.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};
use serde::Serialize;

use crate::{
    commands::Context,
    failure::{Outcome, at, one_line},
    interrupt,
};

/// Longest list that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// The lines of a list, each as the paths between its tabs. `-` is standard input. Empty lines and
/// those that begin with `#` say nothing.
///
/// # Errors
///
/// If the list cannot be read, names nothing, or a line has not one path for each column.
pub(crate) fn read_list<const N: usize>(
    list: &Path,
    columns: [&str; N],
) -> Outcome<Vec<[PathBuf; N]>> {
    let mut text = String::new();
    let read = |text: &mut String| -> io::Result<usize> {
        if list == Path::new("-") {
            return io::stdin().lock().take(LONGEST + 1).read_to_string(text);
        }
        File::open(list)?.take(LONGEST + 1).read_to_string(text)
    };
    read(&mut text).map_err(at(list))?;
    let list = list.display();
    if text.len() as u64 > LONGEST {
        bail!("{list}: longer than {} MiB", LONGEST >> 20);
    }
    let mut jobs = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let paths: Vec<PathBuf> = line.split('\t').map(PathBuf::from).collect();
        let is_empty = paths.iter().any(|path| path.as_os_str().is_empty());
        let job = <[PathBuf; N]>::try_from(paths).ok().filter(|_| !is_empty);
        jobs.push(job.ok_or_else(|| {
            let expected = columns.join(", a tab, ");
            anyhow!("{list}: line {}: expected {expected}", index + 1)
        })?);
    }
    if jobs.is_empty() {
        bail!("{list}: names no job");
    }
    Ok(jobs)
}

/// Refuses jobs of which two would write to the same place.
pub(crate) fn check_outputs<'a>(jobs: impl Iterator<Item = (&'a Path, &'a Path)>) -> Outcome {
    let mut outputs = std::collections::HashMap::new();
    for (video, out) in jobs {
        if let Some(other) = outputs.insert(out, video) {
            let (other, video, out) = (other.display(), video.display(), out.display());
            bail!("{other} and {video} would both be written to {out}");
        }
    }
    Ok(())
}

/// What became of the jobs, as `--json` prints it.
#[derive(Serialize)]
struct Report<'a, T> {
    jobs: Vec<JobReport<'a, T>>,
    failed: usize,
}

#[derive(Serialize)]
struct JobReport<'a, T> {
    video: &'a Path,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    done: Option<T>,
}

/// Does jobs one after the other, each by the video that it is about. One that fails is told, and the
/// others are done all the same.
///
/// # Errors
///
/// At the end, if some failed; at once, if Ctrl-C asked for that.
pub(crate) fn each<'a, J, T: Serialize>(
    jobs: &'a [J],
    video: impl Fn(&'a J) -> &'a Path,
    context: Context,
    mut job: impl FnMut(&'a J) -> Outcome<T>,
) -> Outcome {
    let mut reports = Vec::new();
    let mut failed = 0;
    for (index, one) in jobs.iter().enumerate() {
        let video = video(one);
        let place = format!("{} of {}: {}", index + 1, jobs.len(), video.display());
        context.output.say(&place);
        let (error, done) = match job(one) {
            Ok(done) => (None, Some(done)),
            Err(error) if interrupt::asked() => return Err(error),
            Err(error) => {
                let line = one_line(&error);
                context.output.fail(&format!("{place}: {line}"));
                failed += 1;
                (Some(line), None)
            }
        };
        reports.push(JobReport { video, error, done });
    }
    let all = jobs.len();
    context.print_json(&Report {
        jobs: reports,
        failed,
    })?;
    if failed > 0 {
        bail!("{failed} of {all} jobs failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(text: &str, columns: [&str; N]) -> Result<Vec<[PathBuf; N]>, String> {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        std::fs::write(&list, text).unwrap();
        read_list(&list, columns).map_err(|error| {
            let prefix = format!("{}: ", list.display());
            format!("{error:#}").replace(&prefix, "")
        })
    }

    #[test]
    fn lists_are_lines_of_paths_between_tabs() {
        let jobs = read(
            "# videos\n\na b.mp4\tc.xml\r\n \nd.mp4\te.xml",
            ["video", "comments"],
        );
        let expected = [["a b.mp4", "c.xml"], ["d.mp4", "e.xml"]].map(|job| job.map(PathBuf::from));
        assert_eq!(jobs, Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_line() {
        let columns = ["video", "out"];
        for (text, expected) in [
            (
                "a.mp4\tb.mp4\nc.mp4\n",
                "line 2: expected video, a tab, out",
            ),
            ("a.mp4\t\n", "line 1: expected video, a tab, out"),
            ("a\tb\tc", "line 1: expected video, a tab, out"),
            ("# nothing\n", "names no job"),
        ] {
            assert_eq!(read(text, columns), Err(expected.into()), "{text:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        std::fs::write(&list, b"\xFF\xFE").unwrap();
        assert!(read_list(&list, columns).is_err());
        assert!(read_list(&folder.path().join("none"), columns).is_err());
    }

    #[test]
    fn two_jobs_do_not_write_to_the_same_place() {
        let paths = [
            ("a/1.mp4", "out/1"),
            ("a/2.mp4", "out/2"),
            ("b/1.mp4", "out/1"),
        ];
        let jobs = |count: usize| {
            paths[..count]
                .iter()
                .map(|&(video, out)| (Path::new(video), Path::new(out)))
        };
        assert!(check_outputs(jobs(2)).is_ok());
        let error = check_outputs(jobs(3)).unwrap_err().to_string();
        assert_eq!(error, "a/1.mp4 and b/1.mp4 would both be written to out/1");
    }
}
