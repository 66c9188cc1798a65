//! `mereau support-bundle`: what those who help need to see, in one archive that its owner reads first. No
//! secret is in it: nothing is copied as it was written, and the whole is searched for every secret that the
//! configuration names before it is kept.

mod archive;
mod gather;
mod lines;
mod told;

use std::path::Path;

use anyhow::{Context, bail};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use self::archive::Part;
use super::arguments::SupportArguments;
use super::print::Screen;
use super::{Outcome, serve};
use crate::base::clock::{Clock, SystemClock};
use crate::config::{self, Loaded, PrivateFile};

/// What the archive unpacks to.
const FOLDER: &str = "mereau-support";

/// Secrets shorter than this are too common to be searched for.
const SHORTEST: usize = 6;

pub fn bundle(arguments: &SupportArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    if arguments.into.exists() {
        bail!("{} is there already; name another file", arguments.into.display());
    }
    let server = &arguments.from.config;
    let (problems, warnings, private) = match config::load(server, &super::environment) {
        Ok(Loaded {
            warnings, private, ..
        }) => (Vec::new(), warnings, private),
        // The secrets of their files are not known then; nothing of the files' texts is copied in any case.
        Err(problems) => (problems, Vec::new(), Vec::new()),
    };
    let mut parts = vec![
        part("versions.txt", gather::versions()),
        part("configuration.txt", gather::configuration(server)),
        part("files.txt", gather::files(server, &warnings, &problems)),
    ];
    screen.progress("asking the server and everything it stands on");
    parts.extend(serve::runtime()?.block_on(async {
        let doctor = match problems.is_empty() {
            true => gather::doctor(server).await,
            false => "nothing is asked under a configuration with problems: see files.txt\n".to_owned(),
        };
        vec![
            part("doctor.txt", doctor),
            part("metrics.txt", gather::metrics(server).await),
        ]
    }));
    let log = log(arguments)?;
    parts.push(part("log.txt", lines::without_addresses(&log)));
    screen.progress("");
    let removed = without_secrets(&mut parts, &secrets(server, &private));
    let now = SystemClock.now().0 / 1000;
    archive::write(&arguments.into, FOLDER, &parts, now)
        .with_context(|| format!("{} cannot be written", arguments.into.display()))?;
    tell(&arguments.into, &parts, removed, screen);
    Ok(Outcome::Good)
}

fn part(name: &str, text: String) -> Part {
    Part {
        name: name.to_owned(),
        text,
    }
}

fn log(arguments: &SupportArguments) -> anyhow::Result<String> {
    if arguments.log.is_empty() {
        return Ok(serve::runtime()?.block_on(gather::journal(arguments.lines)));
    }
    let mut text = String::new();
    for file in &arguments.log {
        let read = lines::last(file, arguments.lines);
        text.push_str(&read.with_context(|| format!("{} cannot be read", file.display()))?);
    }
    Ok(text)
}

/// The contents of the files and of the environment variables with secrets, each line of them, as they are
/// and in base64.
fn secrets(server: &Path, private: &[PrivateFile]) -> Vec<Zeroizing<String>> {
    let mut found = Vec::new();
    let files = private
        .iter()
        .filter_map(|file| std::fs::read_to_string(&file.path).ok());
    for text in files.map(Zeroizing::new).chain(gather::variables(server)) {
        for line in text.lines().map(str::trim) {
            let armour = line.starts_with("-----");
            if line.len() >= SHORTEST && !armour {
                found.push(Zeroizing::new(line.to_owned()));
            }
            // The other way round: a secret may be shown in base64.
            found.push(Zeroizing::new(BASE64.encode(line.as_bytes())));
        }
    }
    found.retain(|secret| secret.len() >= SHORTEST);
    found
}

/// Takes out every line that holds a secret; how many there were. There should be none.
fn without_secrets(parts: &mut [Part], secrets: &[Zeroizing<String>]) -> usize {
    let mut removed = 0;
    for part in parts {
        if !secrets.iter().any(|secret| part.text.contains(secret.as_str())) {
            continue;
        }
        let lines =
            part.text.lines().map(
                |line| match secrets.iter().any(|secret| line.contains(secret.as_str())) {
                    true => {
                        removed += 1;
                        "(a line with a secret was here)\n".to_owned()
                    }
                    false => format!("{line}\n"),
                },
            );
        part.text = lines.collect();
    }
    removed
}

fn tell(path: &Path, parts: &[Part], removed: usize, screen: &mut Screen) {
    for part in parts {
        screen.print(&format!("{:>9} bytes  {FOLDER}/{}", part.text.len(), part.name));
    }
    if removed > 0 {
        screen.complain(&format!(
            "{removed} lines held a secret of the configuration and were left out; please report where they come from"
        ));
    }
    let path = path.display();
    screen.print(&format!(
        "{path} is written, readable by you alone. Read it before you send it: tar -xzf {path} && less {FOLDER}/*"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_secret_is_left_out_and_counted() {
        let secrets = [Zeroizing::new("canari-4711".to_owned())];
        let mut parts = [part("a.txt", "one\nx canari-4711 y\ntwo\n".to_owned())];
        assert_eq!(without_secrets(&mut parts, &secrets), 1);
        assert_eq!(parts[0].text, "one\n(a line with a secret was here)\ntwo\n");
    }
}
