//! The Model Context Protocol server on standard input and output: memory for the agents that
//! people already use.
//!
//! Owns the tools, the resources and how remembered text is fenced in them: it is data, whoever
//! said it, and an agent is told so with every result. Owns no memory and no retrieval: it asks the
//! assistant, on threads where waiting does no harm. Standard output belongs to the protocol; what
//! else is to be said goes to the log.

mod arguments;
mod fence;
mod input;
mod resources;
mod text;
mod tools;

use crate::assistant::{Assistant, AssistantError, Cancel};
use rmcp::ServiceExt as _;
use std::sync::Arc;
use tools::Server;

/// What agents may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether the tool `remember` is offered.
    pub read_only: bool,
    /// Whether the tool `forget` is offered. What an agent forgets is gone for good.
    pub allow_forget: bool,
}

/// Why the server ended other than by the client's wish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum McpError {
    /// The client did not begin as the protocol wants it.
    #[error("the client did not begin a Model Context Protocol connection: {0}")]
    Handshake(String),
    /// The runtime failed.
    #[error("the protocol server failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves one client on standard input and output until it closes them, or `SIGINT` or `SIGTERM`
/// comes. Meanwhile embeddings that are pending are made in the background.
pub fn serve(
    assistant: &Arc<Assistant>,
    options: Options,
    cancel: &Cancel,
) -> Result<(), McpError> {
    encode_in_background(assistant, cancel);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let server = Server::new(Arc::clone(assistant), options);
        let (from, to) = rmcp::transport::stdio();
        let service = match server.serve((input::bounded(from), to)).await {
            Ok(service) => service,
            // A client that opens the connection and closes it again has done nothing wrong.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(McpError::Handshake(error.to_string())),
        };
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            ended = service.waiting() => {
                tracing::debug!(?ended, "the client left");
            }
            _ = tokio::signal::ctrl_c() => tracing::debug!("interrupted"),
            _ = terminate.recv() => tracing::debug!("terminated"),
        }
        Ok(())
    });
    cancel.cancel();
    // Standard input is read on a thread that nothing can wake.
    runtime.shutdown_background();
    ended
}

fn encode_in_background(assistant: &Arc<Assistant>, cancel: &Cancel) {
    let (assistant, cancel) = (Arc::clone(assistant), cancel.clone());
    std::thread::spawn(move || match assistant.encode_pending(&cancel, &mut |_, _| ()) {
        Ok(left) => tracing::debug!(left, "embeddings made"),
        Err(AssistantError::Cancelled) => {}
        Err(error) => tracing::warn!(%error, "embeddings stay pending"),
    });
}
