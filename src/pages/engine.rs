//! Templates, compiled once, and the engine of each language: strict, escaping, with a bounded amount of work,
//! and with the few functions templates may call. It knows neither pages nor frames.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::assets::Assets;
use super::error::PageError;
use super::files::ThemeFiles;
use super::moment::{Part, say_moment};
use super::texts::Texts;
use super::urls;
use crate::base::names::Locale;

/// Steps one page may take; the longest list of the default theme needs a small part of it.
const FUEL: u64 = 2_000_000;

/// Frames the HTML that stands in a text while the rest of the text is escaped.
const SLOT_START: char = '\u{f0000}';
const SLOT_END: char = '\u{f0001}';

/// Notes the keys that were said, for the check of unused texts.
pub type Watch = Arc<Mutex<BTreeSet<String>>>;

/// An environment with every template of the theme compiled, and no words yet.
pub fn compiled(files: &ThemeFiles) -> Result<Environment<'static>, PageError> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine.set_formatter(write_escaped);
    engine.set_fuel(Some(FUEL));
    let syntax = minijinja::syntax::SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    engine.set_syntax(syntax.map_err(|source| theme_error("syntax", &source))?);
    add_filters(&mut engine);
    for folder in ["pages/", "components/", "mails/"] {
        for path in files.under(folder) {
            let Some(layer) = files.topmost(path) else {
                continue;
            };
            engine
                .add_template_owned(path.to_owned(), layer.text()?.to_owned())
                .map_err(|source| theme_error(&layer.origin, &source))?;
        }
    }
    Ok(engine)
}

/// The templates that `compiled` has, shared with it, with the words of a language and the files of a theme.
pub fn speaking(
    compiled: &Environment<'static>,
    texts: &Arc<Texts>,
    assets: &Arc<Assets>,
    language: &Locale,
    watch: Option<Watch>,
) -> Environment<'static> {
    let mut engine = compiled.clone();
    add_text_functions(&mut engine, texts, language, watch);
    add_asset_function(&mut engine, assets);
    engine
}

fn add_asset_function(engine: &mut Environment<'static>, assets: &Arc<Assets>) {
    let assets = Arc::clone(assets);
    engine.add_function("asset_url", move |base: &str, name: &str| {
        let url = assets.url(base, name);
        url.ok_or_else(|| refuse(format!("there is no file assets/{name}")))
    });
}

fn add_filters(engine: &mut Environment<'static>) {
    engine.add_filter("safe_url", |url: &str| urls::safe_url(url).to_owned());
    engine.add_filter("mail_url", |address: &str| urls::mail_url(address));
    engine.add_filter("phone_url", |number: &str| urls::phone_url(number));
    engine.add_filter("isolated", |name: &str| {
        Value::from_safe_string(format!("<bdi>{}</bdi>", escaped(name)))
    });
    engine.add_filter("strong", |name: &str| {
        Value::from_safe_string(format!("<strong><bdi>{}</bdi></strong>", escaped(name)))
    });
}

fn add_text_functions(
    engine: &mut Environment<'static>,
    texts: &Arc<Texts>,
    language: &Locale,
    watch: Option<Watch>,
) {
    let (said, own) = (Arc::clone(texts), language.clone());
    let note = watch.clone();
    engine.add_function("t", move |key: &str, args: Kwargs| {
        note_key(note.as_ref(), key);
        say(&said, &own, key, &args)
    });
    // The name of a language is said in that language.
    let said = Arc::clone(texts);
    let note = watch.clone();
    engine.add_function("language_name", move |tag: &str| {
        note_key(note.as_ref(), "language-name");
        let other = Locale::new(tag).ok_or_else(|| refuse(format!("“{tag}” is no language")))?;
        said.say(&other, "language-name", &FluentArgs::new())
            .map_err(|problem| refuse(problem.to_string()))
    });
    for (name, part, key) in [
        ("time", Part::Time, "moment-time"),
        ("soonest", Part::Soonest, "moment-time"),
        ("day", Part::Day, "moment-day"),
    ] {
        let (said, own) = (Arc::clone(texts), language.clone());
        let note = watch.clone();
        engine.add_filter(name, move |millis: i64, zone: &str| {
            note_key(note.as_ref(), key);
            note_key(note.as_ref(), "moment-zone");
            say_moment(&said, &own, (millis, zone), part).map_err(|problem| refuse(problem.to_string()))
        });
    }
}

/// The text `key`. Arguments already marked as HTML (`name|strong`) stay HTML; the text around them
/// is escaped like everything else.
fn say(texts: &Texts, language: &Locale, key: &str, args: &Kwargs) -> Result<Value, Error> {
    let mut fluent = FluentArgs::new();
    let mut html = Vec::new();
    for name in args.args() {
        let value: Value = args.get(name)?;
        let argument = if value.is_safe() {
            html.push(value.to_string());
            FluentValue::from(format!("{SLOT_START}{}{SLOT_END}", html.len() - 1))
        } else {
            argument(name, &value)?
        };
        fluent.set(name.to_owned(), argument);
    }
    let text = texts
        .say(language, key, &fluent)
        .map_err(|problem| refuse(problem.to_string()))?;
    if html.is_empty() {
        return Ok(Value::from(text));
    }
    let mut whole = escaped(&text).into_owned();
    for (place, part) in html.iter().enumerate() {
        whole = whole.replace(&format!("{SLOT_START}{place}{SLOT_END}"), part);
    }
    Ok(Value::from_safe_string(whole))
}

fn argument(name: &str, value: &Value) -> Result<FluentValue<'static>, Error> {
    match value.kind() {
        ValueKind::Number => i64::try_from(value.clone()).map(FluentValue::from),
        ValueKind::String => {
            // A name typed by someone must not point at a slot.
            let text = value.as_str().unwrap_or_default();
            let clean: String = text
                .chars()
                .filter(|c| !matches!(*c, SLOT_START | SLOT_END))
                .collect();
            Ok(FluentValue::from(clean))
        }
        other => Err(refuse(format!(
            "argument {name} is a {other}, not a text or number"
        ))),
    }
}

/// HTML escaping for text and double-quoted attributes. Unlike the engine's own it leaves `/` as it
/// is, so that addresses stay readable, and keeps a carriage return from becoming a line feed.
pub fn escaped(text: &str) -> Cow<'_, str> {
    // Looked at to the end, whatever is found, since that is done many bytes at a time.
    if !text
        .bytes()
        .fold(false, |found, byte| found | entity(byte).is_some())
    {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((at, entity)) = next_entity(rest) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        safe.push_str(before);
        safe.push_str(entity);
        rest = from.get(1..).unwrap_or_default();
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

fn next_entity(text: &str) -> Option<(usize, &'static str)> {
    let mut bytes = text.bytes().enumerate();
    bytes.find_map(|(at, byte)| entity(byte).map(|entity| (at, entity)))
}

/// All are ASCII: none is a part of another character.
fn entity(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\'' => "&#39;",
        b'\r' => "&#13;",
        _ => return None,
    })
}

fn write_escaped(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let is_text = state.name().ends_with(".txt");
    match value.as_str() {
        // Nothing that is told can begin a line of its own (SEC-39).
        Some(text) if is_text => out.write_str(&one_line(text)).map_err(Error::from),
        Some(text) if !value.is_safe() => out.write_str(&escaped(text)).map_err(Error::from),
        _ if value.is_none() => Err(refuse("an absent value is written out".to_owned())),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

/// `text` with a blank for everything that ends a line or prints nothing.
pub fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect()
}

fn note_key(watch: Option<&Watch>, key: &str) {
    if let Some(watch) = watch {
        let mut said = watch.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        said.insert(key.to_owned());
    }
}

fn refuse(problem: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem)
}

fn theme_error(file: &str, source: &Error) -> PageError {
    PageError::Theme {
        file: file.to_owned(),
        problem: source.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;
    use crate::pages::theme::ThemeSettings;

    fn engine() -> Environment<'static> {
        let files = ThemeFiles::read(&[]).unwrap();
        let texts = Arc::new(Texts::read(&files, None).unwrap());
        let theme = ThemeSettings::read(&files).unwrap();
        let assets = Arc::new(Assets::read(&files, &theme).unwrap());
        speaking(
            &compiled(&files).unwrap(),
            &texts,
            &assets,
            &Locale::french(),
            None,
        )
    }

    fn render(source: &str, context: Value) -> Result<String, Error> {
        engine().render_named_str("test.html", source, context)
    }

    #[test]
    fn values_are_escaped_in_text_and_attributes() {
        // CAS-17, CAS-62
        let hostile = context! { x => "\"><script>'&\r" };
        let html = render("<p title=\"{{ x }}\">{{ x }}</p>", hostile).unwrap();
        let safe = "&quot;&gt;&lt;script&gt;&#39;&amp;&#13;";
        assert_eq!(html, format!("<p title=\"{safe}\">{safe}</p>"));
    }

    #[test]
    fn a_name_inside_a_text_is_strong_and_still_escaped() {
        let html = render("{{ t('login-for', service=x|strong) }}", context! { x => "<b>&" }).unwrap();
        assert_eq!(html, "Pour accéder à <strong><bdi>&lt;b&gt;&amp;</bdi></strong>");
        let slot = format!("{SLOT_START}0{SLOT_END}");
        let html = render("{{ t('login-for', service=x) }}", context! { x => slot }).unwrap();
        assert_eq!(html, "Pour accéder à 0");
    }

    #[test]
    fn a_script_address_never_becomes_a_link() {
        // CAS-62
        let html = render(
            "<a href=\"{{ x|safe_url }}\">",
            context! { x => "javascript:alert(1)" },
        )
        .unwrap();
        assert_eq!(html, "<a href=\"#\">");
    }

    #[test]
    fn undefined_absent_and_endless_are_errors() {
        assert!(render("{{ nothing }}", context! {}).is_err());
        assert!(render("{{ x.nothing }}", context! { x => context! { a => 1 } }).is_err());
        assert!(render("{{ x }}", context! { x => Value::from(()) }).is_err());
        assert!(render("{{ t('no-such-text') }}", context! {}).is_err());
        assert!(render("{{ asset_url('/cas', 'none.css') }}", context! {}).is_err());
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(render(endless, context! {}).is_err());
    }
}
