//! `nico layout`: places comments on the stage, for players and tests.

use anyhow::{Context as _, anyhow};
use std::path::PathBuf;

use overlay_render::{
    AssOptions, Fonts, Layout, LayoutOptions, WithoutLane, layout, write_ass, write_layout_json,
};

use nico_corpus::StageInputs;
use serde::Serialize;

use super::Context;
use crate::{comments::read, export::write_comments, failure::Outcome};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Comments: XML or JSON, any format.
    comments: PathBuf,
    /// File to write: .json for every comment's place, .ass for subtitles that show comments in the
    /// same places, .xml for the comments as the site has them, which its players place by the same
    /// rules.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    layout: LayoutArgs,
}

/// How comments are placed: shared by `layout`, `render` and `run`.
#[derive(clap::Args, Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LayoutArgs {
    /// Font file to use before those of the system; may be given several times.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    font: Vec<PathBuf>,
    /// Height of comments that find no lane, 0 (top) to 1 (bottom). Default: 0.5 for `layout`, so
    /// that layouts compare; random from a fixed seed where comments are drawn.
    #[arg(long, value_name = "SHARE")]
    without_lane: Option<f64>,
}

impl LayoutArgs {
    /// Places comments with the fonts asked for; those that find no lane as asked for, or else by
    /// `without_lane`.
    pub(crate) fn layout(
        &self,
        comments: &[nico_comments::Comment],
        without_lane: WithoutLane,
    ) -> Outcome<Layout> {
        let fonts = if self.font.is_empty() {
            system_fonts()?
        } else {
            Fonts::from_files_and_system(&self.font)?
        };
        let mut options = LayoutOptions::default().without_lane(without_lane);
        if let Some(share) = self.without_lane {
            if !(0.0..=1.0).contains(&share) {
                return Err(anyhow!("--without-lane {share}: expected 0 to 1"));
            }
            options = options.without_lane(WithoutLane::Constant(share));
        }
        Ok(layout(comments, &fonts, &options))
    }

    /// Adds what placing depends on to what a stage does, fonts by their contents.
    pub(crate) fn inputs(&self, inputs: StageInputs) -> Outcome<StageInputs> {
        Ok(inputs.options(self).files("font", &self.font)?)
    }
}

/// The installed fonts; where there is none for Japanese, the error says what to install.
pub(crate) fn system_fonts() -> Outcome<Fonts> {
    Fonts::system().context("install a Japanese font, for example Debian's fonts-noto-cjk")
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let extension = args.out.extension().and_then(|name| name.to_str());
    let write = match extension {
        Some("json") => {
            |layout: &Layout, out: &mut dyn std::io::Write| write_layout_json(layout, out)
        }
        Some("ass") => |layout: &Layout, out: &mut dyn std::io::Write| {
            write_ass(layout, &AssOptions::default(), out)
        },
        Some("xml") => return write_comments(&args.out, &read(&args.comments, context.output)?.0),
        _ => {
            return Err(anyhow!(
                "{}: the name has to end in .json, .ass or .xml",
                args.out.display()
            ));
        }
    };
    let (comments, _) = read(&args.comments, context.output)?;
    let placed = args.layout.layout(&comments, WithoutLane::Constant(0.5))?;
    nico_comments::write_whole(&args.out, |out| write(&placed, out))?;
    context.output.say(&format!(
        "layout: {} comments placed in {}",
        placed.comments().len(),
        args.out.display()
    ));
    Ok(())
}
