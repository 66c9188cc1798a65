//! The files of a theme and of those it extends, read once, whole. Nothing is read while a page is
//! rendered, so no path from a template or a URL ever reaches the disk.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::embedded::DEFAULT_THEME;
use super::error::PageError;

/// Folders a theme may have; anything else in it is left alone.
const FOLDERS: [&str; 5] = ["pages", "components", "mails", "texts", "assets"];

/// A theme file larger than this is a mistake: 2 MiB.
const LARGEST_FILE: u64 = 2 << 20;

/// One version of a file: where it came from and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// For people: `themes/univ-x/texts/fr.ftl`, or `default theme: texts/fr.ftl`.
    pub origin: String,
    pub bytes: Cow<'static, [u8]>,
}

impl Layer {
    /// Not of the built-in theme.
    pub fn is_own(&self) -> bool {
        matches!(self.bytes, Cow::Owned(_))
    }

    pub fn text(&self) -> Result<&str, PageError> {
        std::str::from_utf8(&self.bytes).map_err(|_| PageError::Theme {
            file: self.origin.clone(),
            problem: "is not UTF-8 text; save it as UTF-8".to_owned(),
        })
    }
}

/// Every file by its path inside the theme, with all its versions, the default theme's first.
#[derive(Debug, Default)]
pub struct ThemeFiles {
    files: BTreeMap<String, Vec<Layer>>,
}

impl ThemeFiles {
    /// The default theme with `folders` over it; the last folder wins.
    pub fn read(folders: &[PathBuf]) -> Result<ThemeFiles, PageError> {
        let mut theme = ThemeFiles::default();
        for (path, bytes) in DEFAULT_THEME {
            theme.add(
                path,
                Layer {
                    origin: format!("default theme: {path}"),
                    bytes: Cow::Borrowed(bytes),
                },
            );
        }
        for folder in folders {
            theme.add_folder(folder)?;
        }
        Ok(theme)
    }

    /// The version of a file that counts.
    pub fn topmost(&self, path: &str) -> Option<&Layer> {
        self.files.get(path)?.last()
    }

    /// All versions of a file, the default theme's first.
    pub fn layers(&self, path: &str) -> &[Layer] {
        self.files.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// The paths that start with `prefix` (`texts/`), in order.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.files
            .keys()
            .filter(move |path| path.starts_with(prefix))
            .map(String::as_str)
    }

    /// Whether a folder laid over the built-in theme has a file under one of `prefixes`.
    pub fn has_own(&self, prefixes: &[&str]) -> bool {
        self.files.iter().any(|(path, layers)| {
            let ours = prefixes.iter().any(|prefix| path.starts_with(prefix));
            ours && layers.iter().any(Layer::is_own)
        })
    }

    /// Whether `other` has the very same files under `prefixes`, layer by layer.
    pub fn are_those_of(&self, other: &ThemeFiles, prefixes: &[&str]) -> bool {
        let ours = |path: &str| prefixes.iter().any(|prefix| path.starts_with(prefix));
        let mine = self.files.iter().filter(|(path, _)| ours(path));
        mine.eq(other.files.iter().filter(|(path, _)| ours(path)))
    }

    fn add(&mut self, path: &str, layer: Layer) {
        self.files.entry(path.to_owned()).or_default().push(layer);
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), PageError> {
        let failed = |source| PageError::File {
            file: folder.display().to_string(),
            source,
        };
        if !folder.is_dir() {
            return Err(failed(std::io::Error::from(std::io::ErrorKind::NotFound)));
        }
        let settings = folder.join("theme.toml");
        if settings.is_file() {
            self.add("theme.toml", read_layer(&settings)?);
        }
        for kind in FOLDERS {
            let inside = folder.join(kind);
            if !inside.is_dir() {
                continue;
            }
            for entry in std::fs::read_dir(&inside).map_err(failed)? {
                let file = entry.map_err(failed)?.path();
                let name = file.file_name().and_then(|name| name.to_str());
                if let Some(name) = name.filter(|name| file.is_file() && !name.starts_with('.')) {
                    self.add(&format!("{kind}/{name}"), read_layer(&file)?);
                }
            }
        }
        Ok(())
    }
}

fn read_layer(file: &Path) -> Result<Layer, PageError> {
    let origin = file.display().to_string();
    let failed = |source| PageError::File {
        file: file.display().to_string(),
        source,
    };
    if std::fs::metadata(file).map_err(failed)?.len() > LARGEST_FILE {
        return Err(PageError::Theme {
            file: origin,
            problem: "is larger than 2 MiB".to_owned(),
        });
    }
    let bytes = Cow::Owned(std::fs::read(file).map_err(failed)?);
    Ok(Layer { origin, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_embedded_files_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default");
        let mut on_disk = ThemeFiles::default();
        on_disk.add_folder(&folder).unwrap();
        let embedded = ThemeFiles::read(&[]).unwrap();
        let names = |theme: &ThemeFiles| theme.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&embedded), names(&on_disk));
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_problem() {
        let read = ThemeFiles::read(&[PathBuf::from("/nowhere/theme")]);
        assert!(read.unwrap_err().to_string().contains("/nowhere/theme"));
    }
}
