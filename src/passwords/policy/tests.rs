//! Passwords of real life through the whole policy, in both directions.

use jiff::civil::date;

use super::*;

fn pupil() -> AboutPerson {
    AboutPerson {
        logins: vec!["lea.martinez".to_owned(), "e2104567".to_owned()],
        names: vec!["Léa".to_owned(), "Martinez-Oddo".to_owned()],
        mails: vec!["papillonbleu@example.org".to_owned()],
        born: Some(date(2010, 5, 12)),
        place: vec!["Collège Melchior".to_owned(), "Bastelica".to_owned()],
        year: Some(2026),
    }
}

fn policy(settings: PolicySettings) -> Policy {
    Policy {
        settings,
        breached: None,
    }
}

fn judged(policy: &Policy, typed: &str) -> Vec<(&'static str, Option<String>)> {
    let Ok(password) = Password::typed(typed) else {
        panic!("not a password: {typed}")
    };
    let flaws = policy.check(&password, &pupil()).err().unwrap_or_default();
    let told = |flaw: &Flaw| (flaw.key(), flaw.part().map(|part| part.shown().to_owned()));
    flaws.iter().map(told).collect()
}

fn keys(policy: &Policy, typed: &str) -> Vec<&'static str> {
    judged(policy, typed).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn what_everybody_chooses_is_refused_and_what_was_recognised_is_told() {
    // SEC-72
    let usual = Policy::default();
    for typed in [
        "azerty123456",
        "Motdepasse2024!",
        "M0td3p4sse2024!",
        "mot de passe 24",
        "Marseille13!",
        "Marseille2013!",
        "azertyuiop123",
        "soleilsoleil",
        "jetaimemonamour",
        "Password1234!",
        "1234567890123",
        "aaaaaaaaaaaa",
        "qsdfghjklmwxcvbn",
        "azerqsdfwxcv",
        "&é\"'(-è_çà)=",
        "OlympiqueDeMarseille13",
        "bonjourbonjour2025",
        "Gouvernement2024!",
    ] {
        assert!(!judged(&usual, typed).is_empty(), "{typed} is accepted");
    }
    let told = judged(&usual, "Motdepasse2024!");
    assert_eq!(told, [("newpw-flaw-common", Some("motdepasse".to_owned()))]);
    let told = judged(&usual, "corse12052024");
    assert_eq!(
        told,
        [("newpw-flaw-guessable-part", Some("corse12052024".to_owned()))]
    );
}

#[test]
fn what_others_know_about_a_person_is_refused() {
    // SEC-72
    let usual = policy(PolicySettings {
        words: vec!["Estran".to_owned()],
        ..PolicySettings::default()
    });
    for (typed, key, part) in [
        ("collegemelchior", "newpw-flaw-here", Some("melchior")),
        ("Bastelica7lampes", "newpw-flaw-here", Some("bastelica")),
        ("lea.martinez2010", "newpw-flaw-personal", Some("lea")),
        ("xMART1NEZx-48-coudrier", "newpw-flaw-personal", Some("martinez")),
        ("tabouret-oddo-53-grelot", "newpw-flaw-personal", Some("oddo")),
        ("gravier e2104567 rideau", "newpw-flaw-personal", Some("e2104567")),
        (
            "papillonbleu-cuivre-94",
            "newpw-flaw-personal",
            Some("papillonbleu"),
        ),
        ("mur 12/05/2010 cuivre", "newpw-flaw-birth-date", None),
        ("mur120510cuivre-jade", "newpw-flaw-birth-date", None),
        ("mur 05.12.10-cuivre-jade", "newpw-flaw-birth-date", None),
        ("mur-051210-cuivre-jade", "newpw-flaw-birth-date", None),
        ("mur 12 5 2010 cuivre", "newpw-flaw-birth-date", None),
        ("l'estran de granit 57", "newpw-flaw-here", Some("estran")),
        ("mon ent de granit 57", "newpw-flaw-here", Some("ent")),
        ("Ent-tonneau-violet-57", "newpw-flaw-here", Some("ent")),
        ("tonneau violet 2026", "newpw-flaw-here", Some("2026")),
        ("tonneau-2025-2026-violet", "newpw-flaw-here", Some("20252026")),
    ] {
        let told = judged(&usual, typed);
        assert!(
            told.contains(&(key, part.map(str::to_owned))),
            "{typed}: {told:?}"
        );
    }
}

#[test]
fn phrases_and_random_passwords_of_any_script_are_accepted() {
    // SEC-72
    let usual = Policy::default();
    for typed in [
        "cheval correct agrafe pile",
        "quatre vents sur la lande grise",
        "tomate océan girafe cuivre",
        "Le tonneau violet ronfle",
        "le centaure ment souvent 1987",
        "girafe 20267 cuivre ardoise",
        "x7!Kp2#9vQm4",
        "qzjvxkwpfhty",
        "обезьяна ест жёлтый барабан",
        "خمسة قطط على سطح القمر",
        "𝄞🐙🦔🍋𝄢🪁🦉🧶🪵🛶🧭🪐",
        "nouilles au poivre du dimanche pluvieux",
    ] {
        assert_eq!(judged(&usual, typed), [], "{typed}");
    }
    let long = "brique lune ".repeat(5) + &"é".repeat(40) + "zébu kiwi";
    assert_eq!(judged(&usual, &long), []);
}

#[test]
fn length_is_counted_in_characters_and_not_in_bytes() {
    // SEC-73
    let usual = Policy::default();
    assert!(keys(&usual, "éàùçœæ").contains(&"newpw-flaw-short"));
    assert!(keys(&usual, "🐙🦔🍋🪁🦉🧶🪵🛶🧭🪐🎻").contains(&"newpw-flaw-short"));
    // Eleven characters, however many code points they were typed with.
    assert!(keys(&usual, "e\u{301}kz7vq!xw0p").contains(&"newpw-flaw-short"));
    let at_most: String = "zkvé".repeat(32);
    assert!(!keys(&usual, &at_most).contains(&"newpw-flaw-long"));
    assert!(keys(&usual, &format!("{at_most}x")).contains(&"newpw-flaw-long"));
}

#[test]
fn composition_is_asked_for_only_where_a_realm_insists() {
    // SEC-72
    assert_eq!(judged(&Policy::default(), "girafe tomate cuivre ardoise"), []);
    let strict = policy(PolicySettings {
        classes: vec![Class::Lower, Class::Upper, Class::Digit, Class::Symbol],
        ..PolicySettings::default()
    });
    assert_eq!(
        keys(&strict, "girafetomatecuivreardoise"),
        ["newpw-flaw-upper", "newpw-flaw-digit", "newpw-flaw-symbol"]
    );
    assert_eq!(keys(&strict, "Girafe tomate 4 ardoises"), [] as [&str; 0]);
}

#[test]
fn the_rules_are_told_before_anything_is_typed() {
    // SEC-72
    let rules = Policy::default().rules();
    assert_eq!(rules, [Rule::Length(12), Rule::Personal, Rule::Common]);
    assert_eq!(rules[0].number(), Some(12));
    let strict = policy(PolicySettings {
        least: 8,
        classes: vec![Class::Digit],
        ..PolicySettings::default()
    });
    assert_eq!(strict.rules()[..2], [Rule::Length(8), Rule::Holds(Class::Digit)]);
    let known = strict.rules().into_iter().all(|rule| TEXTS.contains(&rule.key()));
    assert!(known);
}

#[test]
fn a_control_character_is_refused() {
    assert!(keys(&Policy::default(), "girafe\ttomate cuivre").contains(&"newpw-flaw-control"));
}

#[test]
fn a_leaked_password_is_refused_however_good_it_looks() {
    // SEC-72
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leaked.txt");
    std::fs::write(&file, "girafe tomate cuivre ardoise\n").unwrap();
    let Ok(list) = Breached::read(&file) else {
        panic!("not read")
    };
    let usual = Policy {
        breached: Some(list),
        ..Policy::default()
    };
    assert_eq!(
        keys(&usual, "girafe tomate cuivre ardoise"),
        ["newpw-flaw-breached"]
    );
}

#[test]
fn the_longest_password_is_judged_by_its_first_hundred_characters() {
    let usual = policy(PolicySettings {
        least: 8,
        ..PolicySettings::default()
    });
    assert_eq!(
        keys(&usual, &"a".repeat(512)),
        ["newpw-flaw-long", "newpw-flaw-guessable-part"]
    );
}
