//! `nico`: learns from a video and its comments, comments on another video and shows the result.
//!
//! A subcommand for each stage and `nico run` for all of them; `nico help` lists them. Exit status:
//! 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.

mod commands;
mod comments;
mod corpus;
mod decoding;
mod device;
mod export;
mod failure;
mod files;
mod filters;
mod interrupt;
#[cfg(feature = "video")]
mod jobs;
mod known_file;
mod live;
mod progress;
mod source;
mod stages;
mod switches;
mod training_args;
mod warnings;
#[cfg(feature = "video")]
mod word_maps;
mod words;

use std::{ffi::OsString, process::ExitCode};

use caption_model::CommenterFolder;
use clap::{Parser, Subcommand};

use crate::{
    commands::Context,
    failure::{Outcome, one_line},
    progress::Output,
};

/// Keeps memory that was freed for what is asked for next, instead of giving it back and getting it
/// again page by page: training makes and drops the same tensors in every step
/// (`docs/benchmarks.md`, "Captioners").
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Learns how people comment on a video and comments on another one.
#[derive(Parser, Debug)]
#[command(name = "nico", version, propagate_version = true)]
struct Cli {
    /// Shows no progress; warnings and failures are still told.
    #[arg(long, global = true)]
    quiet: bool,
    /// Prints the result as one JSON value, and nothing else, on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Everything, in order, resuming what is done: learns from a video and its comments, comments
    /// on the target.
    #[cfg(feature = "video")]
    Run(Box<commands::run::Args>),
    /// Comments of a video, past logs included.
    Fetch(commands::fetch::Args),
    /// The original's tables of comment files.
    Stats(commands::stats::Args),
    /// Comment files from one format to another.
    Convert(commands::convert::Args),
    /// Splits the lines of standard input into words.
    Words(commands::words::Args),
    /// Learns words that the dictionary lacks from comments.
    Slang(commands::slang::Args),
    /// Places comments on the stage, for players and tests.
    #[cfg(feature = "video")]
    Layout(commands::layout::Args),
    /// VGG-19 features of a video's frames.
    #[cfg(feature = "video")]
    Features(commands::features::Args),
    /// Trains a captioner on a video's features and comments. (`nico train --model commenter --help`
    /// has the options of the commenter, which learns from episodes.)
    Train(Box<commands::train::Args>),
    /// Trains a commenter on episodes: what `nico train --model commenter` is.
    #[command(
        hide = true,
        override_usage = "nico train --model commenter --episodes <DIR> --out <DIR> [OPTIONS]"
    )]
    TrainCommenter(Box<commands::train_commenter::Args>),
    /// Fits how many comments a second gets to a video's comments, for
    /// `nico comment --rate fitted`.
    Rate(commands::rate::Args),
    /// Writes comments for a video. (With a commenter's folder it has other options:
    /// `nico comment --model COMMENTER --help`.)
    Comment(commands::comment::Args),
    /// Writes comments from what is said and what others write: what `nico comment` is with a
    /// commenter.
    #[command(
        hide = true,
        override_usage = "nico comment --model <COMMENTER> --out <FILE> [--lines <FILE>] [--read <FILE>] [OPTIONS]"
    )]
    CommentStream(Box<commands::comment_stream::Args>),
    /// Comments on a picture while it moves: on the console, in the picture, on a page for OBS.
    #[cfg(feature = "video")]
    Live(Box<commands::live::Args>),
    /// Writes a comment on each of some pictures.
    #[cfg(feature = "video")]
    Caption(commands::caption::Args),
    /// Draws where the model looks, a tile a word.
    #[cfg(feature = "video")]
    Attend(commands::attend::Args),
    /// Judges a model and its comments beside what does without the picture, or captions against
    /// references.
    Evaluate(Box<commands::evaluate::Args>),
    /// Finds the comments that were written at moments of episodes: figures of what needs no
    /// network.
    Score(commands::score::Args),
    /// Draws comments over a video.
    #[cfg(feature = "video")]
    Render(Box<commands::render::Args>),
    /// One HTML page of a run: figures, curves, pictures and a player.
    #[cfg(feature = "video")]
    Report(commands::report::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse_from(arguments(std::env::args_os())); // wrong usage exits with 2
    let context = Context {
        output: Output::new(cli.quiet),
        json: cli.json,
    };
    let outcome = interrupt::listen()
        .map_err(anyhow::Error::from)
        .and_then(|()| run(cli.command, context));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupt::asked() => ExitCode::from(interrupt::STATUS),
        Err(failure) => {
            eprintln!("nico: {}", one_line(&failure));
            ExitCode::FAILURE
        }
    }
}

/// The arguments, with another command in the place of `train` and `comment` where they are of a
/// commenter: it has other options than captioners have. The command is the first argument that is
/// no option: those before it, `--quiet` and `--json`, take no values.
fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = given.collect();
    let after_it = arguments
        .windows(2)
        .find(|two| two[0] == "--model")
        .map(|two| two[1].clone());
    let within_it = arguments
        .iter()
        .find_map(|argument| argument.to_str()?.strip_prefix("--model="));
    let Some(model) = after_it.or(within_it.map(OsString::from)) else {
        return arguments;
    };
    let is_folder = CommenterFolder::new(&model).exists();
    let Some(command) = arguments
        .iter_mut()
        .skip(1)
        .find(|one| !one.as_encoded_bytes().starts_with(b"-"))
    else {
        return arguments;
    };
    if command == "train" && model == "commenter" {
        *command = "train-commenter".into();
    } else if command == "comment" && is_folder {
        *command = "comment-stream".into();
    }
    arguments
}

fn run(command: Command, context: Context) -> Outcome {
    match command {
        #[cfg(feature = "video")]
        Command::Run(args) => commands::run::run(&args, context),
        Command::Fetch(args) => commands::fetch::run(&args, context),
        Command::Stats(args) => commands::stats::run(&args, context),
        Command::Convert(args) => commands::convert::run(&args, context),
        Command::Words(args) => commands::words::run(&args, context),
        Command::Slang(args) => commands::slang::run(&args, context),
        #[cfg(feature = "video")]
        Command::Layout(args) => commands::layout::run(&args, context),
        #[cfg(feature = "video")]
        Command::Features(args) => commands::features::run(&args, context),
        Command::Train(args) => commands::train::run(&args, context),
        Command::TrainCommenter(args) => commands::train_commenter::run(&args, context),
        Command::Rate(args) => commands::rate::run(&args, context),
        Command::Comment(args) => commands::comment::run(&args, context),
        Command::CommentStream(args) => commands::comment_stream::run(&args, context),
        #[cfg(feature = "video")]
        Command::Live(args) => commands::live::run(&args, context),
        Command::Score(args) => commands::score::run(&args, context),
        #[cfg(feature = "video")]
        Command::Caption(args) => commands::caption::run(&args, context),
        Command::Evaluate(args) => commands::evaluate::run(&args, context),
        #[cfg(feature = "video")]
        Command::Attend(args) => commands::attend::run(&args, context),
        #[cfg(feature = "video")]
        Command::Render(args) => commands::render::run(&args, context),
        #[cfg(feature = "video")]
        Command::Report(args) => commands::report::run(&args, context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> String {
        let given = line.split(' ').map(OsString::from);
        let arguments = arguments(given).into_iter();
        let arguments: Vec<String> = arguments.map(|one| one.into_string().unwrap()).collect();
        arguments.join(" ")
    }

    #[test]
    fn commenters_have_commands_of_their_own() {
        let found = command("nico --quiet train --model commenter --out train");
        assert_eq!(
            found,
            "nico --quiet train-commenter --model commenter --out train"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("commenter.json"), "{}").unwrap();
        let folder = folder.path().to_str().unwrap();
        let found = command(&format!("nico comment --model={folder}"));
        assert_eq!(found, format!("nico comment-stream --model={folder}"));
        for captioners in ["nico train --model global", "nico comment --model m"] {
            assert_eq!(command(captioners), captioners);
        }
    }

    /// Folders may be called as commands are.
    #[test]
    fn values_are_no_commands() {
        let line = "nico score --model commenter --episodes dev --train train";
        assert_eq!(command(line), line);
    }
}
