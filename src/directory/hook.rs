//! A program of the site that is told of every new password, for stores that the directory does not
//! reach (eduroam's NT hashes, Kerberos, another suite). It gets JSON on its standard input, never
//! in its arguments or environment (SEC-84); its failure is told and changes nothing for the person.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::person::Person;
use crate::base::names::PersonKey;
use crate::base::secret::Password;
use crate::confine;

/// Who else wants to know of a failure: the audit.
pub type FailureWitness = Arc<dyn Fn(&PersonKey, &str) + Send + Sync>;

#[derive(Clone)]
pub struct HookSettings {
    /// The program and its arguments; no shell comes between.
    pub command: Vec<String>,
    /// How long it may take; then it is killed.
    pub limit: Duration,
    pub witness: Option<FailureWitness>,
}

/// What the program gets of our environment.
const KEPT: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ"];

/// Bytes of the line, usually far fewer.
const LINE: usize = 16 * 1024;

/// What the program reads, on one line.
#[derive(Serialize)]
struct Told<'a> {
    event: &'static str,
    /// `reset` or `change`.
    manner: &'a str,
    key: &'a str,
    login: &'a str,
    entry: &'a str,
    password: &'a str,
}

impl HookSettings {
    /// Runs the program and waits for its end, at most for its limit.
    pub async fn tell(&self, person: &Person, password: &Password, manner: &str) {
        let outcome = timeout(self.limit, self.run(person, password, manner)).await;
        let late = || format!("it did not end within {} ms", self.limit.as_millis());
        if let Err(why) = outcome.unwrap_or_else(|_| Err(late())) {
            tracing::error!(
                event = "password_hook_failed",
                person = %person.key.0,
                "the program after a new password failed: {why}"
            );
            if let Some(witness) = &self.witness {
                witness(&person.key, &why);
            }
        }
    }

    async fn run(&self, person: &Person, password: &Password, manner: &str) -> Result<(), String> {
        let told = Told {
            event: "password-changed",
            manner,
            key: &person.key.0,
            login: &person.login,
            entry: &person.entry.0,
            password: password.as_typed(),
        };
        // Room enough that no copy of the password is left behind by a move.
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        serde_json::to_writer(&mut *line, &told).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let (program, arguments) = self.command.split_first().ok_or("no program is named")?;
        let mut child = Command::new(program)
            .args(arguments)
            // Our own may hold the passwords of service accounts.
            .env_clear()
            .envs(
                KEPT.iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .inspect_err(confine::note)
            .map_err(|error| format!("it does not start: {error}"))?;
        if let Some(mut input) = child.stdin.take() {
            // A program that does not read its input may still end well.
            let _ = input.write_all(&line).await;
        }
        let status = child.wait().await.map_err(|error| error.to_string())?;
        if status.success() {
            Ok(())
        } else {
            Err(status.to_string())
        }
    }
}
