//! What is remembered is what would be made, and no more than that.

use super::*;
use crate::base::names::Locale;
use crate::pages::Pages;
use crate::pages::views::login::{Login, LoginProblem};
use crate::pages::views::picker::Picker;

fn pages() -> Pages {
    Pages::new(&[]).unwrap()
}

fn is_kept(remembered: &Remembered) -> bool {
    !remembered.kept().young.by_hash.is_empty()
}

/// The sign-in page of somebody, on the plainest frame.
fn form(username: &str, lt: &str) -> (Login, Frame) {
    let login = Login {
        username: username.to_owned(),
        ..Login::new("/cas/login", lt)
    };
    let frames = Frame::samples(&Locale::french(), &[Locale::french()]);
    let (_, bare) = frames.into_iter().nth(1).unwrap();
    (login, bare)
}

/// What is asked for `times` times, by others each time.
fn ask(remembered: &Remembered, times: usize, make: impl Fn(&Login, &Frame) -> String) {
    for time in 0..times {
        let (mut login, mut frame) = form("camille", &format!("LT-{time}"));
        frame.support_code = format!("CODE-{time}");
        let expected = make(&login, &frame);
        let made = remembered.page(0, &mut login, &mut frame, |login, frame| Ok(make(login, frame)));
        assert_eq!(made.unwrap(), expected);
    }
}

/// Whether the next one who asks gets it from memory.
fn knows<P: Page + Clone>(remembered: &Remembered, theme: u64, page: &P, frame: &Frame) -> bool {
    let (mut page, mut frame) = (page.clone(), frame.clone());
    let mut holes = Holes::of(&mut page, &mut frame, &remembered.stand_ins).unwrap();
    holes.exchange(&mut page, &mut frame);
    let (hash, key) = remembered.key(theme, &page, &frame).unwrap();
    remembered.kept().page(hash, &key).is_some()
}

/// The same page for another person, who is written in each of its places in another way.
fn of<P: Page + Clone>(person: &str, page: &P, frame: &Frame) -> (P, Frame) {
    let (mut page, mut frame) = (page.clone(), frame.clone());
    let passing = page.passing().unwrap_or_default();
    for (place, value) in passing.into_iter().enumerate() {
        if !value.is_empty() {
            *value = format!("{person}{place}");
        }
    }
    frame.support_code = format!("{person}-code");
    let letters: String = person.chars().filter(char::is_ascii_alphanumeric).collect();
    let asks = |address: &mut String, form: &str| {
        let mark = if address.contains('?') { '&' } else { '?' };
        address.push_str(&format!("{mark}service=https{form}{letters}.example&x=1"));
    };
    page.addresses()
        .into_iter()
        .for_each(|address| asks(address, "%3A%2F%2F"));
    frame
        .languages
        .iter_mut()
        .for_each(|link| asks(&mut link.url, "://"));
    (page, frame)
}

/// Asks for every sample of a page, for three people in turn, and in each language and frame.
fn try_all<P: Page + Clone>(pages: &Pages) {
    let mut known = 0;
    for language in pages.languages() {
        for (_, frame) in Frame::samples(language, pages.languages()) {
            for (state, sample) in P::samples() {
                let is_common = sample.clone().passing().is_some();
                for (turn, person) in ["camille", "\"><script>&'\r", "élève.né@lycée"]
                    .iter()
                    .enumerate()
                {
                    let (mut page, mut frame) = of(person, &sample, &frame);
                    if is_common {
                        let expected = turn == 2;
                        assert_eq!(
                            knows(&pages.remembered, pages.number, &page, &frame),
                            expected,
                            "{state}"
                        );
                        known += usize::from(expected);
                    }
                    let made = pages.render(&page, &frame).unwrap();
                    let shown = pages.render_known(&mut page, &mut frame).unwrap();
                    assert_eq!(shown, made, "{state}");
                    assert_eq!(
                        pages.render(&page, &frame).unwrap(),
                        made,
                        "{state} came back changed"
                    );
                }
            }
        }
    }
    assert!(known > 10, "{known}");
}

#[test]
fn every_common_page_comes_from_memory_as_it_would_be_made() {
    let pages = pages();
    try_all::<Login>(&pages);
    try_all::<Picker>(&pages);
}

#[test]
fn a_theme_with_templates_of_its_own_makes_its_pages_each_time() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pages")).unwrap();
    let template = "{{ 'for me' if page.username == 'camille' else 'for others' }}";
    std::fs::write(folder.path().join("pages/login.html"), template).unwrap();
    let pages = Pages::new(&[folder.path().to_owned()]).unwrap();
    for (name, said) in [
        ("lou", "for others"),
        ("ana", "for others"),
        ("camille", "for me"),
    ] {
        let (mut login, mut frame) = form(name, "LT-1");
        assert_eq!(pages.render_known(&mut login, &mut frame).unwrap(), said);
    }
    assert!(!is_kept(&pages.remembered));
}

#[test]
fn themes_of_one_server_share_a_memory_and_not_a_page() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("texts")).unwrap();
    std::fs::write(folder.path().join("texts/fr.ftl"), "login-title = Entrez\n").unwrap();
    let under = pages();
    let over = Pages::over(&[folder.path().to_owned()], Some(&under)).unwrap();
    assert!(Arc::ptr_eq(&over.remembered, &under.remembered));
    for (pages, title) in [(&under, "<h1>Connexion</h1>"), (&over, "<h1>Entrez</h1>")].repeat(3) {
        let (mut login, mut frame) = form("", "LT-1");
        let html = pages.render_known(&mut login, &mut frame).unwrap();
        assert!(html.contains(title), "{html}");
    }
    assert_eq!(under.remembered.kept().young.by_hash.len(), 2);
}

#[test]
fn a_page_is_made_twice_and_once_more_to_see_that_both_ways_are_alike() {
    let (remembered, made) = (Remembered::default(), std::cell::Cell::new(0));
    let make = |login: &Login, frame: &Frame| {
        made.set(made.get() + 1);
        format!("<p>{}{}{}</p>", login.lt, login.username, frame.support_code)
    };
    ask(&remembered, 1, make);
    assert!(!is_kept(&remembered));
    ask(&remembered, 1, make);
    assert!(is_kept(&remembered));
    // `ask` makes each page once for itself.
    assert_eq!(made.get(), 2 + 3);
    ask(&remembered, 100, make);
    assert_eq!(made.get(), 5 + 100);
}

#[test]
fn a_page_that_cannot_be_kept_is_tried_once_and_then_made_each_time() {
    type Make = fn(&Login, &Frame) -> String;
    let cannot: [Make; 4] = [
        |login, _| login.lt.to_lowercase(),
        |login, _| login.username.to_uppercase(),
        |login, frame| format!("{} {}", login.lt, frame.support_code.len()),
        |login, _| format!("{}{}", login.lt, "x".repeat(LONGEST)),
    ];
    for make in cannot {
        let (remembered, made) = (Remembered::default(), std::cell::Cell::new(0));
        let counted = |login: &Login, frame: &Frame| {
            made.set(made.get() + 1);
            make(login, frame)
        };
        ask(&remembered, 2, counted);
        let tried = made.get();
        ask(&remembered, 10, counted);
        // `ask` makes each page once for itself.
        assert_eq!(made.get() - tried, 20);
        assert!(!is_kept(&remembered));
    }
}

#[test]
fn pages_that_fail_are_not_kept_and_come_back_as_they_were() {
    let remembered = Remembered::default();
    for _ in 0..4 {
        let (mut login, mut frame) = form("camille", "LT-1");
        let broken = |_: &Login, _: &Frame| {
            let (file, problem) = (String::new(), "broken".to_owned());
            Err(PageError::Theme { file, problem })
        };
        assert!(remembered.page(0, &mut login, &mut frame, broken).is_err());
        assert_eq!((login.username.as_str(), login.lt.as_str()), ("camille", "LT-1"));
    }
    assert!(!is_kept(&remembered));
}

#[test]
fn a_page_that_fails_without_its_values_is_shown_with_them() {
    let remembered = Remembered::default();
    ask(&remembered, 1, |login, _| login.lt.clone());
    let (mut login, mut frame) = form("camille", "LT-1");
    let picky = |login: &Login, _: &Frame| match login.lt.as_str() {
        "LT-1" => Ok("shown".to_owned()),
        _ => Err(PageError::Theme {
            file: String::new(),
            problem: "broken".to_owned(),
        }),
    };
    let made = remembered.page(0, &mut login, &mut frame, picky);
    assert_eq!((made.unwrap().as_str(), login.lt.as_str()), ("shown", "LT-1"));
    assert!(!is_kept(&remembered));
}

#[test]
fn pages_of_one_person_or_moment_are_not_remembered() {
    let pages = pages();
    let login = Login::samples().into_iter();
    let personal = login.filter(|(_, login)| {
        let paused = matches!(login.problem, Some(LoginProblem::Throttled { .. }));
        login.confirm.is_some() || login.check.is_some() || paused
    });
    let picker = Picker::samples().into_iter();
    let (_, mut around) = picker.into_iter().find(|(state, _)| *state == "around").unwrap();
    around.query.clear();
    let (_, frame) = form("", "LT-1");
    let mut tried = 0;
    for (_, mut login) in personal {
        for _ in 0..3 {
            pages.render_known(&mut login, &mut frame.clone()).unwrap();
            pages.render_known(&mut around, &mut frame.clone()).unwrap();
        }
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
    assert!(!is_kept(&pages.remembered));
}

#[test]
fn ever_new_pages_take_no_more_than_two_generations_and_leave_the_common_one() {
    let remembered = Remembered::default();
    let make = |login: &Login, frame: &Frame| {
        let filling = "x".repeat(6000);
        Ok(format!(
            "{}{}{filling}{}",
            login.action, login.lt, frame.support_code
        ))
    };
    let ask = |action: &str| {
        let (mut login, mut frame) = form("", "LT-1");
        login.action = action.to_owned();
        remembered.page(0, &mut login, &mut frame, make).unwrap();
    };
    for round in 0..1000 {
        for _ in 0..2 {
            ask(&format!("/cas/login?method={round}"));
            ask("/cas/login");
        }
    }
    let knows = |action: &str| {
        let (mut login, frame) = form("", "LT-1");
        login.action = action.to_owned();
        knows(&remembered, 0, &login, &frame)
    };
    assert!(knows("/cas/login") && knows("/cas/login?method=999"));
    assert!(!knows("/cas/login?method=0"));
    let kept = remembered.kept();
    for generation in [&kept.young, &kept.old] {
        let entries = generation.by_hash.values();
        let counted: usize = entries.map(|(key, page)| key.len() + page.size()).sum();
        assert_eq!(counted, generation.bytes);
        assert!((1..=MOST_BYTES).contains(&counted));
    }
}

#[test]
fn a_page_with_more_values_than_there_are_places_is_made_each_time() {
    let pages = pages();
    let language = Locale::french();
    let (_, frame) = Frame::samples(&language, pages.languages()).remove(0);
    assert!(frame.languages.len() > 2);
    for _ in 0..3 {
        let mut frame = frame.clone();
        let many: String = (0..MOST_HOLES + 1)
            .map(|number| format!("&service=a{number}"))
            .collect();
        for link in &mut frame.languages {
            link.url.push_str(&many);
        }
        let (mut login, _) = form("camille", "LT-1");
        let made = pages.render(&login, &frame).unwrap();
        assert_eq!(pages.render_known(&mut login, &mut frame).unwrap(), made);
    }
    assert!(!is_kept(&pages.remembered));
}
