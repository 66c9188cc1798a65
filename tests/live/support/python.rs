//! The CAS client python-cas, in the environment that tests/run installs.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The folder of the Python environment.
pub fn environment() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tests/python");
    assert!(folder.exists(), "no {}: tests/run installs it", folder.display());
    folder
}

/// Runs tests/live/python/client.py; `authority` is a file of the authority that it trusts.
pub fn client(authority: &Path, arguments: &[&str], input: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/python/client.py");
    let mut command = Command::new(environment().join("bin/python"));
    command
        .arg(script)
        .args(arguments)
        .env("REQUESTS_CA_BUNDLE", authority);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("Python");
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(input.as_bytes())
        .expect("the input");
    let output = child.wait_with_output().expect("its output");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}
