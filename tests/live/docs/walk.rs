//! Walks through a chapter: writes its files, runs its commands one after the other in a folder of
//! its own, and compares what they print with what the book shows. Names of the book (hosts, ports,
//! folders of a real machine) stand for the servers of the test.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::book::{self, Block};
use crate::support::child::Server;
use crate::support::ports;
use crate::support::wait;

const BINARY: &str = env!("CARGO_BIN_EXE_mereau");

/// A reader with a machine of their own.
pub struct Reader {
    folder: TempDir,
    /// The book's word, ours.
    names: Vec<(String, String)>,
    port: u16,
    background: Vec<Server>,
}

impl Reader {
    /// `names` are words of the book and what stands for them here.
    pub fn new(names: &[(&str, String)]) -> Reader {
        let port = ports::free();
        let mut all: Vec<(String, String)> = names
            .iter()
            .map(|(book, ours)| ((*book).to_owned(), ours.clone()))
            .collect();
        for host in ["localhost", "127.0.0.1"] {
            all.push((format!("{host}:8080"), format!("{host}:{port}")));
        }
        Reader {
            folder: TempDir::new().expect("a folder"),
            names: all,
            port,
            background: Vec::new(),
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything of a chapter that is not for elsewhere.
    pub fn walks_through(&mut self, name: &str) {
        for block in book::chapter(name).blocks() {
            if block.is("elsewhere") {
                continue;
            }
            let place = format!("docs/{name}:{}", block.line);
            if let Some(path) = block.value("file") {
                self.write(path, &block);
            } else if let Some(path) = block.value("append") {
                self.append(path, &block);
            } else if block.is("background") {
                self.start(&place, &block);
            } else if block.language() == "sh" {
                let (status, printed) = self.run(&block.text);
                assert!(
                    status == 0,
                    "{place} ended with {status}:\n{}\n{printed}",
                    block.text
                );
            } else if block.language() == "console" {
                self.talk(&place, &block);
            }
        }
        self.stop();
    }

    /// Ctrl-C in the other terminal.
    fn stop(&mut self) {
        for mut server in self.background.drain(..) {
            server.signal("TERM");
            let status = server.wait();
            assert!(status.success(), "{status}: {}", server.output());
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        assert!(
            !path.starts_with('/') && !path.contains(".."),
            "{path} is not below the reader's folder"
        );
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        path
    }

    fn write(&self, path: &str, block: &Block) {
        let path = self.at(path);
        fs::write(&path, self.ours(&block.text)).expect("a file");
        if block.is("program") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the owner's right");
        }
    }

    fn append(&self, path: &str, block: &Block) {
        let path = self.at(path);
        let before = fs::read_to_string(&path).expect("a file written before");
        fs::write(&path, before + "\n" + &self.ours(&block.text)).expect("a file");
    }

    /// A command that goes on in a terminal of its own, after the one before was ended there.
    fn start(&mut self, place: &str, block: &Block) {
        self.stop();
        let log = self.folder.path().join("other-terminal.log");
        let command = format!(
            "cd {} && {}exec {}",
            self.folder().display(),
            ENVIRONMENT,
            self.ours(&block.text)
        );
        let mut server = Server::start("bash", &["-c".to_owned(), self.with_path(&command)], &log);
        let port = self.port;
        wait::until(place, || {
            assert!(server.has_ended().is_none(), "{place}: {}", server.output());
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        self.background.push(server);
    }

    /// Commands after `$ `, each with what it prints below, where the book shows it.
    fn talk(&self, place: &str, block: &Block) {
        let wanted: i32 = block
            .value("exit")
            .map_or(0, |code| code.parse().expect("an exit code"));
        for (command, shown) in dialogue(&block.text) {
            let (status, printed) = self.run(&command);
            assert!(
                status == wanted,
                "{place}: {command} ended with {status}:\n{printed}"
            );
            let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
            let told = self.theirs(&printed);
            let lines: Vec<&str> = told.lines().map(str::trim_end).collect();
            assert!(
                shown.is_empty() || fits(&shown, &lines),
                "{place}: {command}\nthe book shows:\n{}\nand it printed:\n{told}",
                shown.join("\n")
            );
        }
    }

    fn run(&self, commands: &str) -> (i32, String) {
        let script = format!("exec 2>&1\n{ENVIRONMENT}\n{}", self.ours(commands));
        let output = Command::new("timeout")
            .args([
                "120",
                "bash",
                "-eu",
                "-o",
                "pipefail",
                "-c",
                &self.with_path(&script),
            ])
            .current_dir(self.folder())
            .stdin(std::process::Stdio::null())
            .output()
            .expect("bash");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code().unwrap_or(-1), printed)
    }

    fn with_path(&self, script: &str) -> String {
        let beside = Path::new(BINARY).parent().expect("a folder");
        format!(
            "export PATH={}:$PATH:/usr/sbin:/sbin HOME={}\n{script}",
            beside.display(),
            self.folder().display()
        )
    }

    fn ours(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (book, ours) in &self.names {
            text = text.replace(book, ours);
        }
        text
    }

    fn theirs(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (book, ours) in &self.names {
            text = text.replace(ours, book);
        }
        text
    }
}

const ENVIRONMENT: &str = "unset RUST_LOG MEREAU_CONFIG; export LC_ALL=C.UTF-8; ";

/// Each command with the lines that the book shows below it.
fn dialogue(text: &str) -> Vec<(String, Vec<String>)> {
    let mut talk: Vec<(String, Vec<String>)> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        if goes_on {
            let (command, _) = talk.last_mut().expect("a command");
            let _ = write!(command, "\n{line}");
            goes_on = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ") {
            talk.push((command.to_owned(), Vec::new()));
            goes_on = line.ends_with('\\');
        } else {
            let (_, shown) = talk.last_mut().expect("a command before what it prints");
            shown.push(line.trim_end().to_owned());
        }
    }
    talk
}

/// Whether lines are as shown; `…` stands for anything, on a line of its own for any lines.
fn fits(shown: &[&str], lines: &[&str]) -> bool {
    match shown {
        [] => lines.is_empty(),
        ["…", rest @ ..] => (0..=lines.len()).any(|left_out| fits(rest, &lines[left_out..])),
        [first, rest @ ..] => match lines {
            [line, others @ ..] => alike(first, line) && fits(rest, others),
            [] => false,
        },
    }
}

fn alike(shown: &str, line: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn what_is_shown_fits_what_came_or_not() {
    assert!(fits(&["a … c", "…", "z"], &["a b c", "x", "y", "z"]));
    assert!(fits(&["…", "z"], &["z"]));
    assert!(!fits(&["a"], &["a", "b"]));
    assert!(!fits(&["a … c"], &["a b d"]));
    assert!(!fits(&["a", "b"], &["a"]));
}
