use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;
use burn::{
    server::{RemoteServer, TokenAuthorizer, WebSocketTransport},
    tensor::Device,
};
use clap::Args;

use crate::device::token;

/// What is lent, and where.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Port on the loopback interface; 0 takes a free one. The address is printed.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

impl Serve {
    /// Serves until the process is told to end.
    ///
    /// Burn's own `WebSocketTransport::new(port)` listens on every interface. What is sent is not
    /// encrypted, so this listener is on loopback: another machine comes through a tunnel.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .with_context(|| format!("cannot listen on port {}", self.port))?;
        println!("ws://{}", listener.local_addr()?);
        let mut server = RemoteServer::new([Device::flex()]);
        if let Some(token) = token() {
            server = server.with_authorizer(TokenAuthorizer::new(token)?);
        }
        server.serve(WebSocketTransport::from_listener(listener))?;
        Ok(())
    }
}
