//! Letters in words: the pages' answer to the port of messages. A mail is `mails/<notice>.txt`, whose
//! first line is its subject, and `mails/<notice>.html`; a text message is one text of the theme.

mod samples;
mod sms;
#[cfg(test)]
mod tests;
mod view;

use minijinja::{Value, context};

use super::error::PageError;
use super::texts::direction;
use super::themes::Themes;
use super::{Engines, Pages};
use crate::base::names::Locale;
use crate::messages::{Composed, Content, Destination, Letter, Sender, TypesetError, Typesetter};

/// Subjects are shown whole on a small screen (experience §3.14).
const LONGEST_SUBJECT: usize = 60;

/// Columns of the text part.
const WIDTH: usize = 72;

impl Typesetter for Themes {
    /// In the theme of its sender; when that fails, in the themes underneath, since a plain letter is
    /// better than none.
    fn compose(&self, letter: &Letter<'_>) -> Result<Composed, TypesetError> {
        let mut pages = self.of(letter.from.theme.as_ref());
        loop {
            match pages.compose(letter) {
                Err(TypesetError::Theme { letter: name, source }) => {
                    let Some(under) = pages.under() else {
                        return Err(TypesetError::Theme { letter: name, source });
                    };
                    tracing::error!(event = "letter_broken", letter = name, "a theme fails: {source}");
                    pages = under;
                }
                done => return done,
            }
        }
    }
}

impl Themes {
    /// The subject of letters of this sort, for people who look for one: as the sender's theme writes it.
    pub fn subject(&self, from: &Sender, locale: &Locale, sort: &str) -> Option<String> {
        let sample = samples::all().into_iter().find(|one| one.notice.name() == sort)?;
        let letter = Letter {
            from,
            ..sample.letter(locale)
        };
        match self.compose(&letter).ok()?.content {
            Content::Mail { subject, .. } => Some(subject),
            Content::Sms { .. } => None,
        }
    }
}

impl Typesetter for Pages {
    fn compose(&self, letter: &Letter<'_>) -> Result<Composed, TypesetError> {
        let language = self.spoken(letter.locale);
        let content = match letter.to {
            Destination::Sms(_) => sms::content(&self.texts, language, letter)?,
            Destination::Mail(_) => {
                let mail = self.mail(&self.engines, language, letter);
                mail.map_err(|error| TypesetError::Theme {
                    letter: letter.notice.name(),
                    source: Box::new(error),
                })?
            }
        };
        Ok(Composed {
            locale: language.clone(),
            ..Composed::of(letter, content)
        })
    }
}

/// What is done with each letter: its name, and what it says or why it cannot be written.
type EachLetter<'a> = dyn FnMut(&str, Result<Content, PageError>) -> Result<(), PageError> + 'a;

impl Pages {
    /// The language of a letter: the one that was wished, when the theme speaks it; else French.
    fn spoken<'a>(&'a self, wished: &'a Locale) -> &'a Locale {
        let known = self.languages.iter().find(|language| *language == wished);
        known.or_else(|| self.languages.first()).unwrap_or(wished)
    }

    fn mail(&self, engines: &Engines, language: &Locale, letter: &Letter<'_>) -> Result<Content, PageError> {
        let view = view::of(&self.texts, language, letter.notice)?;
        let (subject, text) = engines.text(language, letter, &view)?;
        let html = engines.html(language, letter, &view, &subject)?;
        for link in view::links(letter.notice) {
            if !text.lines().any(|line| line == link) || !html.contains(&format!("href=\"{link}\"")) {
                return Err(PageError::Theme {
                    file: format!("mails/{}", letter.notice.name()),
                    problem: "leaves out a link, or has it on a line with other words".to_owned(),
                });
            }
        }
        Ok(Content::Mail { subject, text, html })
    }

    /// Renders every letter once, so that faults show before somebody waits for a letter.
    pub(super) fn try_letters(&self, language: &Locale) -> Result<(), PageError> {
        self.each_letter(&self.engines, language, &mut |_, outcome| outcome.map(|_| ()))
    }

    /// Every sample of every letter, in words.
    pub(super) fn each_letter(
        &self,
        engines: &Engines,
        language: &Locale,
        each: &mut EachLetter<'_>,
    ) -> Result<(), PageError> {
        for sample in samples::all() {
            let letter = sample.letter(language);
            let name = format!("{}-{}", sample.notice.name(), sample.state);
            let content = if matches!(sample.to, Destination::Sms(_)) {
                sms::content(&self.texts, language, &letter).map_err(|error| PageError::Theme {
                    file: "texts/".to_owned(),
                    problem: error.to_string(),
                })
            } else {
                self.mail(engines, language, &letter)
            };
            each(&name, content)?;
        }
        Ok(())
    }
}

impl Engines {
    /// The subject and the text part.
    fn text(
        &self,
        language: &Locale,
        letter: &Letter<'_>,
        view: &Value,
    ) -> Result<(String, String), PageError> {
        let rendered = self.letter(language, (letter, "txt"), context! { letter => view })?;
        let (first, rest) = rendered.split_once('\n').unwrap_or((&rendered, ""));
        Ok((subject(&letter.from.brand, first), laid_out(rest)))
    }

    fn html(
        &self,
        language: &Locale,
        letter: &Letter<'_>,
        view: &Value,
        subject: &str,
    ) -> Result<String, PageError> {
        self.letter(language, (letter, "html"), context! { letter => view, subject })
    }

    fn letter(
        &self,
        language: &Locale,
        (letter, kind): (&Letter<'_>, &str),
        said: Value,
    ) -> Result<String, PageError> {
        let name = letter.notice.name();
        let engine = self.by_language.get(language).ok_or_else(|| PageError::Theme {
            file: "texts/".to_owned(),
            problem: format!("does not speak “{}”", language.as_str()),
        })?;
        let failed = |source| PageError::Render {
            page: name,
            language: language.as_str().to_owned(),
            source,
        };
        let template = engine
            .get_template(&format!("mails/{name}.{kind}"))
            .map_err(failed)?;
        let from = from(letter.from);
        let lang = language.as_str();
        let dir = direction(language);
        let zone = letter.from.time_zone.as_str();
        let around = context! { from, lang, dir, zone };
        template.render(context! { ..said, ..around }).map_err(failed)
    }
}

/// What a template is told of the sender.
fn from(from: &Sender) -> Value {
    let support = &from.support;
    let reached = [&support.mail, &support.phone, &support.faq]
        .iter()
        .any(|way| way.is_some());
    let support = reached.then(|| {
        context! {
            name => support.name.as_deref(),
            mail => support.mail.as_deref(),
            phone => support.phone.as_deref(),
            faq => support.faq.as_deref(),
        }
    });
    context! {
        brand => from.brand.as_str(),
        reset_subject => from.reset_subject.as_deref(),
        username_subject => from.username_subject.as_deref(),
        signature => from.signature.as_deref().unwrap_or(&from.brand),
        answers => from.reply_to.is_some(),
        support => support,
    }
}

/// `[LEIA] Choisir un nouveau mot de passe`: at most 60 characters, cut from the brand first.
fn subject(brand: &str, words: &str) -> String {
    let words = cut(words.trim(), LONGEST_SUBJECT);
    let left = LONGEST_SUBJECT.saturating_sub(words.chars().count() + "[] ".len());
    let brand = cut(brand.trim(), left);
    if brand.chars().count() < 2 {
        return words;
    }
    format!("[{brand}] {words}")
}

/// At most `most` characters, the last an ellipsis when something is left out.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Lines of at most 72 columns, links alone on theirs, one empty line between paragraphs.
fn laid_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            if !empty {
                out.push('\n');
            }
            empty = true;
            continue;
        }
        empty = false;
        for wrapped in wrap(line) {
            out.push_str(&wrapped);
            out.push('\n');
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

/// Cut at blanks only: a no-break space keeps what it joins, and a link is one word.
fn wrap(line: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let longer = current.chars().count() + 1 + word.chars().count();
        if !current.is_empty() && longer > WIDTH {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// Texts said beside templates, for the check of unused texts.
pub(super) fn said(key: &str) -> bool {
    key == view::DEVICE || sms::KEYS.contains(&key)
}

/// How many samples of letters there are.
pub(super) fn count() -> usize {
    samples::all().len()
}

/// The names of the samples.
pub(super) fn names() -> Vec<String> {
    let name = |sample: samples::Sample| format!("{}-{}", sample.notice.name(), sample.state);
    samples::all().into_iter().map(name).collect()
}
