//! Style, script and pictures of a theme, each served under an address that holds a hash of its bytes
//! so that browsers may keep it for a year.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::PageError;
use super::files::ThemeFiles;
use super::theme::ThemeSettings;
use crate::base::version::version_of;

/// One file for browsers. Serve it with `Cache-Control: public, max-age=31536000, immutable`.
#[derive(Debug, Clone)]
pub struct Asset {
    pub bytes: Bytes,
    /// The same, compressed, where that is shorter.
    pub gzip: Option<Bytes>,
    pub content_type: &'static str,
    /// 16 hexadecimal digits of its bytes.
    pub hash: String,
}

/// The assets by file name.
#[derive(Debug, Default)]
pub struct Assets {
    by_name: BTreeMap<String, Asset>,
}

/// The style sheet that the theme's colours are added to.
const STYLE: &str = "mereau.css";

impl Assets {
    pub fn read(files: &ThemeFiles, theme: &ThemeSettings) -> Result<Assets, PageError> {
        let mut by_name = BTreeMap::new();
        for path in files.under("assets/") {
            let Some(layer) = files.topmost(path) else {
                continue;
            };
            let name = path.trim_start_matches("assets/");
            let content_type = content_type(name).ok_or_else(|| PageError::Theme {
                file: layer.origin.clone(),
                problem: "is of no kind we serve (css js svg png jpg webp ico woff2)".to_owned(),
            })?;
            let mut bytes = match name.rsplit_once('.') {
                Some((_, "css")) => Cow::Owned(squeezed(layer.text()?, "/*", "*/").into_bytes()),
                Some((_, "js")) => Cow::Owned(squeezed(layer.text()?, "//", "\n").into_bytes()),
                _ => layer.bytes.clone(),
            };
            if name == STYLE {
                bytes.to_mut().extend(theme.css().bytes());
            }
            let hash = version_of(&bytes);
            let gzip = compressed(content_type, &bytes);
            by_name.insert(
                name.to_owned(),
                Asset {
                    bytes: match bytes {
                        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                        Cow::Owned(bytes) => Bytes::from(bytes),
                    },
                    gzip,
                    content_type,
                    hash,
                },
            );
        }
        Ok(Assets { by_name })
    }

    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// `{base}/assets/{hash}/{name}`.
    pub fn url(&self, base: &str, name: &str) -> Option<String> {
        let asset = self.by_name.get(name)?;
        Some(format!("{base}/assets/{}/{name}", asset.hash))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Asset)> {
        self.by_name.iter().map(|(name, asset)| (name.as_str(), asset))
    }
}

fn content_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// The text without indentation, empty lines and comments that begin a line: a third less to send. A
/// comment behind code stays, since telling it from a string would take a parser.
fn squeezed(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let skipped = rest
            .strip_prefix(open)
            .and_then(|comment| comment.split_once(close));
        rest = match skipped {
            Some((_, after)) => after,
            None => {
                let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
                kept.push_str(line.trim_end());
                kept.push('\n');
                after
            }
        }
        .trim_start();
    }
    kept
}

/// Texts only: pictures and fonts are compressed already. Pages themselves are not, since what they
/// hold of a request beside what is ours could be guessed by their length.
fn compressed(content_type: &str, bytes: &[u8]) -> Option<Bytes> {
    let texts = ["text/", "image/svg"];
    texts.iter().find(|kind| content_type.starts_with(**kind))?;
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes).ok()?;
    let short = writer.finish().ok()?;
    (short.len() < bytes.len()).then(|| Bytes::from(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded() -> Assets {
        let files = ThemeFiles::read(&[]).unwrap();
        let theme = ThemeSettings::read(&files).unwrap();
        Assets::read(&files, &theme).unwrap()
    }

    #[test]
    fn assets_reach_for_nothing_elsewhere() {
        // CAS-29
        for (name, asset) in embedded().iter() {
            let text = String::from_utf8_lossy(&asset.bytes).replace("http://www.w3.org/2000/svg", "");
            for foreign in ["http:", "https:", "url(//", "@import", "eval("] {
                assert!(!text.contains(foreign), "{name} holds {foreign}");
            }
        }
    }

    #[test]
    fn squeezing_drops_comments_and_indentation_only() {
        let css = "/* a\n b */\n:root {\n  --x: 1; /* kept */\n}\n\n";
        assert_eq!(squeezed(css, "/*", "*/"), ":root {\n--x: 1; /* kept */\n}\n");
        let js = "// a\nvar u = \"http://x\"; // kept\n  // gone\n  f()";
        assert_eq!(squeezed(js, "//", "\n"), "var u = \"http://x\"; // kept\nf()\n");
        assert_eq!(squeezed("/* open", "/*", "*/"), "/* open\n");
    }
}
