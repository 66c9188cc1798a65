//! What can be typed after `mereau`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Single sign-on for universities and schools, on the directory they have.
#[derive(Parser)]
#[command(name = "mereau", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve until SIGTERM or Ctrl-C; SIGHUP reads realms, services and certificates again
    Serve(From),
    /// Read the configuration and say what is wrong with it, without any network
    Check(From),
    /// Keys that all nodes share
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// What can be configured
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

/// Which configuration.
#[derive(Args)]
pub struct From {
    /// The server's file; realms/, services/ and institutions.toml are found beside it
    #[arg(
        long,
        value_name = "PATH",
        env = "MEREAU_CONFIG",
        default_value = "conf/server.toml"
    )]
    pub config: PathBuf,
}

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Write a new key to FILE, readable by its owner only
    New {
        /// A file that does not exist yet
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print every option with its documentation and default, as TOML
    Reference,
}
