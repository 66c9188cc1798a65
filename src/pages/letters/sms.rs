//! Text messages: one text of the theme in the GSM alphabet, at most 160 characters, and for a code
//! the line that lets browsers fill it in.

use fluent_bundle::{FluentArgs, FluentValue};

use crate::base::fold::{bare, joined};
use crate::base::names::Locale;
use crate::base::secret::Secret;
use crate::messages::{Content, Letter, Notice, TypesetError};
use crate::pages::texts::Texts;

const CODE: &str = "sms-reset-code";
const CONFIRM: &str = "sms-confirm";
const CHANGED: &str = "sms-changed";

/// For the check of unused texts.
pub const KEYS: [&str; 3] = [CODE, CONFIRM, CHANGED];

/// One message of the GSM alphabet (3GPP TS 23.038), which phones send as one.
pub const LONGEST: usize = 160;

/// The basic alphabet; those of its extension count twice and are not used.
const GSM: &str = "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

pub fn content(texts: &Texts, language: &Locale, letter: &Letter<'_>) -> Result<Content, TypesetError> {
    let name = letter.notice.name();
    let (key, code, mut args) = match letter.notice {
        Notice::ResetCode { code, lasts } => {
            let minutes = lasts.as_secs().div_ceil(60);
            (CODE, Some(code), FluentArgs::from_iter([("minutes", minutes)]))
        }
        Notice::ConfirmAddress { code, .. } => (CONFIRM, Some(code), FluentArgs::new()),
        Notice::PasswordChanged { login, .. } => {
            let login: String = login.chars().filter(|c| !c.is_control()).take(40).collect();
            (CHANGED, None, FluentArgs::from_iter([("login", login)]))
        }
        _ => return Err(TypesetError::NotForSms(name)),
    };
    if let Some(code) = code {
        args.set("code", grouped(code));
    }
    let ends = code.map(|code| last_line(&letter.from.host, code));
    // The brand gives way first, then the line for browsers.
    for (last, brand) in [(true, 20), (true, 10), (false, 20), (false, 10)] {
        let ends = ends.as_ref().filter(|_| last).map_or("", String::as_str);
        let brand: String = letter.from.brand.chars().take(brand).collect();
        args.set("brand", FluentValue::from(brand));
        let said = say(texts, language, key, &args).map_err(|source| TypesetError::Theme {
            letter: name,
            source: Box::new(source),
        })?;
        let text = format!("{said}{ends}");
        if text.chars().count() <= LONGEST {
            return Ok(Content::Sms { text });
        }
    }
    Err(TypesetError::Unfit {
        letter: name,
        why: "longer than one text message",
    })
}

/// In the language when its letters fit, else in French.
fn say(
    texts: &Texts,
    language: &Locale,
    key: &str,
    args: &FluentArgs<'_>,
) -> Result<String, crate::pages::texts::TextError> {
    let said = texts.say(language, key, args)?;
    if let Some(text) = gsm(&said) {
        return Ok(text);
    }
    let french = texts.say(&Locale::french(), key, args)?;
    Ok(gsm(&french).unwrap_or_else(|| french.chars().filter(|c| GSM.contains(*c)).collect()))
}

/// Browsers fill the code in on this host alone (origin-bound one-time codes).
fn last_line(host: &str, code: &Secret) -> String {
    let bare: String = code
        .expose()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("\n@{host} #{bare}")
}

/// `4821 7730`
fn grouped(code: &Secret) -> String {
    let bare: Vec<char> = code
        .expose()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let groups = bare.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// The text in the GSM alphabet, with other accents left out; `None` when letters would be lost.
fn gsm(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for c in joined(text).chars() {
        match c {
            '’' | '‘' => plain.push('\''),
            '“' | '”' | '«' | '»' => plain.push('"'),
            '–' | '—' => plain.push('-'),
            'œ' => plain.push_str("oe"),
            'Œ' => plain.push_str("OE"),
            '\u{a0}' | '\u{202f}' => plain.push(' '),
            known if GSM.contains(known) => plain.push(known),
            other => {
                let base = bare(other)?;
                plain.push(Some(base).filter(|base| GSM.contains(*base))?);
            }
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_said_in_letters_that_every_phone_has() {
        // S2-02
        assert_eq!(
            gsm("L’été\u{202f}: «\u{202f}ça\u{202f}»").as_deref(),
            Some("L'été : \" ca \"")
        );
        assert_eq!(gsm("Île, forêt, œuf").as_deref(), Some("Ile, foret, oeuf"));
        assert_eq!(gsm("مرحبا"), None);
    }
}
