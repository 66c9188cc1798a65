//! What can be typed after `mereau people`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::{Act, From};

#[derive(Subcommand)]
pub enum PeopleCommand {
    /// Have people choose another password at their next sign-in, and end their sessions
    MustChange(MustChangeArguments),
}

#[derive(Args)]
#[command(group(ArgGroup::new("whom").required(true)))]
pub struct MustChangeArguments {
    #[command(flatten)]
    pub from: From,
    /// The realm they are of
    #[arg(long)]
    pub realm: String,
    /// Whom this filter finds in the realm's directory; (objectClass=*) for everybody
    #[arg(long, value_name = "LDAP-FILTER", group = "whom")]
    pub filter: Option<String>,
    /// Those whose logins stand in the first column of this CSV file
    #[arg(long, value_name = "FILE", group = "whom")]
    pub logins: Option<PathBuf>,
    /// Take back what a list of an earlier run holds, where it still stands
    #[arg(long, value_name = "LIST", group = "whom")]
    pub undo: Option<PathBuf>,
    /// Leave out whom this filter finds
    #[arg(long, value_name = "LDAP-FILTER")]
    pub except_filter: Option<String>,
    /// Leave out accounts that wait for their activation
    #[arg(long)]
    pub except_never_activated: bool,
    /// Leave out whose password has changed since this day, or moment (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub except_changed_since: Option<String>,
    /// Leave out whose password is elsewhere, by “federated” of the realm's [recovery]
    #[arg(long)]
    pub except_delegated_only: bool,
    /// Leave out those whose logins stand in the first column of this CSV file
    #[arg(long, value_name = "FILE")]
    pub except_logins: Option<PathBuf>,
    /// Say whom it would be, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write whom it is to this file, which --undo reads; must-change-REALM-TIME.csv without it
    #[arg(long, value_name = "LIST", conflicts_with = "undo")]
    pub list: Option<PathBuf>,
    /// Write what became of each to this file; the list's name with .report.csv without it
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// People a second, at most: what the directory can bear beside its daily work
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    #[command(flatten)]
    pub act: Act,
}
