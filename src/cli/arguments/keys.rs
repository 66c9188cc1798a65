//! What can be typed after `mereau keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Act, From};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Write a new key to FILE, readable by its owner only
    New {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// List the keys of the configuration: which one seals, which ones are known, how old they are
    List(From),
    /// Have another key seal, in two steps: every node knows it first, then each uses it
    Rotate(RotateArguments),
}

#[derive(Args)]
pub struct RotateArguments {
    #[command(flatten)]
    pub from: From,
    /// The second step: the key that was introduced seals from now on, the one of before is still known
    #[arg(long)]
    pub activate: bool,
    #[command(flatten)]
    pub act: Act,
}
