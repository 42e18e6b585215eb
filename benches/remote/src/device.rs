use anyhow::Context;
use burn::{remote::RemoteHost, tensor::Device};

/// The environment variable with the token that a server asks for and a client shows; in an
/// argument every user of the machine could read it.
pub(crate) const TOKEN: &str = "BENCH_REMOTE_TOKEN";

/// The token, if one is set.
pub(crate) fn token() -> Option<String> {
    std::env::var(TOKEN).ok()
}

/// The device of a host: `local` for this machine's processor, or an address such as
/// `ws://127.0.0.1:3000`.
pub(crate) fn connect(host: &str) -> anyhow::Result<Device> {
    if host == "local" {
        return Ok(Device::flex());
    }
    let mut remote = RemoteHost::websocket(host);
    if let Some(token) = token() {
        remote = remote.with_credential(token);
    }
    Device::remote_options(&remote)
        .init()
        .with_context(|| format!("cannot use {host}"))
}
