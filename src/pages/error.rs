//! What can go wrong between a theme and a page. None of it is the visitor's doing.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum PageError {
    /// A file of a theme that cannot be used; `file` is its path as the operator knows it.
    #[error("{file}: {problem}")]
    Theme { file: String, problem: String },
    #[error("the page “{page}” in {language} does not render")]
    Render {
        page: &'static str,
        language: String,
        #[source]
        source: minijinja::Error,
    },
    #[error("{file}: {source}")]
    File {
        file: String,
        #[source]
        source: std::io::Error,
    },
}

impl PageError {
    /// The error with what caused it, on one line; a fault of a template with its file and line.
    pub fn with_causes(&self) -> String {
        let mut said = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let text = error.to_string();
            // Some errors repeat their cause in their own words.
            if !said.ends_with(&text) {
                said.push_str(": ");
                said.push_str(&text);
            }
            cause = error.source();
        }
        said
    }
}
