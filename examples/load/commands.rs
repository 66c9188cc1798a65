//! The command line of the load kit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use mereau::tls::Roots;

use crate::engine::profile::Profile;
use crate::engine::run::Run;
use crate::engine::site::Site;
use crate::engine::state::State;
use crate::engine::{plot, report};
use crate::{figures, outside};

/// Load for Méreau: a seeded profile gives people and applications, and a run that stops by itself.
#[derive(Parser)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints a profile to begin with
    Profile {
        /// Which one
        #[arg(default_value = "sign-in", value_parser = names())]
        name: String,
    },
    /// Writes the people and applications that a profile stands for: LDIF, service files, passwords
    State {
        #[arg(long)]
        profile: PathBuf,
        /// The folder to write into
        #[arg(long)]
        into: PathBuf,
        /// The entry below which the people are
        #[arg(long, default_value = "ou=people,dc=campus,dc=example")]
        base: String,
    },
    /// Sends the load of a profile to a server
    Run(Wanted),
    /// Reproduces the project's figures on servers that it starts on this machine
    Figures {
        /// Which ones; all without
        #[arg(value_parser = figures::names())]
        names: Vec<String>,
        /// Small numbers: whether it works, not how fast it is
        #[arg(long)]
        quick: bool,
        /// How many sessions `memory` writes, when not a million (2,000 with --quick)
        #[arg(long)]
        sessions: Option<usize>,
        /// Ends with an error where a target is missed
        #[arg(long)]
        strict: bool,
        /// Where the report and the plots go
        #[arg(long, default_value = "target/load")]
        into: PathBuf,
    },
    /// Hours under a steady load on servers that it starts on this machine: memory, files, latencies
    Soak(Soak),
}

#[derive(Args)]
struct Soak {
    /// How long; with --minutes, so much more
    #[arg(long, default_value_t = 0.0)]
    hours: f64,
    #[arg(long, default_value_t = 0.0)]
    minutes: f64,
    /// Journeys that begin in a second
    #[arg(long, default_value_t = 40.0)]
    rate: f64,
    /// Ends with an error where a target is missed
    #[arg(long)]
    strict: bool,
    /// Where the report and the plots go
    #[arg(long, default_value = "target/load")]
    into: PathBuf,
}

#[derive(Args)]
pub struct Wanted {
    #[arg(long)]
    profile: PathBuf,
    /// The server, with its path (http://127.0.0.1:8080/cas); once for each of its nodes
    #[arg(long, required = true)]
    url: Vec<String>,
    /// The server is on another machine, and yours to load
    #[arg(long)]
    elsewhere: bool,
    /// Who signed its certificate, PEM; the system's authorities without it
    #[arg(long)]
    ca: Option<PathBuf>,
    /// A folder that `load state` wrote, or one like it with people and applications of yours; what a run
    /// changes is written back
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// A port of this machine for a mail server that takes the letters of resets: mail.url of the server
    /// under load names it
    #[arg(long)]
    pub letters: Option<u16>,
    /// Where the report and the plots go
    #[arg(long, default_value = "target/load")]
    into: PathBuf,
}

pub const PROFILES: [(&str, &str); 6] = [
    ("sign-in", include_str!("profiles/sign-in.toml")),
    ("bell", include_str!("profiles/bell.toml")),
    ("portal", include_str!("profiles/portal.toml")),
    ("reset", include_str!("profiles/reset.toml")),
    ("school", include_str!("profiles/school.toml")),
    ("spray", include_str!("profiles/spray.toml")),
];

fn names() -> Vec<&'static str> {
    PROFILES.map(|(name, _)| name).to_vec()
}

pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Profile { name } => {
            let found = PROFILES.iter().find(|(known, _)| *known == name);
            print!("{}", found.context("an unknown profile")?.1);
            Ok(())
        }
        Command::State { profile, into, base } => {
            let profile = read(&profile)?;
            fs::create_dir_all(&into)?;
            let callbacks = outside::certify(&into, profile.callback)?;
            State::invent(&profile).write(&into, &base, &callbacks)?;
            println!("{}", into.display());
            Ok(())
        }
        Command::Run(wanted) => send(wanted).await,
        Command::Soak(soak) => {
            let lasts = Duration::try_from_secs_f64(soak.hours * 3600.0 + soak.minutes * 60.0)?;
            figures::soak::run(lasts, soak.rate, soak.strict, &soak.into).await
        }
        Command::Figures {
            names,
            quick,
            sessions,
            strict,
            into,
        } => figures::run(&names, figures::Size { quick, sessions }, strict, &into).await,
    }
}

fn read(path: &Path) -> anyhow::Result<Profile> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Profile::parse(&text).with_context(|| path.display().to_string())
}

async fn send(wanted: Wanted) -> anyhow::Result<()> {
    let profile = read(&wanted.profile)?;
    let roots = wanted.ca.clone().map_or(Roots::System, Roots::File);
    let site = Site::at(&wanted.url, wanted.elsewhere, &roots).await?;
    let state = match &wanted.state {
        Some(folder) => State::read(&profile, folder)?,
        None => State::invent(&profile),
    };
    let outside = outside::Outside::open(&profile, &wanted).await?;
    let run = Run {
        aids: outside.aids(),
        ..Run::new(&profile, Arc::new(state))
    };
    let seen = run.go(&profile, site).await?;
    println!("{}", report::table(&seen));
    fs::create_dir_all(&wanted.into)?;
    let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let json = report::json(&seen, run.record.window, &format!("load {command}"));
    let into = |name: &str| wanted.into.join(name);
    fs::write(into("run.json"), serde_json::to_vec_pretty(&json)?)?;
    fs::write(into("latencies.svg"), plot::latency_curve(&seen))?;
    fs::write(
        into("timeline.svg"),
        plot::timeline(&seen, run.record.window, &[]),
    )?;
    if let Some(folder) = &wanted.state {
        run.state.write_passwords(folder)?;
    }
    println!(
        "also in {0}/run.json, latencies.svg and timeline.svg",
        wanted.into.display()
    );
    Ok(())
}
