//! The networks: one file per paper, and what both share.

mod attention;
mod global;
mod loss;
mod lstm;
mod network;

pub use attention::{AttentionCaptioner, AttentionCaptionerConfig, AttentionState, AttentionStep};
pub use global::{GlobalCaptioner, GlobalCaptionerConfig};
pub use loss::{doubly_stochastic, nll};
pub use lstm::{Lstm, LstmConfig, LstmState};
pub use network::{Network, NetworkConfig, NetworkState, NetworkStep};
