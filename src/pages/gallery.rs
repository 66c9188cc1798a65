//! Every page in every state as files in a folder, with the assets beside them, to be looked at in a
//! browser. Not part of serving.

use std::fmt::Write as _;
use std::path::Path;

use super::Pages;
use super::error::PageError;
use super::frame::Frame;
use super::views::every_sample;

impl Pages {
    /// Writes `into/<language>/<page>-<state>.html` for all samples, `into/cas/assets/…`, and an
    /// `index.html` that lists them. Serve `into` as the root of a host to see them styled.
    pub fn gallery(&self, into: &Path) -> Result<usize, PageError> {
        let mut written = 0;
        let mut index = String::from("<!doctype html><meta charset=utf-8><title>pages</title><ul>");
        for language in self.languages() {
            let frames = Frame::samples(language, self.languages());
            let Some((_, frame)) = frames.into_iter().next() else {
                continue;
            };
            for sample in every_sample() {
                let html = self.engines.render(sample.page, sample.context, &frame)?;
                let name = format!("{}/{}-{}.html", language.as_str(), sample.page, sample.state);
                write_file(&into.join(&name), html.as_bytes())?;
                // Writing to a String cannot fail.
                let _ = write!(index, "<li><a href=\"{name}\">{name}</a>");
                written += 1;
            }
        }
        for (name, asset) in self.assets.iter() {
            let file = into.join("cas/assets").join(&asset.hash).join(name);
            write_file(&file, &asset.bytes)?;
        }
        write_file(&into.join("index.html"), index.as_bytes())?;
        Ok(written)
    }
}

fn write_file(file: &Path, bytes: &[u8]) -> Result<(), PageError> {
    let failed = |source| PageError::File {
        file: file.display().to_string(),
        source,
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(file, bytes).map_err(failed)
}
