//! What an archive for those who help is made of. Each part is a text of its own; what cannot be had says
//! so in its place. Values come from kinds that cannot be secrets, never from a text as it was written.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use zeroize::Zeroizing;

use super::super::assemble::formats;
use super::super::health;
use super::told;
use crate::config::{self, Problem};

/// How long a command of ours, or the journal's, may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Files that are listed.
const MOST_FILES: usize = 2000;

/// The program and the machine.
pub fn versions() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let system = read("/etc/os-release");
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let mut text = format!(
        "mereau {}\nsystem {}\nkernel {}\nprocessors {processors}\n",
        env!("CARGO_PKG_VERSION"),
        system.unwrap_or("unknown").trim_matches('"'),
        read("/proc/version").trim(),
    );
    text.extend(memory.lines().take(3).map(|line| format!("{line}\n")));
    let _ = write!(
        text,
        "\nlimits of this command, not of the service:\n{}",
        read("/proc/self/limits")
    );
    let _ = write!(text, "\nformats:\n{}", formats::text());
    text
}

/// Every key that is written, from the types: what a key may hold decides whether it is shown.
pub fn configuration(server: &Path) -> String {
    let (keys, problems) = config::listing(server);
    let mut text = String::new();
    for key in keys {
        let _ = writeln!(text, "{}:{}: {} = {}", key.file, key.line, key.label, key.shown);
    }
    list_problems(&mut text, "\ncannot be read:\n", &problems);
    text
}

/// What the environment variables hold that the configuration takes secrets from, as far as it can be read.
pub fn variables(server: &Path) -> Vec<Zeroizing<String>> {
    let (keys, _) = config::listing(server);
    let names = keys.iter().filter(|key| key.label.ends_with("_env"));
    let held = names.filter_map(|key| super::super::environment(key.shown.trim_matches('"')));
    held.map(Zeroizing::new).collect()
}

/// What `check` says of it, and who may read which file.
pub fn files(server: &Path, warnings: &[Problem], problems: &[Problem]) -> String {
    let mut text = String::new();
    list_problems(&mut text, "problems:\n", problems);
    list_problems(&mut text, "warnings:\n", warnings);
    text.push_str("files:\n");
    let folder = match server.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut left = MOST_FILES;
    list(folder, 0, &mut left, &mut text);
    if left == 0 {
        text.push_str("and more\n");
    }
    text
}

fn list_problems(text: &mut String, heading: &str, problems: &[Problem]) {
    if !problems.is_empty() {
        text.push_str(heading);
    }
    text.extend(
        problems
            .iter()
            .map(|problem| format!("{}\n", problem.on_one_line())),
    );
}

/// Mode, owner, size and name; never what is in it.
fn list(folder: &Path, depth: usize, left: &mut usize, text: &mut String) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.into_iter().chain((depth == 0).then(|| folder.to_owned())) {
        if *left == 0 {
            return;
        }
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        *left -= 1;
        let _ = writeln!(
            text,
            "{:06o} {}:{} {:>9} {}",
            about.mode(),
            about.uid(),
            about.gid(),
            about.len(),
            path.display()
        );
        if about.is_dir() && depth < 3 && path != folder {
            list(&path, depth + 1, left, text);
        }
    }
}

/// What `mereau doctor` says, by the program that runs: one that hangs or dies takes nothing with it.
pub async fn doctor(server: &Path) -> String {
    let Ok(program) = std::env::current_exe() else {
        return "this program cannot find itself\n".to_owned();
    };
    let mut command = Command::new(program);
    command.args(["doctor", "--json", "--config"]).arg(server);
    // What it complains of there may quote a line of a file.
    command.stderr(Stdio::null());
    match printed(command).await {
        Ok(json) => told::to_others(&json),
        Err(why) => why,
    }
}

/// The journal of the service; where there is none, why.
pub async fn journal(lines: usize) -> String {
    let mut command = Command::new("journalctl");
    let lines = lines.to_string();
    command.args([
        "--unit",
        "mereau.service",
        "--output",
        "cat",
        "--no-pager",
        "--quiet",
        "--lines",
        &lines,
    ]);
    printed(command).await.unwrap_or_else(|why| why)
}

/// Everything that a command prints; `Err` in words for the archive when it does not.
async fn printed(mut command: Command) -> Result<String, String> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => {
            let both = [output.stdout, output.stderr].concat();
            Ok(String::from_utf8_lossy(&both).into_owned())
        }
        Ok(Err(error)) => Err(format!("it cannot be started: {error}\n")),
        Err(_) => Err(format!("it did not end within {} s\n", PATIENCE.as_secs())),
    }
}

/// What the server of this machine counts.
pub async fn metrics(server: &Path) -> String {
    match config::reach(server, &super::super::environment) {
        Err(problems) => {
            let mut text = String::new();
            list_problems(&mut text, "the server's address cannot be read:\n", &problems);
            text
        }
        Ok(reach) => match reach.admin {
            None => "there is no [admin] address\n".to_owned(),
            Some(admin) => match health::page(&admin, "metrics").await {
                Ok(page) => page,
                Err(error) => format!("the server did not tell: {error:#}\n"),
            },
        },
    }
}
