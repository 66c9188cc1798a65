//! Where the built program is and where scratch files go: cargo tells tests and benchmarks, and an
//! example finds both beside itself.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static BESIDE: LazyLock<PathBuf> = LazyLock::new(|| {
    // target/PROFILE/examples/NAME
    let own = std::env::current_exe().expect("this program's own path");
    let profile = own.parent().and_then(Path::parent);
    profile.expect("a program that cargo built").to_owned()
});

static BINARY: LazyLock<String> = LazyLock::new(|| match option_env!("CARGO_BIN_EXE_mereau") {
    Some(binary) => binary.to_owned(),
    None => BESIDE.join("mereau").display().to_string(),
});

static SCRATCH: LazyLock<PathBuf> = LazyLock::new(|| match option_env!("CARGO_TARGET_TMPDIR") {
    Some(folder) => PathBuf::from(folder),
    None => BESIDE.parent().unwrap_or(&BESIDE).join("tmp"),
});

/// The built `mereau`.
pub fn binary() -> &'static str {
    &BINARY
}

/// `target/tmp`
pub fn scratch() -> &'static Path {
    &SCRATCH
}
