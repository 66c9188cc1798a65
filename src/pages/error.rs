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
