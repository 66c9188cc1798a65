//! A start with very many institutions and applications: from the process to its first page, as the built
//! program does it.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::invent::services;

/// Promised, in milliseconds, for 60,000 institutions and [`SERVICES`].
const PROMISED: f64 = 300.0;

const SERVICES: usize = 5_000;

const ROUNDS: usize = 9;

/// A start that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(60);

/// Milliseconds to the first page, and those on a processor until then, of each start, the quickest first.
pub struct Starts(Vec<(f64, f64)>);

/// Starts the program on the institutions that `sheet` lists, and stops it again.
pub fn measure(sheet: &Path, results: &Path) -> anyhow::Result<Starts> {
    let folder = results.join("start");
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let server = configuration(&folder, sheet, port)?;
    let mut starts = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let mut program = Stopped(
            Command::new(env!("CARGO_BIN_EXE_mereau"))
                .args(["serve", "--config"])
                .arg(&server)
                .stdout(Stdio::null())
                .stderr(fs::File::create(folder.join("log"))?)
                .spawn()?,
        );
        while !page(port) {
            let ended = program.0.try_wait()?;
            ensure!(
                ended.is_none() && began.elapsed() < LONGEST,
                "no page: {}",
                fs::read_to_string(folder.join("log"))?
            );
            #[allow(
                clippy::disallowed_methods,
                reason = "between two looks; a busy loop would take the start's processor"
            )]
            std::thread::sleep(Duration::from_millis(1));
        }
        starts.push((began.elapsed().as_secs_f64() * 1e3, processor(program.0.id())));
    }
    starts.sort_by(|one, other| one.0.total_cmp(&other.0));
    Ok(Starts(starts))
}

/// Ended with the round, whatever becomes of it.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn configuration(folder: &Path, sheet: &Path, port: u16) -> anyhow::Result<PathBuf> {
    for part in ["realms", "services"] {
        fs::create_dir_all(folder.join(part))?;
    }
    fs::write(
        folder.join("people.ldif"),
        "dn: ou=people,dc=generated\nobjectClass: organizationalUnit\nou: people\n",
    )?;
    for realm in ["ent"].into_iter().chain(services::REALMS) {
        let text = format!(
            "name = \"{realm}\"\nscope = \"{realm}.example\"\n[directory]\nkind = \"ldif\"\nfile = \"../people.ldif\"\n"
        );
        fs::write(folder.join(format!("realms/{realm}.toml")), text)?;
    }
    for (name, text) in services::files(SERVICES) {
        fs::write(folder.join(format!("services/{name}.toml")), text)?;
    }
    fs::copy(sheet, folder.join("institutions.csv"))?;
    let server = folder.join("server.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://localhost:{port}/cas\"\n[tickets]\nurl = \"memory:\"\n"
    );
    fs::write(&server, text)?;
    Ok(server)
}

/// Whether the sign-in page comes.
fn page(port: u16) -> bool {
    let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        write!(
            stream,
            "GET /cas/login HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    });
    asked.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// Milliseconds that a process has been on a processor, in steps of ten (proc_pid_stat(5)).
pub fn processor(id: impl std::fmt::Display) -> f64 {
    let told = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let (_, after_name) = told.rsplit_once(')').unwrap_or_default();
    // utime and stime, in hundredths of a second.
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

impl Starts {
    /// As lines for people.
    pub fn told(&self) -> String {
        let (median, processor) = self.0.get(self.0.len() / 2).copied().unwrap_or_default();
        let fastest = self.0.first().map_or(0.0, |start| start.0);
        let slowest = self.0.last().map_or(0.0, |start| start.0);
        let met = if median <= PROMISED { "reached" } else { "MISSED" };
        format!(
            "Start with them and {SERVICES} applications, {ROUNDS} times: first page after {fastest:.0} to {slowest:.0} ms, \
             median {median:.0} ms, {processor:.0} ms of them on processors\n≤ {PROMISED} ms: {met}\n"
        )
    }
}
