//! `bench-remote`: trainings of this workspace's networks on a device of another process or
//! machine, through Burn's remote backend.
//!
//! `serve` lends the processor to whoever connects from this machine, `train` learns from drawn
//! data here or there and prints each step's loss and time, so that the two can be compared. What
//! came out is in `docs/training.md`.

mod data;
mod device;
mod serve;
mod train;

use clap::{Parser, Subcommand};

/// Trainings on a device of another process or machine.
#[derive(Parser, Debug)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Lends this machine's processor to programs of this machine, until Ctrl+C or SIGTERM.
    Serve(serve::Serve),
    /// Trains a network and prints the loss of each step.
    Train(train::Train),
}

fn main() -> anyhow::Result<()> {
    match Args::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Train(train) => train.run(),
    }
}
