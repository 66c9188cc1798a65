//! The words of `mereau config`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::From;
use crate::config::FileKind;

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print every option with its documentation and default, as TOML
    Reference,
    /// Print the JSON Schema of the files, for editors
    Schema {
        /// Of one sort of file alone
        #[arg(value_enum)]
        file: Option<FileWord>,
    },
    /// Say what a key is, what it means where it is not written, and where it is written now
    Explain(ExplainArguments),
    /// Say what differs from the defaults, or from another configuration; exit code 0: nothing, 1: something,
    /// 2: trouble, as diff
    Diff(DiffArguments),
    /// Bring the files to the schema of this version: keys get their new names where they stand
    Migrate(MigrateArguments),
}

#[derive(Args)]
pub struct MigrateArguments {
    #[command(flatten)]
    pub from: From,
    /// Change the files; without it, say what would change
    #[arg(long)]
    pub write: bool,
}

#[derive(Args)]
pub struct ExplainArguments {
    #[command(flatten)]
    pub from: From,
    /// A dotted path as server.listen, or the end of one as bind_dn
    pub key: String,
}

#[derive(Args)]
pub struct DiffArguments {
    #[command(flatten)]
    pub from: From,
    /// The server.toml of another configuration, or its folder; without it the defaults
    pub other: Option<PathBuf>,
}

/// A sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileWord {
    /// server.toml
    Server,
    /// realms/NAME.toml
    Realm,
    /// institutions.toml
    Institutions,
    /// services/NAME.toml
    Service,
}

impl FileWord {
    pub fn kind(self) -> FileKind {
        match self {
            FileWord::Server => FileKind::Server,
            FileWord::Realm => FileKind::Realm,
            FileWord::Institutions => FileKind::Institutions,
            FileWord::Service => FileKind::Service,
        }
    }
}
