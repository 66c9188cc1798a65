//! What packaging/build made, looked at, installed and run: the Debian package, the container image, the
//! Kubernetes files, the inventory. `tests/run` builds it before it runs these.

mod container;
mod debian;
mod inventory;
mod kubernetes;
mod shell;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::run::succeed;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file that packaging/build made.
fn made(name: &str) -> PathBuf {
    let path = repository().join("target/packages").join(name);
    assert!(
        path.exists(),
        "{} is not there: run packaging/build",
        path.display()
    );
    path
}

/// The only one with this ending.
fn made_one(ending: &str) -> PathBuf {
    let folder = made("");
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = all
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    assert_eq!(found.len(), 1, "run packaging/build: {found:?} end with {ending}");
    found.remove(0)
}

/// What a command that must succeed printed.
fn said(program: &str, arguments: &[&str]) -> String {
    succeed(Command::new(program).args(arguments), "")
}

/// The content of the package, in `folder`.
fn unpack_package(folder: &Path) -> PathBuf {
    let root = folder.join("package");
    let (package, into) = (made_one(".deb"), root.display().to_string());
    said("dpkg-deb", &["--extract", &package.display().to_string(), &into]);
    root
}
