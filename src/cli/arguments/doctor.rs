//! The words of `mereau doctor` and `mereau doctor directory`.

use clap::Args;

#[derive(Args)]
pub struct DirectoryArguments {
    /// Look at the servers of this realm only
    #[arg(long)]
    pub realm: Option<String>,
    /// Measure how many passwords a second each server checks, and how many sign-ins are safe; takes a few
    /// seconds for each server, whose processors are busy meanwhile
    #[arg(long)]
    pub bench: bool,
    /// Measure with the password of this person, asked for or read from the standard input; without it with
    /// decoy_dn, or with bind_dn
    #[arg(long, value_name = "LOGIN", requires = "bench")]
    pub login: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
