//! What can be typed after `mereau sessions`.

use clap::{Args, Subcommand};

use super::From;

#[derive(Subcommand)]
pub enum SessionsCommand {
    /// List the sessions of a person: since when, until when, and what they visited
    List(ListSessionsArguments),
    /// End all sessions of a person, and tell the applications; their password still opens new ones
    End(EndSessionsArguments),
}

#[derive(Args)]
pub struct ListSessionsArguments {
    #[command(flatten)]
    pub from: From,
    /// The login of the person, as they would type it
    #[arg(long, value_name = "LOGIN")]
    pub person: String,
    /// The realm they are of; without it all are looked through
    #[arg(long)]
    pub realm: Option<String>,
}

#[derive(Args)]
pub struct EndSessionsArguments {
    #[command(flatten)]
    pub from: From,
    /// The login of the person, as they would type it
    #[arg(long, value_name = "LOGIN")]
    pub person: String,
    /// The realm they are of; without it all are looked through
    #[arg(long)]
    pub realm: Option<String>,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who does it; without it the user of this process
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
}
