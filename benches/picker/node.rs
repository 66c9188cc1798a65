//! Two well-known search libraries of browsers and Node on the same data, where Node is installed;
//! their packages are fetched into the target folder, never into the repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::json;

use super::invent::schools::France;
use super::report::Engine;

/// What the figures were first taken with.
const PACKAGES: [&str; 2] = ["fuse.js@7", "minisearch@7"];

/// Figures, or a note on why there are none.
pub fn measure(
    france: &France,
    typed: &[String],
    results: &Path,
) -> anyhow::Result<(Vec<Engine>, Vec<String>)> {
    let skipped = |why: &str| Ok((Vec::new(), vec![format!("Fuse.js and MiniSearch skipped: {why}")]));
    if Command::new("node").arg("--version").output().is_err() {
        return skipped("node is not installed (apt-get install nodejs npm)");
    }
    let folder = results.join("node");
    fs::create_dir_all(&folder)?;
    if !folder.join("node_modules/minisearch").is_dir() {
        let mut install = Command::new("npm");
        install.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        match install.arg(&folder).args(PACKAGES).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => return skipped(String::from_utf8_lossy(&output.stderr).trim()),
            Err(_) => return skipped("npm is not installed (apt-get install npm)"),
        }
    }
    let entries: Vec<_> = (0..)
        .zip(&france.schools)
        .map(|(id, school): (u32, _)| {
            let town = france.town(school);
            json!({ "id": id, "uai": school.uai.to_string(), "name": school.name, "town": town.name,
                    "postcode": town.postcode })
        })
        .collect();
    fs::write(
        folder.join("data.json"),
        json!({ "entries": entries, "typed": typed }).to_string(),
    )?;
    fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/benches/picker/engines.mjs"),
        folder.join("engines.mjs"),
    )?;
    let output = Command::new("node")
        .arg("engines.mjs")
        .current_dir(&folder)
        .output()?;
    ensure!(
        output.status.success(),
        "node ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let engines = serde_json::from_slice(&output.stdout).context("what engines.mjs prints")?;
    let note = "Fuse.js and MiniSearch answer fewer of the same questions, evenly drawn: all would take too long; \
                MB is what the process grew by";
    Ok((engines, vec![note.to_owned()]))
}
