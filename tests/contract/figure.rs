//! What a test measured without judging it, kept for the end of a whole run: `tests/run` prints it.

use std::fs;
use std::path::Path;

/// Tells `text` of `what`, a name in small letters and hyphens; a later run writes over it.
pub fn tell(what: &str, text: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    fs::create_dir_all(&folder).expect("the folder of figures");
    fs::write(folder.join(what), format!("{text}\n")).expect("a figure");
}
