//! What can be typed after `mereau sessions`.

use clap::{Args, Subcommand};

use super::From;

#[derive(Subcommand)]
pub enum SessionsCommand {
    /// List the sessions of a person: since when, until when, and what they visited
    List(ListSessionsArguments),
    /// End all sessions of a person, a realm, or whom a filter finds; passwords still open new ones
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
    /// The login of one person, as they would type it
    #[arg(long, value_name = "LOGIN", required_unless_present = "realm")]
    pub person: Option<String>,
    /// The realm; without --person and --filter all of its sessions end at one stroke
    #[arg(long)]
    pub realm: Option<String>,
    /// Those of whom this filter finds in the realm's directory
    #[arg(
        long,
        value_name = "LDAP-FILTER",
        requires = "realm",
        conflicts_with = "person"
    )]
    pub filter: Option<String>,
    /// Before the stroke, go through all people of the realm and send applications their logout messages
    #[arg(long, conflicts_with_all = ["person", "filter"])]
    pub tell_applications: bool,
    /// Say what would end, and end nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub act: Act,
}

/// What an act on other people's accounts is signed with.
#[derive(Args)]
pub struct Act {
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who does it; without it the user of this process
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
}
