//! `nico live`: comments on a picture while it moves.

mod crowd;
mod inputs;
mod picture;
mod shared;
mod show;
mod text_outputs;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{anyhow, bail};
use caption_model::{Captioner, Commenter, CommenterFolder, Sampling, commenter::WritingOptions};
use nico_corpus::{FilterOptions, Reading};
use nico_live::{
    CommentServer, LiveCommenter, LiveCounts, LiveModel, LiveOptions, ServeOptions, SystemClock,
};
use overlay_render::{LaneOverflow, LiveContainer, OutputSize, RenderOptions};
use serde::Serialize;

use self::{
    crowd::{PictureClock, Written},
    shared::Shared,
    show::{Setup, Show, Shown, VideoTarget},
    text_outputs::{Console, TextOutputs},
};
use super::{Context, render::DrawingArgs};
use crate::{
    device::DeviceName, failure::Outcome, filters::values, interrupt::Stoppable, live::speed,
};

const EXAMPLES: &str = "\
Examples:
  nico live in.mp4 --model COMMENTER --lines in.srt                      comments on the console
  nico live in.mp4 --model COMMENTER --out - | mpv -                     the picture with comments
  ffmpeg -f v4l2 -i /dev/video0 -f mpegts - | nico live - --model MODEL --serve 127.0.0.1:8080
  transcriber | nico live --model COMMENTER --lines - --serve 127.0.0.1:8080   without a picture
  nico live rtmp://host/stream --model COMMENTER --out seen.mkv --xml seen.xml

docs/live.md has the page for OBS, the inputs and the outputs.";

/// What the command is told.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The picture: a file, which is played at its speed, `-` for a stream on standard input, or an
    /// address that FFmpeg opens (rtsp://, rtmp://, udp://, http://). Without it comments go by the
    /// clock.
    #[arg(value_name = "IN")]
    input: Option<PathBuf>,
    /// The model: a commenter, which reads lines and others' comments, or a captioner, which looks
    /// at the picture.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// What is said: a file of SubRip, WebVTT or plain lines that may grow; `-` for standard input.
    #[arg(long, value_name = "FILE|-")]
    lines: Option<PathBuf>,
    /// Others' comments, one a line, JSON or XML, in a file that may grow; `-` for standard input.
    #[arg(long, value_name = "FILE|-")]
    read: Option<PathBuf>,
    /// Shows others' comments too, on the page and in the picture.
    #[arg(long, requires = "read")]
    show_read: bool,
    /// The picture with the comments drawn on it, while it is shown: .mkv, .ts or .flv, an address
    /// (rtmp://, srt://, udp://, tcp://), `-` for Matroska on standard output.
    #[arg(long, value_name = "FILE|-", requires = "input")]
    out: Option<PathBuf>,
    /// The comments as lines of JSON, `-` for standard output.
    #[arg(long, value_name = "FILE|-")]
    jsonl: Option<PathBuf>,
    /// The comments as XML, whole after every comment.
    #[arg(long, value_name = "FILE")]
    xml: Option<PathBuf>,
    /// A page on which the comments move, transparent, for OBS and browsers; with ?video it plays a
    /// file too.
    #[arg(long, value_name = "IP:PORT")]
    serve: Option<SocketAddr>,
    /// What the page's address has to have as ?token=…, 8 or more letters and digits: required where
    /// other machines see it. @FILE has it.
    #[arg(long, value_name = "TOKEN|@FILE", requires = "serve")]
    token: Option<String>,
    /// Comments a second, on average.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    rate: f64,
    /// Viewers who write; each remembers what they wrote.
    #[arg(long, value_name = "N", default_value_t = 40)]
    viewers: u32,
    /// Seed of the viewers, of when they write, and of what is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    writing_seed: u64,
    /// Share of lines and cuts that set off a comment at once.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    prompted: f64,
    /// Time that a comment may take, milliseconds of the clock at any --speed; those that would come
    /// later are dropped and counted.
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    budget: u64,
    /// Commenters: drafts of a comment, of which the one is taken that fits best. Default: 12.
    #[arg(long, value_name = "N")]
    drafts: Option<usize>,
    /// Commenters: below 1 probable pieces come more often, above 1 less. Default: 0.9.
    #[arg(long, value_name = "T")]
    temperature: Option<f32>,
    /// Commenters: only the most probable pieces that together have this probability. Default: 0.95.
    #[arg(long, value_name = "P")]
    top_p: Option<f32>,
    /// Commenters: most pieces of a comment, 1 to 62. Default: 24.
    #[arg(long, value_name = "N")]
    max_pieces: Option<usize>,
    /// Gives no comment with this text; @FILE has one a line.
    #[arg(long, value_name = "TEXT|@FILE")]
    ng_word: Vec<String>,
    /// Gives no comment that a regular expression matches; @FILE has one a line.
    #[arg(long, value_name = "REGEX|@FILE")]
    ng_pattern: Vec<String>,
    /// How many times as fast as its clock a file is played.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// How long an address is tried again that ends or breaks off, seconds. One that says how long it
    /// is, as a film on a web server, is over at its end.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// Height of the picture that is written, with the width that goes with it.
    #[arg(long, value_name = "PIXELS", requires = "out")]
    height: Option<u32>,
    /// Captioners: the encoder, where the model's folder does not have it: VGG's weights, or an
    /// .onnx file with its settings beside it.
    #[arg(long, value_name = "FILE")]
    encoder: Option<PathBuf>,
    /// Where the networks run.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
    #[command(flatten)]
    drawing: DrawingArgs,
}

/// What the command came to.
#[derive(Serialize)]
struct Report<'a> {
    /// The page's address, without its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(flatten)]
    shown: Shown,
    #[serde(flatten)]
    counts: LiveCounts,
    /// Time from a comment's moment until it was there: the median and the 95th percentile of those
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<Percentiles>,
    /// Lines and comments of later that there was no room for.
    dropped_inputs: u64,
    failed: &'a [String],
}

#[derive(Clone, Copy, Serialize)]
struct Percentiles {
    p50: f64,
    p95: f64,
}

/// What was loaded.
enum Model {
    Commenter(Box<Commenter>),
    Captioner(Box<Captioner>),
}

/// Heights to which pictures are made smaller for a captioner's encoder, and for finding cuts.
const CAPTIONER_HEIGHT: u32 = 448;
const CUTS_HEIGHT: u32 = 180;
/// Share of late comments that is worth a warning.
const MUCH_LATE: f64 = 0.1;

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    args.check(context)?;
    let model = args.load()?;
    let reading = args.filters()?;
    let fonts = match args.out.is_some() || args.serve.is_some() {
        true => Some(args.drawing.layout.fonts()?),
        false => None,
    };
    if let Some(fonts) = &fonts {
        args.drawing.layout.warn_of_stand_ins(fonts, context.output);
    }
    let target = args.target()?;
    let shared = Arc::new(Shared::new(args.speed, args.input.is_some()));
    let stoppable = Stoppable::new();
    let items = args
        .input
        .as_deref()
        .map(|input| picture::start(&shared, input, Duration::from_secs(args.wait)));
    let items = items.transpose()?;
    let server = args.server()?;
    if let Some(server) = &server {
        context.output.say(&format!("live: {}", server.url()));
    }
    if let Some(lines) = &args.lines {
        inputs::read_lines(&shared, lines, context.output)?;
    }
    if let Some(read) = &args.read {
        inputs::read_comments(&shared, read, context.output)?;
    }
    let live = LiveCommenter::new(model.live(), args.options())?
        .with_filter(reading.filters())
        .with_clock(PictureClock {
            clock: SystemClock::default(),
            speed: args.speed,
        });
    let setup = Setup {
        shared: &shared,
        output: context.output,
        fonts: fonts.as_ref(),
        layout: args
            .drawing
            .layout
            .options(LaneOverflow::Random { seed: 1 }),
        server: server.as_ref(),
        target,
        seen_height: model.seen_height(),
        speed: args.speed,
        has_other_outputs: args.has_other_outputs(),
    };
    let mut show = Show::new(setup)?;
    // Last, since what stands there is replaced: nothing is where nothing can begin.
    let mut outputs = TextOutputs::new(
        args.console(context),
        args.jsonl.as_deref(),
        args.xml.as_deref(),
        context.output,
    )?;
    let (ended, written) = thread::scope(|scope| {
        let crowd = scope.spawn(|| {
            let written = crowd::run(live, &shared, &mut outputs, args.speed, args.show_read);
            shared.stop(); // if it failed, nothing goes on
            written
        });
        let ended = show.run(items.as_ref(), &stoppable);
        shared.stop();
        let written = crowd.join();
        (ended, written)
    });
    let (shown, mut failed) = show.finish();
    failed.extend(outputs.into_failed());
    let written = written.unwrap_or_else(|_| Err(anyhow!("the crowd panicked")))?;
    args.warn(&written, context);
    let report = Report {
        page: server.map(|server| format!("http://{}/", server.address())),
        shown,
        counts: written.counts,
        delay_ms: percentiles(&written.delays),
        dropped_inputs: written.dropped,
        failed: &failed,
    };
    if !context.json {
        context.output.say(&report.line());
    }
    context.print_json(&report)?;
    if stoppable.asked() {
        bail!("stopped");
    }
    ended?;
    match failed.first() {
        Some(failure) => Err(anyhow!("an output is not whole: {failure}")),
        None => Ok(()),
    }
}

impl Model {
    fn live(&self) -> LiveModel<'_> {
        match self {
            Self::Commenter(commenter) => LiveModel::Commenter(commenter),
            Self::Captioner(captioner) => LiveModel::Captioner(captioner),
        }
    }

    fn seen_height(&self) -> u32 {
        match self {
            Self::Commenter(_) => CUTS_HEIGHT,
            Self::Captioner(_) => CAPTIONER_HEIGHT,
        }
    }
}

impl Args {
    /// Refuses what cannot work, before anything is loaded.
    fn check(&self, context: Context) -> Outcome {
        let stdin = Some(Path::new("-"));
        let readers = [&self.input, &self.lines, &self.read];
        if readers.iter().filter(|one| one.as_deref() == stdin).count() > 1 {
            bail!("standard input (-) can be read once: as IN, --lines or --read");
        }
        let writers = [&self.out, &self.jsonl];
        let writing = writers.iter().filter(|one| one.as_deref() == stdin).count();
        if writing + usize::from(context.json) > 1 {
            bail!("standard output can be one of --out -, --jsonl - and --json");
        }
        if self.input.is_none() && self.lines.is_none() && self.read.is_none() {
            bail!("nothing is read: give a picture, --lines or --read");
        }
        let files = [&self.input, &self.lines, &self.read, &self.encoder];
        for out in [&self.out, &self.jsonl, &self.xml].into_iter().flatten() {
            if files.into_iter().flatten().any(|file| is_same(file, out)) {
                bail!("{}: is read, and cannot be written as well", out.display());
            }
        }
        let layout = self.drawing.layout.given();
        let unfit = |name: &&&str| ["--limit", "--density"].contains(*name);
        if let Some(name) = layout.iter().find(unfit) {
            bail!("{name}: live comments are shown as they come; --rate says how many");
        }
        if let (None, Some(name)) = (&self.out, self.drawing.given_for_video().first()) {
            bail!("{name}: is for the picture that --out writes");
        }
        if let (None, None, Some(name)) = (&self.out, &self.serve, layout.first()) {
            bail!("{name}: is for comments that --out or --serve shows");
        }
        if self.speed != 1.0 && self.input.as_deref() == stdin {
            bail!("--speed is for files: a stream comes as fast as it comes");
        }
        Ok(())
    }

    fn load(&self) -> Outcome<Model> {
        let device = self.device.device();
        if CommenterFolder::new(&self.model).exists() {
            if self.encoder.is_some() {
                bail!(
                    "--encoder: is for captioners, and {} is a commenter",
                    self.model.display()
                );
            }
            let commenter = Commenter::from_dir(&self.model, &device)?;
            return Ok(Model::Commenter(Box::new(commenter)));
        }
        if self.input.is_none() {
            bail!(
                "{}: a captioner looks at a picture: give one",
                self.model.display()
            );
        }
        let of_commenters = [
            ("--drafts", self.drafts.is_some()),
            ("--temperature", self.temperature.is_some()),
            ("--top-p", self.top_p.is_some()),
            ("--max-pieces", self.max_pieces.is_some()),
        ];
        if let Some((name, _)) = of_commenters.iter().find(|(_, is_given)| *is_given) {
            bail!(
                "{name}: is for commenters, and {} is a captioner",
                self.model.display()
            );
        }
        let mut captioner = Captioner::from_dir(&self.model, &device)?;
        if let Some(file) = &self.encoder {
            captioner = captioner.with_encoder_file(file)?;
        }
        captioner.load_encoder()?;
        Ok(Model::Captioner(Box::new(captioner)))
    }

    fn filters(&self) -> Outcome<Reading> {
        let options = FilterOptions::default()
            .ng_words(values(&self.ng_word)?)
            .ng_patterns(values(&self.ng_pattern)?);
        Ok(options.reading(None)?)
    }

    fn options(&self) -> LiveOptions {
        let sampling = Sampling::default()
            .temperature(self.temperature.unwrap_or(0.9))
            .top_p(self.top_p.unwrap_or(0.95));
        let writing = WritingOptions::default()
            .drafts(self.drafts.unwrap_or(12))
            .sampling(sampling)
            .max_pieces(self.max_pieces.unwrap_or(24));
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let posted_at = since.map_or(0, |since| since.as_secs());
        LiveOptions::default()
            .per_second(self.rate)
            .viewers(self.viewers)
            .seed(self.writing_seed)
            .prompted(self.prompted)
            .budget(Duration::from_millis(self.budget).mul_f64(self.speed))
            .writing(writing)
            .posted_at(i64::try_from(posted_at).unwrap_or(0))
    }

    fn target(&self) -> Outcome<Option<VideoTarget>> {
        let Some(path) = &self.out else {
            return Ok(None);
        };
        let Some(container) = LiveContainer::of(path) else {
            bail!(
                "{}: the name has to end in .mkv, .ts or .flv, be an address (rtmp://, srt://, udp://, tcp://), or -",
                path.display()
            );
        };
        let mut options: RenderOptions = self.drawing.options();
        if let Some(height) = self.height {
            options = options.size(OutputSize::Height(height));
        }
        Ok(Some(VideoTarget {
            path: path.clone(),
            container,
            options,
        }))
    }

    fn server(&self) -> Outcome<Option<CommentServer>> {
        let Some(address) = self.serve else {
            return Ok(None);
        };
        let token = match &self.token {
            Some(given) => {
                let token = values(std::slice::from_ref(given))?.into_iter().next();
                let file = given.trim_start_matches('@');
                Some(token.ok_or_else(|| anyhow!("{file}: is empty, expected a token"))?)
            }
            None => None,
        };
        // What is no regular file cannot be played from its middle.
        let video = self.input.clone().filter(|input| input.is_file());
        let options = ServeOptions::new(address)
            .token(token)
            .video(video)
            .speed(self.speed);
        Ok(Some(CommentServer::start(options)?))
    }

    fn console(&self, context: Context) -> Console {
        let stdin = Some(Path::new("-"));
        if self.jsonl.as_deref() == stdin || context.json {
            Console::Nowhere
        } else if self.out.as_deref() == stdin {
            Console::Error
        } else {
            Console::Standard
        }
    }

    /// Whether somebody sees comments elsewhere than in the picture that is written.
    fn has_other_outputs(&self) -> bool {
        let is_piped = self.out.as_deref() == Some(Path::new("-"));
        self.serve.is_some() || self.jsonl.is_some() || self.xml.is_some() || !is_piped
    }

    /// What is probably not as it was wanted.
    fn warn(&self, written: &Written, context: Context) {
        let LiveCounts {
            planned,
            late,
            given,
            longest_unseen_ms,
            lines,
            read,
            ..
        } = written.counts;
        let warn = |text: String| context.output.warn(&format!("live: {text}"));
        if planned > 0 && late as f64 > MUCH_LATE * planned as f64 {
            warn(format!(
                "{late} of {planned} comments came too late and were dropped: fewer --drafts, a lower --rate or a longer --budget help"
            ));
        }
        if written.dropped > 0 {
            let dropped = written.dropped;
            warn(format!(
                "{dropped} lines and comments of later were dropped: too many waited for their time"
            ));
        }
        if given == 0 {
            warn("no comment was given".to_owned());
        }
        if longest_unseen_ms as f64 > 1_000.0 * self.speed {
            let seconds = longest_unseen_ms as f64 / 1_000.0;
            warn(format!("the picture was not looked at for {seconds:.1} s"));
        }
        if self.lines.is_some() && lines == 0 {
            warn("no line was read".to_owned());
        }
        if self.read.is_some() && read == 0 {
            warn("no comment of others was read".to_owned());
        }
    }
}

/// Whether two names are those of one regular file that is there.
fn is_same(one: &Path, other: &Path) -> bool {
    let regular = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    let stream = Path::new("-");
    one != stream && other != stream && regular(one).is_some_and(|one| regular(other) == Some(one))
}

impl Report<'_> {
    fn line(&self) -> String {
        let LiveCounts {
            planned,
            given,
            late,
            refused,
            unwritten,
            ..
        } = self.counts;
        let delay = self.delay_ms.map_or_else(String::new, |delay| {
            format!(
                "; a comment took {:.0} ms, 95 % at most {:.0} ms",
                delay.p50, delay.p95
            )
        });
        format!(
            "live: {given} of {planned} comments in {:.1} s, {late} too late, {refused} refused, {unwritten} without a draft{delay}",
            self.shown.seconds
        )
    }
}

fn percentiles(delays: &[f64]) -> Option<Percentiles> {
    let mut sorted = delays.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| {
        sorted
            .get((sorted.len() * share / 100).min(sorted.len() - 1))
            .copied()
    };
    if sorted.is_empty() {
        return None;
    }
    Some(Percentiles {
        p50: at(50)?,
        p95: at(95)?,
    })
}
