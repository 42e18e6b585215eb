//! The networks: one file per paper, and what both share.

mod attention;
mod attention_state;
mod config;
mod global;
mod hard;
mod loss;
mod lstm;
mod network;
mod network_config;
mod network_problem;
mod variants;

pub use attention::AttentionCaptioner;
pub use attention_state::{Attention, AttentionState, AttentionStep};
pub use config::{AttentionCaptionerConfig, GlobalCaptionerConfig};
pub use global::GlobalCaptioner;
pub use hard::LocationSamples;
pub use loss::{AttentionTarget, doubly_stochastic};
pub use lstm::{Lstm, LstmConfig, LstmState};
pub use network::{CaptionerNetwork, Network, NetworkState, NetworkStep, TrainingPass};
pub use network_config::{CaptionerConfig, NetworkConfig};
pub use network_problem::NetworkProblem;
pub use variants::{AttentionInference, FirstInput, InitialState};
