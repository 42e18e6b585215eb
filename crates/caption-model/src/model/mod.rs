//! The networks: one file per paper, and what both share.

mod attention;
mod global;
mod loss;
mod lstm;
mod network;

pub use attention::{
    Attention, AttentionCaptioner, AttentionCaptionerConfig, AttentionState, AttentionStep,
};
pub use global::{GlobalCaptioner, GlobalCaptionerConfig};
pub use loss::doubly_stochastic;
pub use lstm::{Lstm, LstmConfig, LstmState};
pub use network::{Network, NetworkConfig, NetworkState, NetworkStep};
