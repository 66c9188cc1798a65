//! The words of `mereau trace`.

use std::path::PathBuf;

use clap::Args;

use super::From;

#[derive(Args)]
pub struct TraceArguments {
    #[command(flatten)]
    pub from: From,
    /// The code as it was read from the page, or request_id of a line
    pub code: String,
    /// Logs and audit files of all nodes, packed ones too, - for the standard input; without any, the
    /// configured audit
    #[arg(value_name = "LOGFILE")]
    pub files: Vec<PathBuf>,
}
