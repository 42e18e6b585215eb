//! `nico fetch`: comments of a video with their past logs, a channel's past log, or what another
//! program downloads.

use anyhow::anyhow;
use std::{collections::HashMap, ops::ControlFlow, path::PathBuf};

use nico_comments::Format;
use nico_fetch::{
    Channel, Downloader, Event, FetchOptions, Fetcher, Origin, Report, Session, VideoId, parse_date,
};
use serde::Serialize;

use super::Context;
use crate::{failure::Outcome, progress::Progress};

/// What the command is told. A login is taken from the environment: NICO_USER_SESSION, the cookie
/// user_session.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video, for example sm9.
    #[arg(required_unless_present = "jikkyo", conflicts_with = "jikkyo")]
    id: Option<VideoId>,
    /// Where pages and collection go. The same folder again goes on, or asks for what is new.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Format of the collection.
    #[arg(long, value_enum, default_value_t = Form::Xml)]
    format: Form,
    #[command(flatten)]
    limits: Limits,
    /// Asks for one page of each thread, a sample over years: needs no login.
    #[arg(long, conflicts_with = "jikkyo")]
    sample: bool,
    /// An address or page where the service can complain; it is sent along.
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// Asks another server in place of the service's.
    #[arg(long, value_name = "URL")]
    server: Option<Origin>,
    /// The past log of a broadcast channel instead of a video, for example jk1.
    #[arg(long, value_name = "CHANNEL", requires_all = ["from", "to"])]
    jikkyo: Option<Channel>,
    /// Beginning of the past log.
    #[arg(long, value_name = "DATE", value_parser = parse_date, requires = "jikkyo")]
    from: Option<i64>,
    /// End of the past log.
    #[arg(long, value_name = "DATE", value_parser = parse_date, requires = "jikkyo")]
    to: Option<i64>,
    /// Runs another program instead, without a shell; {id} stands for the video, {out} for the
    /// folder to leave files in.
    #[arg(long, value_name = "COMMAND", value_parser = Downloader::parse, requires = "id")]
    #[arg(conflicts_with_all = ["until", "since", "limit", "pages", "sample", "contact", "server"])]
    with: Option<Downloader>,
}

/// Where to stop.
#[derive(clap::Args, Debug)]
struct Limits {
    /// Fetches what was visible then: 2020-09-13, 2020-09-13T21:26:30+09:00, or unix seconds.
    /// Default: now.
    #[arg(long, value_name = "DATE", value_parser = parse_date, conflicts_with = "jikkyo")]
    until: Option<i64>,
    /// Goes back no further than this.
    #[arg(long, value_name = "DATE", value_parser = parse_date, conflicts_with = "jikkyo")]
    since: Option<i64>,
    /// Asks for no more of a thread once that many of its comments are there.
    #[arg(long, value_name = "N", conflicts_with = "jikkyo")]
    limit: Option<u64>,
    /// Asks for at most that many pages now; the next call goes on.
    #[arg(long, value_name = "N")]
    pages: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Xml,
    Json,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Xml => Self::Xml,
            Form::Json => Self::V1Json,
        }
    }
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    match (&args.with, &args.id, &args.jikkyo) {
        (Some(downloader), Some(id), _) => download(args, downloader, id, context),
        (_, _, Some(channel)) => {
            let (from, to) = (args.from.unwrap_or_default(), args.to.unwrap_or_default());
            let mut fetcher = Fetcher::new(args.options());
            fetch(args, context, |tell| {
                fetcher.fetch_past_log(channel, from, to, &args.out, tell)
            })
        }
        (_, Some(id), None) => {
            let mut fetcher = Fetcher::new(args.options()).session(Session::from_env()?);
            fetch(args, context, |tell| fetcher.fetch(id, &args.out, tell))
        }
        (_, None, None) => Err(anyhow!("neither a video nor a channel")),
    }
}

impl Args {
    fn options(&self) -> FetchOptions {
        let mut options = FetchOptions::default()
            .format(self.format.into())
            .until(self.limits.until)
            .since(self.limits.since)
            .max_comments(self.limits.limit)
            .max_pages(self.limits.pages)
            .sample(self.sample)
            .server(self.server.clone());
        options.contact.clone_from(&self.contact);
        options
    }
}

type Tell<'a> = &'a mut dyn FnMut(&Event<'_>) -> ControlFlow<()>;

/// Fetches with progress and prints the report.
fn fetch(
    args: &Args,
    context: Context,
    work: impl FnOnce(Tell<'_>) -> Result<Report, nico_fetch::Error>,
) -> Outcome {
    let mut progress = context.output.start("fetch", "comments", 0);
    let mut collected = HashMap::new();
    let report = work(&mut |event| {
        tell(&mut progress, &mut collected, event);
        ControlFlow::Continue(())
    });
    progress.finish();
    let report = report?;
    warn_of_other(context, report.other_collection.as_deref());
    context.print(&report, || text(args, &report))
}

/// Shows what happens. A kill is safe at any moment: every page is whole.
fn tell(
    progress: &mut Progress,
    collected: &mut HashMap<(String, String), u64>,
    event: &Event<'_>,
) {
    match event {
        Event::Planned {
            comments,
            collected,
            requests,
            ..
        } => {
            progress.set_total(usize::try_from(*comments).unwrap_or(usize::MAX));
            progress.set(usize::try_from(*collected).unwrap_or(usize::MAX));
            progress.say(&format!(
                "fetch: {comments} comments, about {requests} requests a second or more apart"
            ));
        }
        Event::Page {
            thread,
            fork,
            page,
            collected: of_thread,
            ..
        } => {
            collected.insert(((*thread).to_owned(), fork.to_string()), *of_thread);
            progress.note(format!("page {page}"));
            progress.set(usize::try_from(collected.values().sum::<u64>()).unwrap_or(usize::MAX));
        }
        Event::Waiting { fault, time } => {
            progress.say(&format!("fetch: {fault}; waits {} s", time.as_secs()));
        }
        Event::PossibleGap { when, .. } => {
            progress.say(&format!(
                "fetch: not all comments of the second {when} can be had"
            ));
        }
        Event::Damaged { path, fault } => {
            progress.say(&format!(
                "fetch: {}: {fault}; fetched again",
                path.display()
            ));
        }
        _ => {}
    }
}

/// Warns of a collection that somebody else put into the folder.
fn warn_of_other(context: Context, name: Option<&str>) {
    if let Some(name) = name {
        context.output.warn(&format!(
            "fetch: {name} was written by no fetch and stays: a command that reads the folder reads both"
        ));
    }
}

fn text(args: &Args, report: &Report) -> String {
    let mut text = String::new();
    for thread in &report.threads {
        let missing = thread.num_missing();
        let expected = thread
            .expected
            .map_or_else(String::new, |expected| format!(" of {expected}"));
        text.push_str(&format!(
            "{} {}: {}{expected} comments, {missing} numbers missing, {} pages, {}\n",
            thread.thread,
            thread.fork,
            thread.collected,
            thread.pages,
            thread.end.as_str()
        ));
    }
    let file = args.out.join(&report.file);
    let more = if report.is_finished() {
        ""
    } else {
        "; call again to go on"
    };
    text.push_str(&format!(
        "{} comments in {}, {} requests, {:.0} s waited{more}",
        report.collected(),
        file.display(),
        report.requests,
        report.waited.as_secs_f64()
    ));
    text
}

/// What another program brought: what `--json` prints.
#[derive(Serialize)]
struct Downloaded {
    file: String,
    files: Vec<String>,
    comments: u64,
    duplicates: u64,
    rejected: u64,
}

fn download(args: &Args, downloader: &Downloader, id: &VideoId, context: Context) -> Outcome {
    let program = downloader.program.to_string_lossy();
    context.output.say(&format!("fetch: runs {program}"));
    let found = downloader.collect(id, &args.out, args.format.into())?;
    let other = found.other_collection.as_ref();
    let other = other.map(|path| path.display().to_string());
    warn_of_other(context, other.as_deref());
    let downloaded = Downloaded {
        file: found.file.display().to_string(),
        files: found
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        comments: found.comments,
        duplicates: found.duplicates,
        rejected: found.rejected,
    };
    context.print(&downloaded, || {
        format!(
            "{} comments of {} files in {}, {} repeated, {} rejected",
            downloaded.comments,
            downloaded.files.len(),
            downloaded.file,
            downloaded.duplicates,
            downloaded.rejected
        )
    })
}
