//! Where the built program is and where scratch files go: cargo tells tests and benchmarks, and an
//! example finds both beside itself. Whoever names another program gets that one measured.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static BESIDE: LazyLock<PathBuf> = LazyLock::new(|| {
    // target/PROFILE/examples/NAME
    let own = std::env::current_exe().expect("this program's own path");
    let profile = own.parent().and_then(Path::parent);
    profile.expect("a program that cargo built").to_owned()
});

/// Names another program, the packaged one for example, from the folder where the command is given.
const NAMED: &str = "MEREAU_PROGRAM";

static BINARY: LazyLock<String> = LazyLock::new(|| {
    named().unwrap_or_else(|| match option_env!("CARGO_BIN_EXE_mereau") {
        Some(binary) => binary.to_owned(),
        None => BESIDE.join("mereau").display().to_string(),
    })
});

static SCRATCH: LazyLock<PathBuf> = LazyLock::new(|| match option_env!("CARGO_TARGET_TMPDIR") {
    Some(folder) => PathBuf::from(folder),
    None => BESIDE.parent().unwrap_or(&BESIDE).join("tmp"),
});

/// The program that `MEREAU_PROGRAM` names, as a path from the root.
pub fn named() -> Option<String> {
    let path = std::env::var_os(NAMED).filter(|path| !path.is_empty())?;
    let path = std::path::absolute(path).expect("a path");
    assert!(path.is_file(), "{NAMED}: {} is no file", path.display());
    Some(path.display().to_string())
}

/// A command as it is typed to measure the same program again.
pub fn typed(command: &str) -> String {
    match std::env::var(NAMED) {
        Ok(path) if !path.is_empty() => format!("{NAMED}={path} {command}"),
        _ => command.to_owned(),
    }
}

/// The `mereau` that is measured or tried.
pub fn binary() -> &'static str {
    &BINARY
}

/// `target/tmp`
pub fn scratch() -> &'static Path {
    &SCRATCH
}
