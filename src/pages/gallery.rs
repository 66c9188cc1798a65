//! Every page in every state as files in a folder, with the assets beside them and an index, to be
//! looked at in a browser without a server. Not part of serving.

use std::fmt::Write as _;
use std::path::Path;

use super::Pages;
use super::engine::escaped;
use super::error::PageError;
use super::frame::{Frame, LanguageLink};
use super::views::{Sample, every_sample};
use crate::base::names::Locale;
use crate::messages::Content;

impl Pages {
    /// Writes `into/<language>/<page>-<state>.html` for all samples, `into/assets/…`, and an
    /// `index.html` that leads to them; `progress` hears how many of how many are written.
    pub fn gallery(&self, into: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<usize, PageError> {
        let all = self.languages().len() * (every_sample().len() + super::letters::count());
        let mut written = 0;
        for language in self.languages() {
            let frames = Frame::samples(language, self.languages());
            for (at, sample) in every_sample().into_iter().enumerate() {
                // The states of a page take turns with the frames; its first has the fullest.
                let turn = if sample.page == "login" {
                    at % frames.len()
                } else {
                    0
                };
                let Some((_, frame)) = frames.get(turn) else {
                    continue;
                };
                let frame = self.beside(frame, &sample);
                let name = file_name(language, &sample);
                let html = self.engines.render(sample.page, sample.context, &frame)?;
                write_file(&into.join(name), html.as_bytes())?;
                written += 1;
                progress(written, all);
            }
        }
        for language in self.languages() {
            written += self.letters(into, language)?;
            progress(written, all);
        }
        for (name, asset) in self.assets.iter() {
            let file = into.join("assets").join(&asset.hash).join(name);
            write_file(&file, &asset.bytes)?;
        }
        if let Some((_, picture)) = self.assets.iter().find(|(name, _)| *name == "favicon.svg") {
            write_file(&into.join("logos/sample.svg"), &picture.bytes)?;
        }
        write_file(&into.join("index.html"), self.index().as_bytes())?;
        Ok(written)
    }

    /// `into/<language>/mails/<letter>-<state>.html`, `.txt`: every letter in words.
    fn letters(&self, into: &Path, language: &Locale) -> Result<usize, PageError> {
        let mut written = 0;
        let folder = into.join(language.as_str()).join("mails");
        self.each_letter(&self.engines, language, &mut |name, content| {
            match content? {
                Content::Mail { subject, text, html } => {
                    let text = format!("Subject: {subject}\n\n{text}");
                    write_file(&folder.join(format!("{name}.txt")), text.as_bytes())?;
                    write_file(&folder.join(format!("{name}.html")), html.as_bytes())?;
                }
                Content::Sms { text } => {
                    write_file(&folder.join(format!("{name}.txt")), text.as_bytes())?;
                }
            }
            written += 1;
            Ok(())
        })?;
        Ok(written)
    }

    /// The frame with addresses that work between files.
    fn beside(&self, frame: &Frame, sample: &Sample) -> Frame {
        let links = frame.languages.iter().map(|link| LanguageLink {
            language: link.language.clone(),
            url: format!("../{}", file_name(&link.language, sample)),
        });
        Frame {
            base: "..".to_owned(),
            languages: links.collect(),
            ..frame.clone()
        }
    }

    /// One row per page and state, one column per language.
    fn index(&self) -> String {
        let style = self.assets.url(".", "mereau.css").unwrap_or_default();
        let name = self.theme.name.as_deref().unwrap_or("theme");
        let name = escaped(name);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{name}: every page</title>\n<link rel=\"stylesheet\" href=\"{style}\">\n\
             <main class=\"column sheet\">\n<h1>{name}</h1>\n\
             <p class=\"lede\">Every page in every state, with invented contents.</p>\n"
        );
        let mut page = "";
        for sample in every_sample() {
            if sample.page != page {
                let end = if page.is_empty() { "" } else { "</ul>\n" };
                page = sample.page;
                // Writing to a String cannot fail.
                let _ = writeln!(
                    html,
                    "{end}<h2>{}</h2>\n<ul class=\"plain\">",
                    page.replace('_', " ")
                );
            }
            let _ = write!(html, "<li>{}:", sample.state);
            for language in self.languages() {
                let (file, tag) = (file_name(language, &sample), language.as_str());
                let _ = write!(html, " <a href=\"{file}\">{tag}</a>");
            }
            html.push_str("</li>\n");
        }
        html.push_str("</ul>\n<h2>letters</h2>\n<ul class=\"plain\">\n");
        for name in super::letters::names() {
            let _ = write!(html, "<li>{name}:");
            for language in self.languages() {
                let tag = language.as_str();
                let text = format!("<a href=\"{tag}/mails/{name}.txt\">{tag}</a>");
                let page = format!("<a href=\"{tag}/mails/{name}.html\">{tag} (HTML)</a>");
                let both = if name.ends_with("text-message") {
                    text
                } else {
                    format!("{text} {page}")
                };
                let _ = write!(html, " {both}");
            }
            html.push_str("</li>\n");
        }
        html.push_str("</ul>\n</main>\n</html>\n");
        html
    }
}

/// `fr/login-plain.html`
fn file_name(language: &Locale, sample: &Sample) -> String {
    format!("{}/{}-{}.html", language.as_str(), sample.page, sample.state)
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
