//! What can be typed after `mereau`: the commands here, the words of the larger ones in files beside it.

mod config;
mod doctor;
mod keys;
mod packaged;
mod people;
mod person;
mod sessions;
mod tickets;
mod trace;
mod upkeep;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::config::{ConfigCommand, DiffArguments, ExplainArguments, MigrateArguments};
pub use self::doctor::DirectoryArguments;
pub use self::keys::{KeysCommand, RotateArguments};
pub use self::packaged::{HealthArguments, Shell};
pub use self::people::{MustChangeArguments, PeopleCommand};
pub use self::person::PersonArguments;
pub use self::sessions::{Act, EndSessionsArguments, ListSessionsArguments, SessionsCommand};
pub use self::tickets::{EpochBumpArguments, TicketsCommand};
pub use self::trace::TraceArguments;
pub use self::upkeep::{SupportArguments, UpgradeArguments};

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
    /// Try it out: invented schools, people and an application, nothing to install or configure
    Demo {
        /// Address and port; without it a free port near 8080 of this machine
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Look at everything the server stands on: directories, certificates, ticket store
    Doctor(DoctorArguments),
    /// Read the configuration and say what is wrong with it, without any network
    Check(CheckArguments),
    /// Look at a theme before people do
    Theme {
        #[command(subcommand)]
        command: ThemeCommand,
    },
    /// What happened to whose account
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Follow one request through the logs of all nodes, by its support code
    Trace(TraceArguments),
    /// Help a person back in
    Recovery {
        #[command(subcommand)]
        command: RecoveryCommand,
    },
    /// Applications that could not be told that a session is over
    Logout {
        #[command(subcommand)]
        command: LogoutCommand,
    },
    /// Sessions of people: look at them, and end them
    Sessions {
        #[command(subcommand)]
        command: SessionsCommand,
    },
    /// What the ticket store holds, as a whole
    Tickets {
        #[command(subcommand)]
        command: TicketsCommand,
    },
    /// Many people at once
    People {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Keys that all nodes share
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// What people pick
    Institutions {
        #[command(subcommand)]
        command: InstitutionsCommand,
    },
    /// Registered applications
    Services {
        #[command(subcommand)]
        command: ServicesCommand,
    },
    /// Print what /metrics tells, as Markdown
    Metrics,
    /// What can be configured
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Write what those who help need to see, without secrets, into an archive to read before it is sent
    SupportBundle(SupportArguments),
    /// Say whether another version can be replaced server by server (exit code 0), or all must stop first (3)
    UpgradeCheck(UpgradeArguments),
    /// Say whether the server of this machine is alive, for scripts and containers
    Health(HealthArguments),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Write the manual, a page for each command
    Man {
        /// A folder, made when it is not there
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
    },
}

/// Which configuration.
#[derive(Args)]
pub struct From {
    /// The server's file; realms/, services/ and institutions.{toml,csv} are found beside it. Without
    /// it conf/server.toml, or that of the package where there is none: /etc/mereau/server.toml
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "MEREAU_CONFIG",
        hide_env_values = true,
        default_value_os_t = packaged::usual_configuration(),
        hide_default_value = true
    )]
    pub config: PathBuf,
}

#[derive(Args)]
pub struct CheckArguments {
    #[command(flatten)]
    pub from: From,
    /// Hold against it only what keeps a running server from taking it at SIGHUP: flaws of themes that
    /// can be shown nevertheless are told
    #[arg(long)]
    pub for_reload: bool,
}

#[derive(Args)]
pub struct DoctorArguments {
    #[command(flatten)]
    pub from: From,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<DoctorCommand>,
}

#[derive(Subcommand)]
pub enum DoctorCommand {
    /// Look at the servers of one realm, and measure how many sign-ins they bear
    Directory(DirectoryArguments),
    /// Print the codes of all findings and what each means, as Markdown
    Codes,
    /// Say why a person can or cannot sign in
    Person(PersonArguments),
}

#[derive(Subcommand)]
pub enum ThemeCommand {
    /// Say what is wrong with it: every page in every state and language, texts, colours, files
    Check {
        #[command(flatten)]
        theme: ThemeFolder,
    },
    /// Write every page in every state and language to a folder, with an index
    Render {
        #[command(flatten)]
        theme: ThemeFolder,
        /// A folder, made when it is not there
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
        /// In lengthened English, too, which shows where longer words would not fit
        #[arg(long)]
        pseudo_language: bool,
    },
}

/// Which theme.
#[derive(Args)]
pub struct ThemeFolder {
    /// The folder of the theme; those it extends lie beside it. All of pages.themes without it
    #[arg(value_name = "THEME")]
    pub folder: Option<PathBuf>,
    #[command(flatten)]
    pub from: From,
}

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Say whether the audit's files are as they were written, and where not
    Verify(VerifyArguments),
    /// Print the codes of refusals with what they mean and what to do, as Markdown
    Reasons,
}

#[derive(Args)]
pub struct VerifyArguments {
    #[command(flatten)]
    pub from: From,
    /// The files of one node, the oldest first; without any, the configured one
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// An end of the chain that an earlier check or the log told: it must be there still
    #[arg(long, value_name = "MAC")]
    pub head: Vec<String>,
}

#[derive(Subcommand)]
pub enum RecoveryCommand {
    /// Send a link to choose a new password, or print a code; no password is ever shown or set
    Send(SendArguments),
    /// Open an account again that its person closed by the link of a notice
    Unlock(UnlockArguments),
}

#[derive(Args)]
pub struct UnlockArguments {
    #[command(flatten)]
    pub from: From,
    /// The login of the person, as they would type it
    pub login: String,
    /// The realm they are of
    #[arg(long, conflicts_with = "institution")]
    pub realm: Option<String>,
    /// The institution they are of
    #[arg(long)]
    pub institution: Option<String>,
    /// Why, and how it was made sure who they are; kept in the audit
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who does it; without it the user of this process
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
}

#[derive(Args)]
#[command(group(clap::ArgGroup::new("way").required(true)))]
pub struct SendArguments {
    #[command(flatten)]
    pub from: From,
    /// The login of the person, as they would type it
    pub login: String,
    /// The realm they are of
    #[arg(long, conflicts_with = "institution")]
    pub realm: Option<String>,
    /// The institution they are of, which also writes the letter
    #[arg(long)]
    pub institution: Option<String>,
    /// Send the link to this address, whatever is recorded
    #[arg(long, value_name = "ADDRESS", group = "way")]
    pub to: Option<String>,
    /// Print a code to hand over, and until when it works
    #[arg(long, group = "way")]
    pub print_code: bool,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who does it; without it the user of this process
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
}

#[derive(Subcommand)]
pub enum LogoutCommand {
    /// List the logout messages that were given up within the last week
    DeadLetters(From),
    /// Have them tried again from the beginning, by the servers that run
    Retry(RetryArguments),
}

#[derive(Args)]
pub struct RetryArguments {
    #[command(flatten)]
    pub from: From,
    /// Names of messages, as dead-letters lists them
    #[arg(value_name = "NAME", required_unless_present_any = ["service", "all"])]
    pub names: Vec<String>,
    /// Those of one service
    #[arg(long)]
    pub service: Option<String>,
    /// All of them
    #[arg(long)]
    pub all: bool,
}

#[derive(Subcommand)]
pub enum InstitutionsCommand {
    /// Make a file of institutions from the open data of the ministry of education, as it is
    Import(ImportArguments),
}

#[derive(Args)]
pub struct ImportArguments {
    #[command(flatten)]
    pub from: From,
    /// The ministry's CSV file
    pub file: PathBuf,
    /// The realm of all of them; without it the only one that is configured
    #[arg(long)]
    pub realm: Option<String>,
    /// Leave out the lines that cannot be read; without it they stop the import
    #[arg(long)]
    pub skip_unreadable: bool,
    /// The file to write, - for the standard output; without it institutions.csv beside the server's file
    #[arg(long, value_name = "OUT")]
    pub into: Option<PathBuf>,
    /// Replace that file when there is one
    #[arg(long)]
    pub replace: bool,
}

#[derive(Subcommand)]
pub enum ServicesCommand {
    /// Make files of this server from definitions of Apereo CAS, and say what cannot be carried
    Import(ServicesImportArguments),
    /// Say which registration an address belongs to and why, and what it would be told of a person
    Test(ServicesTestArguments),
    /// Print the styles in which applications can be answered, with an answer of each, as Markdown
    Styles,
}

#[derive(Args)]
pub struct ServicesImportArguments {
    #[command(flatten)]
    pub from: From,
    /// The folder of definitions: JSON, HJSON, YAML
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// The folder to write to; without it services/ beside the server's file
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// A file for all that cannot be carried
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Replace files that are there already
    #[arg(long)]
    pub force: bool,
    /// The time zone of the server that the definitions come from
    #[arg(long, value_name = "ZONE", default_value = "Europe/Paris")]
    pub time_zone: String,
}

#[derive(Args)]
pub struct ServicesTestArguments {
    #[command(flatten)]
    pub from: From,
    /// The address that an application sends as its service, or the name of one without
    #[arg(value_name = "URL")]
    pub url: String,
    /// Somebody's login: whether they may go there, and what it is told; their directory is read, no
    /// password is tried
    #[arg(long, value_name = "LOGIN")]
    pub person: Option<String>,
    /// Look for the person in this realm only
    #[arg(long, conflicts_with = "tenant", requires = "person")]
    pub realm: Option<String>,
    /// The person signs in for this institution
    #[arg(long, value_name = "INSTITUTION", requires = "person")]
    pub tenant: Option<String>,
    /// Which answer is shown
    #[arg(long, value_enum, default_value_t = AnswerWord::Xml, requires = "person")]
    pub answer: AnswerWord,
}

/// By which endpoint an application is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnswerWord {
    /// Of /p3/serviceValidate
    Xml,
    /// Of /p3/serviceValidate?format=JSON
    Json,
    /// Of /serviceValidate
    V2,
    /// Of /validate
    V1,
    /// Of /samlValidate
    Saml,
}
