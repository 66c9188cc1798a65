//! What people see: typed pages, theme layers, texts in their languages, assets, and the check that
//! renders everything. No HTTP here: http asks for a page and sends it.

mod assets;
mod check;
mod colour;
mod embedded;
mod engine;
mod error;
mod files;
mod frame;
mod ftl;
mod gallery;
mod letters;
mod lint;
pub mod locale;
mod moment;
mod remembered;
mod said;
#[cfg(test)]
mod tests;
mod texts;
mod theme;
mod themes;
mod urls;
pub mod views;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::{Environment, Value, context};

pub use self::assets::Asset;
use self::assets::Assets;
pub use self::check::ThemeProblem;
pub use self::engine::escaped;
pub use self::error::PageError;
use self::files::ThemeFiles;
pub use self::frame::{Accessibility, Banner, Conformity, Contact, Frame, LanguageLink, Legal};
pub use self::locale::{Wishes, choose_locale};
use self::remembered::Remembered;
use self::texts::Texts;
use self::theme::ThemeSettings;
pub use self::themes::{BrokenTheme, DEFAULT, Themes, theme_folders};
pub use self::urls::safe_url;
pub use self::views::Page;
use self::views::every_sample;
use crate::base::names::Locale;

/// Themes made since the start.
static THEMES: AtomicU64 = AtomicU64::new(0);

/// The pages of one theme, ready to render in any of its languages. Immutable: a reload builds
/// another one.
pub struct Pages {
    files: ThemeFiles,
    theme: ThemeSettings,
    texts: Arc<Texts>,
    assets: Arc<Assets>,
    languages: Vec<Locale>,
    engines: Engines,
    /// Shared with the theme underneath, which tells this one apart by its number.
    remembered: Arc<Remembered>,
    number: u64,
    /// Some of its pages are not ours.
    has_templates: bool,
    /// The theme this one extends, for a page that fails while it is rendered.
    under: Option<Arc<Pages>>,
}

impl Pages {
    /// The default theme with `folders` laid over it file by file, the last one on top; texts merge
    /// key by key, `theme.toml` value by value. Everything is read and compiled now.
    pub fn new(folders: &[PathBuf]) -> Result<Pages, PageError> {
        Pages::over(folders, None)
    }

    /// The same, sharing with `under` what both have alike. Compiled pages and words are three
    /// megabytes, and most themes are a colour, a logo and a few words of their own.
    fn over(folders: &[PathBuf], under: Option<&Pages>) -> Result<Pages, PageError> {
        let files = ThemeFiles::read(folders)?;
        let theme = ThemeSettings::read(&files)?;
        let remembered = under.map(|under| Arc::clone(&under.remembered));
        let under = under.filter(|under| {
            under
                .files
                .are_those_of(&files, &["pages/", "components/", "mails/"])
        });
        let words = under.map(|under| (&under.files, under.texts.as_ref()));
        let texts = Arc::new(Texts::read(&files, words)?);
        let assets = Arc::new(Assets::read(&files, &theme)?);
        let mut pages = Pages {
            languages: texts.languages(),
            has_templates: files.has_own(&["pages/", "components/"]),
            files,
            theme,
            texts,
            assets,
            engines: Engines::default(),
            remembered: remembered.unwrap_or_default(),
            number: THEMES.fetch_add(1, Ordering::Relaxed),
            under: None,
        };
        pages.engines = pages.engines(under.map(|under| &under.engines), None)?;
        Ok(pages)
    }

    /// The theme in `folder` over those it extends, which lie beside it.
    pub fn themed(folder: &Path) -> Result<Pages, PageError> {
        Pages::new(&themes::chain(folder)?.folders)
    }

    /// The same theme, with English drawn out as a language of its own: what does not fit
    /// then would not fit in longer languages.
    pub fn with_pseudo_language(mut self) -> Result<Pages, PageError> {
        self.texts = Arc::new(Texts::read(&self.files, None)?.with_pseudo_language(&self.files)?);
        self.languages = self.texts.languages();
        self.engines = self.engines(None, None)?;
        self.remembered = Arc::default();
        Ok(self)
    }

    /// A page as HTML. An error is a fault of the theme, never of the visitor.
    pub fn render<P: Page>(&self, page: &P, frame: &Frame) -> Result<String, PageError> {
        let context = Value::from(minijinja::value::Serde(page));
        self.engines.render(P::NAME, context, frame)
    }

    /// The same, from memory where this page was made before but for its passing values; both come back as they
    /// were. A theme with templates of its own may do anything with a value: its pages are made each time.
    pub fn render_known<P: Page>(&self, page: &mut P, frame: &mut Frame) -> Result<String, PageError> {
        if self.has_templates {
            return self.render(page, frame);
        }
        let render = |page: &P, frame: &Frame| self.render(page, frame);
        self.remembered.page(self.number, page, frame, render)
    }

    /// The languages that nobody has reviewed yet; pages in them say so.
    pub fn drafts(&self) -> impl Iterator<Item = &Locale> {
        self.languages
            .iter()
            .filter(|language| self.texts.is_draft(language))
    }

    /// The theme underneath, which can say the same page.
    pub fn under(&self) -> Option<&Arc<Pages>> {
        self.under.as_ref()
    }

    /// The languages whose texts are complete, French first.
    pub fn languages(&self) -> &[Locale] {
        &self.languages
    }

    fn standing_on(mut self, under: Arc<Pages>) -> Pages {
        self.under = Some(under);
        self
    }

    /// Renders what this theme changes, so that its faults show before a visitor does: every page
    /// when it has pages or texts of its own, else one.
    fn try_out(&self) -> Result<(), PageError> {
        let speaks = self.files.has_own(&["pages/", "components/", "mails/", "texts/"]);
        for language in &self.languages {
            let frames = Frame::samples(language, &self.languages);
            for (_, frame) in frames.into_iter().take(1) {
                let samples = every_sample();
                let most = if speaks { samples.len() } else { 1 };
                for sample in samples.into_iter().take(most) {
                    self.engines.render(sample.page, sample.context, &frame)?;
                }
            }
            if speaks {
                self.try_letters(language)?;
            }
        }
        Ok(())
    }

    /// Compiled once, unless `under` has: a language is other words for the same templates, which are two
    /// megabytes.
    fn engines(&self, under: Option<&Engines>, watch: Option<&engine::Watch>) -> Result<Engines, PageError> {
        let compiled = match under.and_then(|under| under.by_language.values().next()) {
            Some(like) => like.clone(),
            None => engine::compiled(&self.files)?,
        };
        let speaking = |language: &Locale| {
            let engine = engine::speaking(&compiled, &self.texts, &self.assets, language, watch.cloned());
            (language.clone(), engine)
        };
        Ok(Engines {
            by_language: self.languages.iter().map(speaking).collect(),
            logo: self.theme.logo.clone().unwrap_or_else(|| "logo.svg".to_owned()),
            drafts: self.drafts().cloned().collect(),
        })
    }
}

/// What to answer when a theme fails to render: no template, no asset, two languages, one code.
pub fn last_resort(support_code: &str) -> String {
    let code = engine::escaped(support_code);
    format!(
        "<!doctype html>\n<html lang=\"fr\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Incident</title>\n\
         <h1>Un incident est survenu</h1>\n<p>Réessayez dans quelques minutes. Code d’assistance\u{202f}: {code}</p>\n\
         <p lang=\"en\">Something went wrong. Try again in a few minutes. Support code: {code}</p>\n</html>\n"
    )
}

/// One engine per language: its texts are bound into it.
#[derive(Default)]
struct Engines {
    by_language: BTreeMap<Locale, Environment<'static>>,
    logo: String,
    drafts: Vec<Locale>,
}

impl Engines {
    fn render(&self, page: &'static str, context: Value, frame: &Frame) -> Result<String, PageError> {
        let french = Locale::french();
        let (language, engine) = self
            .by_language
            .get_key_value(&frame.language)
            .or_else(|| self.by_language.get_key_value(&french))
            .ok_or_else(|| PageError::Theme {
                file: "texts/".to_owned(),
                problem: "holds no language".to_owned(),
            })?;
        let failed = |source| PageError::Render {
            page,
            language: language.as_str().to_owned(),
            source,
        };
        let template = engine
            .get_template(&format!("pages/{page}.html"))
            .map_err(failed)?;
        let frame = Value::from(minijinja::value::Serde(frame));
        let lang = language.as_str();
        let dir = texts::direction(language);
        let logo = self.logo.as_str();
        let draft = self.drafts.contains(language);
        template
            .render(context! { page => context, frame, lang, dir, logo, draft })
            .map_err(failed)
    }
}
