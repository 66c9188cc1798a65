//! Words of the commands for a change of version, and for asking others for help.

use std::path::PathBuf;

use clap::Args;

use super::From;

#[derive(Args)]
#[command(group(clap::ArgGroup::new("way").required(true)))]
pub struct UpgradeArguments {
    /// A file that the version to be replaced wrote
    #[arg(long, value_name = "FILE", group = "way")]
    pub from: Option<PathBuf>,
    /// Write what this version stores and reads; - is the standard output
    #[arg(long, value_name = "FILE", group = "way")]
    pub write: Option<PathBuf>,
}

#[derive(Args)]
pub struct SupportArguments {
    #[command(flatten)]
    pub from: From,
    /// A file that is not there yet, as mereau-support.tar.gz
    #[arg(long, value_name = "FILE")]
    pub into: PathBuf,
    /// A file of the log, or - for the standard input; without it the journal of mereau.service, where
    /// there is one
    #[arg(long, value_name = "FILE")]
    pub log: Vec<PathBuf>,
    /// How many lines of the end of the log
    #[arg(long, value_name = "COUNT", default_value_t = 2000)]
    pub lines: usize,
}
