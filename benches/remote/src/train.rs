use std::{ops::ControlFlow, path::PathBuf, time::Instant};

use anyhow::{Result, bail};
use burn::tensor::Device;
use caption_model::{AttentionCaptionerConfig, GlobalCaptionerConfig, NetworkConfig};
use caption_train::{
    CheckpointEvery, CommenterData, CommenterEvent, CommenterTrainer, FitConfig, RunOptions,
    TrainConfig, TrainEvent, Trainer, TrainingData, TrainingLength,
};
use clap::{Args, ValueEnum};

use crate::{
    data::{Pictures, Sizes, Videos},
    device::connect,
};

/// What learns, from how much, and where.
#[derive(Args, Debug)]
pub(crate) struct Train {
    /// What learns.
    #[arg(value_enum)]
    model: Model,
    /// Folder of the model and its checkpoints; what is begun in it goes on.
    #[arg(long)]
    folder: PathBuf,
    /// Where: `local` for this processor, or `ws://ADDRESS:PORT`. Given more often, each batch of a
    /// captioner is dealt out to all of them.
    #[arg(long, default_value = "local")]
    host: Vec<String>,
    /// Steps in all.
    #[arg(long, default_value_t = 6)]
    steps: usize,
    /// Steps between two checkpoints of a captioner, and between two losses where they are fewer
    /// than ten.
    #[arg(long, default_value_t = 1)]
    checkpoint_steps: usize,
    /// Comments of a step.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Pictures.
    #[arg(long, default_value_t = 200)]
    pictures: usize,
    /// Words of the vocabulary, four special ones among them.
    #[arg(long, default_value_t = 500)]
    words: usize,
    /// Locations of a picture, for the captioner with attention.
    #[arg(long, default_value_t = 16)]
    locations: usize,
    /// Numbers of a location, or of a whole picture.
    #[arg(long, default_value_t = 32)]
    d_features: usize,
    /// Width of a captioner's layers.
    #[arg(long, default_value_t = 64)]
    d_hidden: usize,
    /// Dropout of a captioner.
    #[arg(long, default_value_t = 0.0)]
    dropout: f64,
}

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// Show and Tell.
    Global,
    /// Show, Attend and Tell.
    Attention,
    /// The commenter: its matcher, its transformer and the heads that copy and recall.
    Commenter,
}

impl Train {
    pub(crate) fn run(self) -> Result<()> {
        let devices: Vec<Device> = self
            .host
            .iter()
            .map(|host| connect(host))
            .collect::<Result<_>>()?;
        let mut clock = Clock(Instant::now(), 0);
        match (self.model, &devices[..]) {
            (Model::Commenter, [device]) => self.commenter(device, &mut clock),
            (Model::Commenter, _) => bail!("a commenter learns on one device"),
            (Model::Global | Model::Attention, devices) => self.captioner(devices, &mut clock),
        }
    }

    fn captioner(&self, devices: &[Device], clock: &mut Clock) -> Result<()> {
        let attends = self.model == Model::Attention;
        let pictures = Pictures::draw(Sizes {
            pictures: self.pictures,
            locations: attends.then_some(self.locations),
            d_features: self.d_features,
            num_words: self.words,
            train: self.steps * self.batch,
            dev: self.batch,
        })?;
        let (words, d) = (pictures.vocabulary.len(), self.d_hidden);
        let network: NetworkConfig = if attends {
            AttentionCaptionerConfig::new(words, self.d_features)
                .with_d_embedding(d)
                .with_d_hidden(d)
                .with_d_attention(d)
                .with_dropout(self.dropout)
                .into()
        } else {
            GlobalCaptionerConfig::new(words, self.d_features)
                .with_d_embedding(d)
                .with_d_hidden(d)
                .with_dropout(self.dropout)
                .into()
        };
        let config = TrainConfig::default().epochs(1).batch_size(self.batch);
        let every = CheckpointEvery::Steps(self.checkpoint_steps);
        let data = TrainingData {
            store: &pictures.features,
            train: &pictures.train,
            dev: &pictures.dev,
            vocabulary: &pictures.vocabulary,
            rate: &pictures.rate,
        };
        Trainer::new(network, config, &self.folder)
            .run_options(RunOptions::default().checkpoint_every(every))
            .run_on(data, devices, |event| {
                match event {
                    TrainEvent::Begun => clock.start(0),
                    TrainEvent::Resumed { steps, .. } => {
                        println!("resumed {steps}");
                        clock.start(steps);
                    }
                    TrainEvent::Step(step) => {
                        let millis = clock.lap(step.step);
                        println!("step {} loss {:?} ms {millis:.1}", step.step, step.loss);
                    }
                    // What a checkpoint takes is no part of a step.
                    TrainEvent::Checkpoint { steps, .. } => clock.start(steps),
                    TrainEvent::Epoch(epoch) => println!("dev {:?}", epoch.dev_nll),
                    _ => {}
                }
                ControlFlow::Continue(())
            })?;
        Ok(())
    }

    fn commenter(&self, device: &Device, clock: &mut Clock) -> Result<()> {
        let videos = Videos::new()?;
        let fit = |config: FitConfig| {
            let length = TrainingLength::Steps(self.steps);
            Some(config.length(length).warmup_steps(5).steps_a_round(1))
        };
        let data = CommenterData {
            train: &videos.train,
            dev: &videos.dev,
            pieces: &videos.pieces,
        };
        CommenterTrainer::new(videos.config.clone(), &self.folder)
            .matcher(fit(FitConfig::matcher()))
            .network(fit(FitConfig::network()))
            .heads(fit(FitConfig::heads()))
            .run(data, device, |event| {
                match event {
                    CommenterEvent::Resumed { task, steps } => println!("resumed {task} {steps}"),
                    CommenterEvent::Round(round) => {
                        println!(
                            "{} {} loss {:?} dev {:?}",
                            round.task, round.steps, round.train_loss, round.dev_loss
                        );
                    }
                    _ => {}
                }
                ControlFlow::Continue(())
            })?;
        println!("all took {:.1} s", clock.0.elapsed().as_secs_f64());
        Ok(())
    }
}

/// When the last step ended that was timed, and which it was.
struct Clock(Instant, usize);

impl Clock {
    fn start(&mut self, step: usize) {
        *self = Self(Instant::now(), step);
    }

    /// Milliseconds a step since the last one.
    fn lap(&mut self, step: usize) -> f64 {
        let millis = self.0.elapsed().as_secs_f64() * 1e3;
        let steps = step.saturating_sub(self.1).max(1);
        self.start(step);
        millis / steps as f64
    }
}
