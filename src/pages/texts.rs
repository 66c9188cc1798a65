//! The words of the pages: Fluent messages by language, a theme's laid over the default theme's key
//! by key. French is the reference. A language is complete by key or absent; a text that a theme adds
//! in French only is said in French.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use unic_langid::LanguageIdentifier;

use super::error::PageError;
use super::files::{Layer, ThemeFiles};
use super::ftl::{self, PLURALS, Written};
use crate::base::names::Locale;

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 5] = ["ar", "fa", "he", "ur", "yi"];

pub struct Texts {
    /// Shared with the theme underneath where it says the same.
    languages: BTreeMap<Locale, Arc<Language>>,
    /// What languages lack that are left out.
    incomplete: BTreeMap<Locale, Vec<String>>,
}

struct Language {
    bundle: FluentBundle<FluentResource>,
    /// What every key says, over all layers: the topmost version counts.
    written: BTreeMap<String, Placed>,
    draft: bool,
}

/// A text and the file that says it.
#[derive(Debug, Clone)]
pub struct Placed {
    pub file: String,
    pub text: Written,
}

/// Why a text cannot be said.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    #[error("no text “{0}” in {1} nor in French")]
    Missing(String, String),
    #[error("text “{0}”: {1}")]
    Faulty(String, String),
}

impl Texts {
    /// Every `texts/<language>.ftl` of the theme. A language whose files are those of the theme `under`
    /// is shared with it.
    pub fn read(files: &ThemeFiles, under: Option<(&ThemeFiles, &Texts)>) -> Result<Texts, PageError> {
        let mut texts = Texts {
            languages: BTreeMap::new(),
            incomplete: BTreeMap::new(),
        };
        for path in files.under("texts/") {
            let locale = path
                .strip_prefix("texts/")
                .and_then(|name| name.strip_suffix(".ftl"))
                .and_then(|tag| Locale::new(tag).filter(|locale| locale.as_str() == tag));
            let Some(locale) = locale else {
                let origin = files.topmost(path).map(|layer| layer.origin.clone());
                return Err(PageError::Theme {
                    file: origin.unwrap_or_else(|| path.to_owned()),
                    problem: "is not named after a language, as fr.ftl is".to_owned(),
                });
            };
            let same = under.filter(|(others, _)| files.are_those_of(others, &[path]));
            let same = same.and_then(|(_, texts)| texts.languages.get(&locale));
            let language = match same {
                Some(same) => Arc::clone(same),
                None => Arc::new(read_language(&locale, files.layers(path))?),
            };
            texts.languages.insert(locale, language);
        }
        texts.leave_out_incomplete(files)?;
        Ok(texts)
    }

    /// The keys that count are those of the built-in French: a theme may say more in fewer languages.
    fn leave_out_incomplete(&mut self, files: &ThemeFiles) -> Result<(), PageError> {
        let Some(reference) = files.layers("texts/fr.ftl").first() else {
            return Ok(());
        };
        let wanted = ftl::scan(reference.text()?);
        for (locale, language) in &self.languages {
            let lacks = wanted.keys().filter(|key| !language.written.contains_key(*key));
            let lacks: Vec<String> = lacks.cloned().collect();
            if !lacks.is_empty() {
                self.incomplete.insert(locale.clone(), lacks);
            }
        }
        self.languages
            .retain(|locale, _| !self.incomplete.contains_key(locale));
        Ok(())
    }

    /// The complete languages, French first.
    pub fn languages(&self) -> Vec<Locale> {
        let mut all: Vec<Locale> = self.languages.keys().cloned().collect();
        all.sort_by_key(|locale| *locale != Locale::french());
        all
    }

    /// The text `key` in `language`, else in French.
    pub fn say(&self, language: &Locale, key: &str, args: &FluentArgs<'_>) -> Result<String, TextError> {
        [language, &Locale::french()]
            .into_iter()
            .find_map(|locale| self.languages.get(locale)?.say(key, args))
            .unwrap_or_else(|| Err(TextError::Missing(key.to_owned(), language.as_str().to_owned())))
    }

    /// With a language more: English with longer words in other letters.
    pub fn with_pseudo_language(mut self, files: &ThemeFiles) -> Result<Texts, PageError> {
        if let Some(tag) = Locale::new(PSEUDO) {
            let english = Locale::new("en").unwrap_or_else(Locale::french);
            let mut language = read_language(&english, files.layers("texts/en.ftl"))?;
            language.bundle.set_transform(Some(drawn_out));
            self.languages.insert(tag, Arc::new(language));
        }
        Ok(self)
    }

    /// What a language says by key.
    pub fn written(&self, language: &Locale) -> Option<&BTreeMap<String, Placed>> {
        Some(&self.languages.get(language)?.written)
    }

    /// Languages that are left out, with the keys they lack.
    pub fn incomplete(&self) -> &BTreeMap<Locale, Vec<String>> {
        &self.incomplete
    }

    /// Nobody has reviewed it yet: `-status = draft` in its file.
    pub fn is_draft(&self, language: &Locale) -> bool {
        self.languages
            .get(language)
            .is_some_and(|language| language.draft)
    }
}

/// The tag of the pseudo-language. Locales know primary subtags only, and `qaa` is for private use.
const PSEUDO: &str = "qaa";

/// Accents on vowels, and a third more of them: `Šîîgn ïïn`.
fn drawn_out(text: &str) -> Cow<'_, str> {
    let drawn = text.chars().flat_map(|c| {
        let (letter, times) = match c {
            'a' => ('á', 2),
            'e' => ('é', 2),
            'i' => ('î', 2),
            'o' => ('ö', 2),
            'u' => ('û', 2),
            'y' => ('ý', 1),
            other => (other, 1),
        };
        std::iter::repeat_n(letter, times)
    });
    Cow::Owned(drawn.collect())
}

/// The kinds of number that a language tells apart in whole numbers (CLDR).
pub fn plural_kinds(language: &Locale) -> BTreeSet<&'static str> {
    let cases: String = PLURALS.iter().map(|kind| format!("[{kind}] {kind}\n")).collect();
    let source = format!("k = {{ $n ->\n{}*[none] none\n}}\n", cases);
    let Ok(resource) = FluentResource::try_new(source) else {
        return BTreeSet::new();
    };
    let mut bundle = bundle(language);
    bundle.add_resource_overriding(resource);
    let kind = |number: i64| {
        let args = FluentArgs::from_iter([("n", number)]);
        let pattern = bundle.get_message("k")?.value()?;
        let said = bundle.format_pattern(pattern, Some(&args), &mut Vec::new());
        PLURALS.iter().find(|kind| **kind == said).copied()
    };
    (0..=200).filter_map(kind).collect()
}

/// `rtl` or `ltr`, for the `dir` attribute.
pub fn direction(language: &Locale) -> &'static str {
    if RIGHT_TO_LEFT.contains(&language.as_str()) {
        "rtl"
    } else {
        "ltr"
    }
}

impl Language {
    /// `None` when there is no such key.
    fn say(&self, key: &str, args: &FluentArgs<'_>) -> Option<Result<String, TextError>> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut faults: Vec<FluentError> = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut faults);
        Some(match faults.first() {
            None => Ok(text.into_owned()),
            Some(fault) => Err(TextError::Faulty(key.to_owned(), fault.to_string())),
        })
    }
}

fn bundle(locale: &Locale) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The marks would show up in attributes and mails; names are isolated by <bdi> in templates.
    bundle.set_use_isolating(false);
    bundle
}

fn read_language(locale: &Locale, layers: &[Layer]) -> Result<Language, PageError> {
    let mut language = Language {
        bundle: bundle(locale),
        written: BTreeMap::new(),
        draft: false,
    };
    for layer in layers {
        let source = layer.text()?;
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, faults)| {
            let said = faults.iter().map(|fault| {
                let line = source.get(..fault.pos.start).unwrap_or(source).lines().count();
                format!("line {}: {fault}", line.max(1))
            });
            PageError::Theme {
                file: layer.origin.clone(),
                problem: said.collect::<Vec<_>>().join("; "),
            }
        })?;
        let placed = ftl::scan(source).into_iter().map(|(key, text)| {
            let file = layer.origin.clone();
            (key, Placed { file, text })
        });
        language.written.extend(placed);
        language.draft |= ftl::is_draft(source);
        language.bundle.add_resource_overriding(resource);
    }
    Ok(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_tell_numbers_apart_in_their_own_ways() {
        let kinds = |tag: &str| plural_kinds(&Locale::new(tag).unwrap()).len();
        assert_eq!([kinds("fr"), kinds("en"), kinds("ar"), kinds("pl")], [2, 2, 6, 3]);
    }

    #[test]
    fn a_missing_argument_is_a_fault_and_a_missing_key_falls_back_to_french() {
        let texts = Texts::read(&ThemeFiles::read(&[]).unwrap(), None).unwrap();
        let english = Locale::new("en").unwrap();
        let none = FluentArgs::new();
        assert!(matches!(
            texts.say(&english, "login-for", &none),
            Err(TextError::Faulty(..))
        ));
        assert!(matches!(
            texts.say(&english, "no-such", &none),
            Err(TextError::Missing(..))
        ));
        let breton = Locale::new("br").unwrap();
        assert_eq!(texts.say(&breton, "login-title", &none).unwrap(), "Connexion");
    }

    #[test]
    fn french_texts_keep_french_typography() {
        let fr = include_str!("../../themes/default/texts/fr.ftl");
        for line in fr.lines().filter(|line| !line.starts_with('#')) {
            let text = line.split_once(" = ").map_or(line, |(_, text)| text);
            assert!(!text.contains('\''), "straight apostrophe: {line}");
            for mark in [" :", " ;", " !", " ?", "« ", " »", "\u{a0}:"] {
                assert!(!text.contains(mark), "needs a narrow no-break space: {line}");
            }
        }
    }
}
