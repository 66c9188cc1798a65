//! A process of the binary whose output is read as it comes, and folders of configuration for it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// Longest wait for anything a process should do; reached only when it never does it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a command to its end, with `input` on its standard input.
pub fn mereau(arguments: &[&str], input: &str) -> Output {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    // A command that does not read its input is free to end first.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mereau"));
    command
        .args(arguments)
        .env_remove("RUST_LOG")
        .env_remove("MEREAU_CONFIG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a stream has said so far.
#[derive(Clone, Default)]
pub struct Heard(Arc<(Mutex<String>, Condvar)>);

impl Heard {
    fn listen(stream: impl Read + Send + 'static) -> Heard {
        let heard = Heard::default();
        let writing = heard.clone();
        thread::spawn(move || {
            let mut lines = BufReader::new(stream);
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                let (text, changed) = &*writing.0;
                text.lock().unwrap().push_str(&line);
                changed.notify_all();
                line.clear();
            }
        });
        heard
    }

    pub fn so_far(&self) -> String {
        self.0.0.lock().unwrap().clone()
    }

    /// Waits until `found` finds something.
    pub fn until<T>(&self, what: &str, found: impl Fn(&str) -> Option<T>) -> T {
        let (text, changed) = &*self.0;
        let mut text = text.lock().unwrap();
        loop {
            if let Some(found) = found(&text) {
                return found;
            }
            let (next, timed_out) = changed.wait_timeout(text, PATIENCE).unwrap();
            text = next;
            assert!(!timed_out.timed_out(), "never came: {what}\n{text}");
        }
    }

    pub fn until_said(&self, words: &str) {
        self.until(words, |text| text.contains(words).then_some(()));
    }
}

/// A server process, killed when the test fails.
pub struct Server {
    child: Child,
    pub out: Heard,
    pub err: Heard,
}

impl Server {
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut command = command(arguments);
        command.stdin(Stdio::null()).envs(environment.iter().copied());
        let mut child = command.spawn().unwrap();
        let out = Heard::listen(child.stdout.take().unwrap());
        let err = Heard::listen(child.stderr.take().unwrap());
        Server { child, out, err }
    }

    /// A server on a configuration whose `listen` has port 0, and the port it got.
    pub fn serve(config: &Path) -> (Server, u16) {
        let config = config.display().to_string();
        let server = Server::start(&["serve", "--config", &config], &[]);
        let port = server
            .err
            .until("the address", |log| port_after(log, "\"address\":\"127.0.0.1:"));
        (server, port)
    }

    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number that follows `mark`, once its end is known.
pub fn port_after(text: &str, mark: &str) -> Option<u16> {
    let rest = text.split_once(mark)?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)?.parse().ok()
}

/// A copy of the demonstration's configuration with a key, on a port of the system's choice.
pub fn demo_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    copy(&repository().join("conf/demo"), folder.path());
    let theme = "themes/rosa-bonheur";
    copy(&repository().join(theme), &folder.path().join(theme));
    let key = folder.path().join("demo.key");
    let made = mereau(&["keys", "new", &key.display().to_string()], "");
    assert!(made.status.success(), "{}", text(&made.stderr));
    let server = folder.path().join("server.toml");
    change(&server, "127.0.0.1:8080", "127.0.0.1:0");
    change(&server, "level = \"warn\"", "level = \"info\"");
    folder
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn change(file: &Path, from: &str, to: &str) {
    let old = fs::read_to_string(file).unwrap();
    assert!(old.contains(from), "{} has no {from}", file.display());
    fs::write(file, old.replace(from, to)).unwrap();
}

pub fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
