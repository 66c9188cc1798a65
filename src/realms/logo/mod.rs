//! The logo of an institution or of a group: a small picture that was looked through before any
//! browser gets it. Where it is written and who is shown it is known elsewhere.

mod png;
mod svg;

use crate::base::version::version_of;

/// Bytes of a logo at most (experience §2.3): lists show dozens of them.
pub const LARGEST: usize = 10 * 1024;

/// A picture that can do nothing but be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its version and kind: `85944171f73967e8.png`.
    name: Box<str>,
    content_type: &'static str,
    bytes: Box<[u8]>,
}

/// Why a file is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoFlaw {
    /// The line of an SVG file, from 1.
    pub line: Option<usize>,
    pub wrong: String,
    /// What to do about it.
    pub mend: &'static str,
}

impl Logo {
    /// What the bytes are decides, not what the file is called.
    pub fn read(bytes: &[u8]) -> Result<Logo, LogoFlaw> {
        if bytes.len() > LARGEST {
            return Err(LogoFlaw::whole(
                format!("it is larger than {} kB", LARGEST / 1024),
                "a smaller picture: 128 × 128 points are plenty",
            ));
        }
        let (kind, content_type) = if bytes.starts_with(png::MAGIC) {
            png::look_through(bytes)?;
            ("png", "image/png")
        } else {
            svg::look_through(bytes)?;
            ("svg", "image/svg+xml")
        };
        Ok(Logo {
            name: format!("{}.{kind}", version_of(bytes)).into(),
            content_type,
            bytes: bytes.into(),
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl LogoFlaw {
    fn whole(wrong: impl Into<String>, mend: &'static str) -> LogoFlaw {
        LogoFlaw {
            line: None,
            wrong: wrong.into(),
            mend,
        }
    }
}
