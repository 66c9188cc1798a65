//! Debian's tesseract, told everything that is known: one word, these symbols.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use mereau::guard::captcha::SYMBOLS;

pub struct Reader {
    symbols: String,
}

/// Installs the program when it is missing and this user may.
pub fn ready() -> anyhow::Result<Reader> {
    let there = || Command::new("tesseract").arg("--version").output().is_ok();
    if !there() {
        Command::new("apt-get")
            .args(["install", "-y", "--no-install-recommends", "tesseract-ocr"])
            .stdout(Stdio::null())
            .status()?;
    }
    anyhow::ensure!(there(), "tesseract is missing: apt-get install tesseract-ocr");
    Ok(Reader {
        symbols: format!("tessedit_char_whitelist={}", String::from_utf8_lossy(SYMBOLS)),
    })
}

impl Reader {
    /// The symbols it sees.
    pub fn read(&self, png: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut child = Command::new("tesseract")
            .args(["stdin", "stdout", "--psm", "8", "-c", &self.symbols])
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        child.stdin.take().context("its input")?.write_all(png)?;
        let output = child.wait_with_output()?;
        Ok(output
            .stdout
            .into_iter()
            .filter(u8::is_ascii_alphanumeric)
            .collect())
    }
}
