//! The commands of the binary: what an operator types, what is printed, which exit code. The work
//! itself is done elsewhere; `assemble` alone names the adapters.

mod arguments;
pub mod assemble;
mod audit;
mod check;
mod completions;
mod configuration;
mod confined;
mod demo;
mod doctor;
mod doors;
mod egress;
mod files;
mod findings;
mod health;
mod import;
mod keys;
mod logout;
mod logs;
mod man;
mod migrate;
mod operated;
mod people;
mod person;
mod print;
mod recovery;
mod reload;
mod serve;
mod services_import;
mod services_test;
mod sessions;
mod shared;
mod signals;
mod support;
mod systemd;
mod theme;
mod tickets;
mod trace;
mod upgrade;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{
    Arguments, AuditCommand, Command, DoctorArguments, DoctorCommand, InstitutionsCommand, KeysCommand,
    LogoutCommand, PeopleCommand, RecoveryCommand, ServicesCommand, SessionsCommand, TicketsCommand,
};
use print::Screen;

/// What a command comes to when nothing broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Good,
    /// Something is wrong and was printed.
    Bad,
    /// Where something wrong is an answer: there is none, and why was printed.
    Trouble,
    /// Servers of two versions cannot run beside each other.
    StopAndStart,
}

/// Everything that can be typed, for what describes it: the book is checked against it.
pub fn words() -> clap::Command {
    Arguments::command()
}

/// Runs the command of this process's arguments. Exit code 0: good; 1: what is wrong was printed;
/// 2: the arguments make no sense, or `config diff` could not compare; 3: `upgrade-check` says that all
/// servers must stop first.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut screen = Screen::of_process();
    let outcome = run(arguments.command, &mut screen);
    logs::finish();
    match outcome {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::FAILURE,
        Ok(Outcome::Trouble) => ExitCode::from(2),
        Ok(Outcome::StopAndStart) => ExitCode::from(3),
        Err(error) => {
            screen.complain(&format!("mereau: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, screen: &mut Screen) -> anyhow::Result<Outcome> {
    match command {
        Command::Serve(from) => serve::serve(&from.config, screen),
        Command::Demo { listen } => demo::demo(listen, screen),
        Command::Doctor(arguments) => look(&arguments, screen),
        Command::Theme { command } => theme::theme(&command, screen),
        Command::Check(arguments) => check::check(&arguments, screen),
        Command::Audit { command } => of_audit(&command, screen),
        Command::Trace(arguments) => trace::trace(&arguments, screen),
        Command::Recovery { command } => match command {
            RecoveryCommand::Send(arguments) => recovery::send(&arguments, screen),
            RecoveryCommand::Unlock(arguments) => recovery::unlock(&arguments, screen),
        },
        Command::Logout { command } => match command {
            LogoutCommand::DeadLetters(from) => logout::dead_letters(&from.config, screen),
            LogoutCommand::Retry(arguments) => logout::retry(&arguments, screen),
        },
        Command::Tickets { command } => match command {
            TicketsCommand::EpochBump(arguments) => tickets::epoch_bump(&arguments, screen),
        },
        Command::People { command } => match command {
            PeopleCommand::MustChange(arguments) => people::must_change(&arguments, screen),
        },
        Command::Sessions { command } => match command {
            SessionsCommand::List(arguments) => sessions::list(&arguments, screen),
            SessionsCommand::End(arguments) => sessions::end(&arguments, screen),
        },
        Command::Keys { command } => match command {
            KeysCommand::New { file } => keys::new(&file, screen),
            KeysCommand::List(from) => keys::list(&from.config, screen),
            KeysCommand::Rotate(arguments) => keys::rotate(&arguments, screen),
        },
        Command::Institutions { command } => match command {
            InstitutionsCommand::Import(arguments) => import::import(&arguments, screen),
        },
        Command::Services { command } => of_services(&command, screen),
        Command::Metrics => sheet(&crate::metrics::sheet(), screen),
        Command::SupportBundle(arguments) => support::bundle(&arguments, screen),
        Command::UpgradeCheck(arguments) => upgrade::check(&arguments, screen),
        Command::Health(arguments) => health::health(&arguments, screen),
        Command::Completions { shell } => completions::completions(shell, screen),
        Command::Man { into } => man::man(&into, screen),
        Command::Config { command } => configuration::config(&command, screen),
    }
}

fn look(arguments: &DoctorArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let path = &arguments.from.config;
    match &arguments.command {
        None => doctor::doctor(arguments.json, path, screen),
        Some(DoctorCommand::Directory(directory)) => doctor::directory(directory, path, screen),
        Some(DoctorCommand::Codes) => sheet(&findings::sheet(), screen),
        Some(DoctorCommand::Person(person)) => person::person(person, path, screen),
    }
}

fn of_audit(command: &AuditCommand, screen: &mut Screen) -> anyhow::Result<Outcome> {
    match command {
        AuditCommand::Verify(arguments) => audit::verify(arguments, screen),
        AuditCommand::Reasons => sheet(&crate::audit::reasons::sheet(), screen),
    }
}

fn of_services(command: &ServicesCommand, screen: &mut Screen) -> anyhow::Result<Outcome> {
    match command {
        ServicesCommand::Import(arguments) => services_import::import(arguments, screen),
        ServicesCommand::Test(arguments) => services_test::test(arguments, screen),
        ServicesCommand::Styles => sheet(&crate::services::styles::sheet(), screen),
    }
}

/// Prints a page of the book that is made from the code.
fn sheet(text: &str, screen: &mut Screen) -> anyhow::Result<Outcome> {
    screen.print(text.trim_end());
    Ok(Outcome::Good)
}

/// The process's environment, for secrets and the log filter.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
