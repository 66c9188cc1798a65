//! What a panic may cost: unwinding is on, and whoever needs a lock that a panicking task held gets it.

use std::fs;
use std::path::{Path, PathBuf};

/// How a lock is taken from who panicked with it.
const RECOVERS: [&str; 2] = ["PoisonError::into_inner", "poisoned.into_inner()"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn no_profile_of_this_program_aborts_on_a_panic() {
    // F-30
    #[cfg(not(panic = "unwind"))]
    compile_error!("a panic of a library would end every session");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["Cargo.toml", ".cargo/config.toml"] {
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(
            !text.contains("\"abort\"") && !text.contains("panic=abort"),
            "{file}"
        );
    }
}

#[test]
fn whoever_waits_for_a_lock_gets_it_though_its_holder_panicked() {
    // F-30
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut with_locks = 0;
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "rs"))
    {
        let text = fs::read_to_string(file).unwrap();
        let own = text.split("#[cfg(test)]").next().unwrap();
        // Those of tokio are waited for, and know no poison.
        let own = own.replace(".lock().await", "");
        let takes = own.contains(".lock()") && own.contains("Mutex") || own.contains("RwLock<");
        if !takes {
            continue;
        }
        with_locks += 1;
        let recovers = RECOVERS.iter().any(|how| own.contains(how));
        assert!(recovers, "{}: a poisoned lock stays closed", file.display());
        for gives_up in [
            ".lock().ok()",
            ".lock().map_err",
            ".lock().is_ok",
            "Ok(mut state) = self.lock",
        ] {
            assert!(!own.contains(gives_up), "{}: {gives_up}", file.display());
        }
    }
    assert!(with_locks > 20, "only {with_locks} files with locks were found");
}
