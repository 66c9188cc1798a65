//! What can be typed after `mereau tickets`.

use clap::{Args, Subcommand};

use super::{Act, From};

#[derive(Subcommand)]
pub enum TicketsCommand {
    /// Make everything that the ticket store holds worthless: after Redis was restored from a backup
    EpochBump(EpochBumpArguments),
}

#[derive(Args)]
pub struct EpochBumpArguments {
    #[command(flatten)]
    pub from: From,
    #[command(flatten)]
    pub act: Act,
}
