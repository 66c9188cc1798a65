//! Words of the commands that packages, containers and scripts call.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use url::Url;

use super::From;

#[derive(Args)]
pub struct HealthArguments {
    #[command(flatten)]
    pub from: From,
    /// Ask whether it is ready for people too: its directories and its ticket store answer
    #[arg(long, conflicts_with = "url")]
    pub ready: bool,
    /// Ask this URL; without it the address of [admin], or the sign-in page where there is none
    #[arg(long)]
    pub url: Option<Url>,
}

/// A shell that completes words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The configuration of somebody who names none: of the folder they stand in, or else of the machine.
pub fn usual_configuration() -> PathBuf {
    let (here, packaged) = (
        PathBuf::from("conf/server.toml"),
        PathBuf::from("/etc/mereau/server.toml"),
    );
    if !here.exists() && packaged.exists() {
        packaged
    } else {
        here
    }
}
