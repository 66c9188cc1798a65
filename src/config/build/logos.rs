//! Pictures of institutions and groups from their files, each read and told of once however many
//! institutions show it.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::problem::Problems;
use crate::config::source::At;
use crate::config::values::FilePath;
use crate::realms::Logo;
use crate::realms::logo::{LARGEST, LogoFlaw};

/// Those that were read; `None` for one that cannot be shown.
#[derive(Default)]
pub struct Logos {
    known: HashMap<PathBuf, Option<Arc<Logo>>>,
}

impl Logos {
    pub fn read(&mut self, written: &At<Option<FilePath>>, problems: &mut Problems) -> Option<Arc<Logo>> {
        let path = &written.value.as_ref()?.0;
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let read = match logo(path) {
            Ok(logo) => Some(Arc::new(logo)),
            Err(LogoFlaw { line, wrong, mend }) => {
                let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
                let wrong = format!("{}{line}: {wrong}", path.display());
                problems.add(&written.place, wrong, mend);
                None
            }
        };
        self.known.insert(path.clone(), read.clone());
        read
    }
}

fn logo(path: &Path) -> Result<Logo, LogoFlaw> {
    let unread = |error: std::io::Error| LogoFlaw {
        line: None,
        wrong: format!("it cannot be read: {error}"),
        mend: "the path of a picture; a relative one starts at the folder of this file",
    };
    let is_file = std::fs::metadata(path).map_err(unread)?.is_file();
    if !is_file {
        return Err(unread(std::io::ErrorKind::InvalidInput.into()));
    }
    let mut bytes = Vec::new();
    // One byte more than a logo may have tells that it has too many.
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    let file = File::open(path).map_err(unread)?;
    file.take(most).read_to_end(&mut bytes).map_err(unread)?;
    Logo::read(&bytes)
}
