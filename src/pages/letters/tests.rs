//! Tests of letters in words.

use super::*;
use crate::pages::files::ThemeFiles;

fn pages() -> Pages {
    Pages::new(&[]).unwrap()
}

/// Every sample in one language, with its name.
fn letters(tag: &str) -> Vec<(String, Content)> {
    let (pages, language) = (pages(), Locale::new(tag).unwrap());
    let mut all = Vec::new();
    pages
        .each_letter(&pages.engines, &language, &mut |name, content| {
            all.push((name.to_owned(), content?));
            Ok(())
        })
        .unwrap();
    assert!(all.len() > 25, "{} samples", all.len());
    all
}

fn mails(tag: &str) -> Vec<(String, String, String, String)> {
    let mails = letters(tag)
        .into_iter()
        .filter_map(|(name, content)| match content {
            Content::Mail { subject, text, html } => Some((name, subject, text, html)),
            Content::Sms { .. } => None,
        });
    mails.collect()
}

fn mail(tag: &str, wanted: &str) -> (String, String, String) {
    let found = mails(tag).into_iter().find(|(name, ..)| name == wanted);
    let (_, subject, text, html) = found.unwrap();
    (subject, text, html)
}

#[test]
fn every_letter_is_said_in_french_and_english() {
    // S1-05, S2-11
    for tag in ["fr", "en"] {
        let mut said = String::new();
        for (name, content) in letters(tag) {
            let words = match content {
                Content::Mail { subject, text, .. } => format!("{subject}\n\n{text}"),
                Content::Sms { text } => format!("{text}\n"),
            };
            said.push_str(&format!("=== {name}\n{words}\n"));
        }
        insta::assert_snapshot!(format!("letters_{tag}"), said);
    }
    let (_, _, html) = mail("fr", "reset_links-one");
    insta::assert_snapshot!("reset_links_fr_html", html);
}

#[test]
fn arabic_letters_are_said_from_right_to_left() {
    // S2-11
    for (name, _, text, html) in mails("ar") {
        assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">"), "{name}");
        assert!(text.contains('،') || text.contains(':'), "{name}");
    }
}

#[test]
fn subjects_are_short_and_begin_with_the_brand() {
    // S1-05, S3-13
    for tag in ["fr", "en", "ar"] {
        for (name, subject, ..) in mails(tag) {
            assert!(subject.chars().count() <= 60, "{name}: {subject}");
            assert!(subject.starts_with('['), "{name}: {subject}");
            assert!(!subject.contains('!') && !subject.to_lowercase().contains("urgent"));
        }
    }
    let (subject, ..) = mail("fr", "reset_links-one");
    assert_eq!(subject, "[Valmont] Réinitialisation de votre mot de passe");
    let (subject, ..) = mail("fr", "reset_links-several");
    assert_eq!(subject, "[Lycée Jeanne-Barret] Choisir un nouveau mot de passe");
    let long = super::subject(
        "Université de technologie de Compiègne",
        "Une adresse de secours a changé",
    );
    assert_eq!(long.chars().count(), 60);
    assert!(long.ends_with("…] Une adresse de secours a changé"), "{long}");
}

#[test]
fn a_reset_mail_says_why_until_when_how_often_and_what_to_ignore() {
    // S2-13, S1-06
    let (subject, text, _) = mail("fr", "reset_links-one");
    let flat = text.replace('\n', " ");
    for wanted in [
        "Bonjour Camille Dupont,",
        "Vous avez demandé, ou quelqu’un a demandé à votre place, un nouveau mot de passe.",
        "24 heures",
        "une seule fois",
        "jusqu’au 1er octobre 2026 à 10:41 (heure de Paris)",
        "depuis Chrome sur Android",
        "Ce n’était pas vous\u{202f}? Vous pouvez ignorer ce message",
        "copiez-la en entier et collez-la dans la barre d’adresse",
        "Merci.",
        "L’assistance numérique de Valmont-sur-Brenne",
        "comptes@valmont.example",
        "https://aide.valmont.example/comptes",
        "+33 1 99 00 45 67",
        "EXMP-2345",
    ] {
        assert!(flat.contains(wanted), "{wanted} not in\n{text}");
    }
    assert!(!subject.is_empty());
    let (_, text, _) = mail("fr", "reset_links-several");
    assert!(
        text.contains("envoyé automatiquement\u{202f}: les réponses ne sont lues"),
        "{text}"
    );
}

#[test]
fn one_mail_has_a_block_for_each_account_and_says_who_gets_none() {
    // S2-18, SX-05, SX-06, SEC-59
    let (_, text, html) = mail("fr", "reset_links-several");
    for wanted in [
        "Camille Dupont – Université de Valmont-sur-Brenne\nIdentifiant\u{202f}: c.dupont\n",
        "Identifiant\u{202f}: z.oneil\n",
        "Votre compte n’est pas activé",
        "\nhttps://activation.valmont.example/\n",
        "\nhttps://educonnect.example/aide\n",
        "Le mot de passe de ce compte ne peut pas être changé en ligne.",
    ] {
        assert!(text.contains(wanted), "{wanted} not in\n{text}");
    }
    assert_eq!(text.matches("https://cas.valmont.example/cas/r/").count(), 2);
    assert!(html.contains("Zoé &lt;b&gt;O’Neil&lt;/b&gt;"), "{html}");
    let (_, text, _) = mail("fr", "not_activated-unknown");
    assert!(text.contains("Demandez à votre établissement comment l’activer."));
}

#[test]
fn forgotten_identifiers_come_without_password_or_sign_in() {
    // S4-04
    let (_, text, html) = mail("fr", "identifiers-plain");
    assert!(text.contains("Identifiant\u{202f}: c.dupont\n"));
    assert!(text.contains("Identifiant\u{202f}: l.dupont\n"));
    // The way back to the page that wanted one, which gives no right to anything.
    let ways: Vec<&str> = text.lines().filter(|line| line.contains("://")).collect();
    assert_eq!(ways.len(), 1, "{text}");
    assert!(
        ways[0].starts_with("https://cas.valmont.example/cas/r/"),
        "{text}"
    );
    assert_eq!(html.matches("href=\"https://cas.").count(), 1);
    for word in ["mot de passe", "code", "/login"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_name_cannot_smuggle_a_link_into_a_letter() {
    // SEC-43
    for tag in ["fr", "en", "ar"] {
        for (name, _, text, html) in mails(tag) {
            assert!(
                !text.contains("evil.example") && !html.contains("evil.example"),
                "{name}"
            );
            assert!(!html.contains("<b>"), "{name}");
        }
    }
}

#[test]
fn a_link_stands_alone_on_its_line_and_is_shown_as_it_leads() {
    // S1-06, SEC-34
    for tag in ["fr", "en", "ar"] {
        for (name, _, text, html) in mails(tag) {
            let alone: Vec<&str> = text.lines().filter(|line| line.contains("://")).collect();
            for line in &alone {
                assert!(
                    line.starts_with("https://") && !line.contains(' '),
                    "{name}: {line}"
                );
                assert!(html.contains(&format!("href=\"{line}\"")), "{name}: {line}");
                assert!(html.contains(&format!(">{line}</a>")), "{name}: {line}");
            }
            assert_eq!(html.matches("href=\"https").count(), alone.len(), "{name}");
            let wide = text.lines().filter(|line| !line.contains("://"));
            assert!(
                wide.into_iter().all(|line| line.chars().count() <= 76),
                "{name}:\n{text}"
            );
        }
    }
}

#[test]
fn a_mail_is_in_one_language_alone() {
    // S2-11
    let french = ["Bonjour", "Identifiant", "mot de passe", "Merci", "heure de"];
    let english = ["Hello", "User name", "password", "Thank you", "Paris time"];
    for (tag, foreign) in [("fr", english), ("en", french)] {
        for (name, subject, text, html) in mails(tag) {
            if ["reset_links", "shared_link-one"]
                .iter()
                .any(|known| name.starts_with(known))
                && tag == "en"
            {
                continue; // its sample of a configured subject is French
            }
            for word in foreign {
                let said = format!("{subject}\n{text}\n{html}");
                assert!(!said.contains(word), "{name} in {tag} says “{word}”");
            }
        }
    }
}

#[test]
fn a_letter_holds_nothing_from_elsewhere() {
    // SEC-34
    for (name, _, _, html) in mails("fr") {
        for foreign in ["<img", "<script", "src=", "url(", "<link", "List-Unsubscribe"] {
            assert!(!html.contains(foreign), "{name}: {foreign}");
        }
    }
}

#[test]
fn text_messages_fit_every_phone() {
    // S2-02, SEC-61
    for tag in ["fr", "en", "ar"] {
        let texts = letters(tag)
            .into_iter()
            .filter_map(|(name, content)| match content {
                Content::Sms { text } => Some((name, text)),
                Content::Mail { .. } => None,
            });
        let texts: Vec<(String, String)> = texts.collect();
        assert_eq!(texts.len(), 3);
        for (name, text) in &texts {
            assert!(text.chars().count() <= sms::LONGEST, "{name}: {text}");
            assert!(!text.contains(['’', '\u{202f}', 'م']), "{name}: {text}");
        }
        let (_, code) = &texts[0];
        assert!(code.contains("4821 7730"), "{code}");
        assert_eq!(code.lines().last(), Some("@cas.valmont.example #48217730"));
    }
}

#[test]
fn a_theme_that_leaves_out_a_link_is_told_and_its_parent_writes_instead() {
    // S1-05
    let shelf = tempfile::tempdir().unwrap();
    let mails = shelf.path().join("school/mails");
    std::fs::create_dir_all(&mails).unwrap();
    std::fs::write(shelf.path().join("school/theme.toml"), "").unwrap();
    std::fs::write(mails.join("unlocked.txt"), "Sujet\nBonjour\n").unwrap();
    let name = crate::base::names::ThemeName::new("school").unwrap();
    let read = || Themes::read(Some(shelf.path()), None, [&name]).unwrap();
    assert_eq!(read().broken(), []);
    std::fs::write(mails.join("reset_links.txt"), "Sujet\nBonjour\n").unwrap();
    let themes = read();
    assert!(
        themes.broken()[0].problem.contains("leaves out a link"),
        "{:?}",
        themes.broken()
    );
    let sample = samples::all().swap_remove(0);
    let from = Sender {
        theme: Some(name.clone()),
        ..sample.from.clone()
    };
    let french = Locale::french();
    let letter = Letter {
        from: &from,
        ..sample.letter(&french)
    };
    let composed = themes.compose(&letter).unwrap();
    assert!(matches!(composed.content, Content::Mail { text, .. } if text.contains("/r/")));
}

#[test]
fn a_language_nobody_speaks_is_answered_in_french() {
    // S2-11
    let sample = samples::all().swap_remove(0);
    let breton = Locale::new("br").unwrap();
    let composed = pages().compose(&sample.letter(&breton)).unwrap();
    assert_eq!(composed.locale, Locale::french());
}

#[test]
fn no_letter_asks_for_a_password_or_names_a_birth_date() {
    // S2-13
    let fr = ThemeFiles::read(&[]).unwrap();
    for path in fr.under("mails/") {
        let text = fr.topmost(path).unwrap().text().unwrap();
        for word in ["password", "birth", "secret"] {
            let named = text.replace("password-changed", "");
            assert!(!named.contains(&format!("letter.{word}")), "{path}");
        }
    }
}
