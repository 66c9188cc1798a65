//! Two hundred definitions beside an oracle that was written by hand (tests/fixtures/apereo/make.py
//! says how): who gets in, under which name, with which attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mereau::services::apereo::Weight;

use super::people::{Answer, answer, attributes};
use super::{fixtures, import, now, registry};

struct Question {
    file: String,
    url: String,
    login: String,
    answer: Answer,
}

fn oracle() -> Vec<Question> {
    let text = fs::read_to_string(fixtures().join("oracle.tsv")).unwrap();
    let question = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Question {
            file: cells[0].to_owned(),
            url: cells[1].to_owned(),
            login: cells[2].to_owned(),
            answer: match cells[3..] {
                ["deny"] => Answer::Denied,
                [user, released] => Answer::Told(user.to_owned(), attributes(released)),
                _ => panic!("{line}"),
            },
        }
    };
    text.lines().map(question).collect()
}

#[test]
#[allow(clippy::print_stdout, reason = "tells which definitions differ")]
fn of_two_hundred_definitions_nineteen_of_twenty_answer_as_apereo_does() {
    // CAS-249
    let registry = registry(&import(&fixtures().join("corpus")));
    let files: BTreeSet<String> = fs::read_dir(fixtures().join("corpus"))
        .unwrap()
        .map(|entry| format!("corpus/{}", entry.unwrap().file_name().display()))
        .collect();
    assert_eq!(files.len(), 200);
    let oracle = oracle();
    let mut differing: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for question in &oracle {
        assert!(files.contains(&question.file), "{}", question.file);
        let given = answer(&registry, &question.url, &question.login, now());
        if given != question.answer {
            let line = format!(
                "  {} at {}: {given:?}, in Apereo {:?}",
                question.login, question.url, question.answer
            );
            differing.entry(&question.file).or_default().push(line);
            // Never more than Apereo gives.
            assert!(
                given == Answer::Denied || question.answer != Answer::Denied,
                "{}: {} gets in at {}",
                question.file,
                question.login,
                question.url
            );
        }
    }
    let wrong: usize = differing.values().map(Vec::len).sum();
    let agreeing = files.len() - differing.len();
    println!(
        "{agreeing} of {} definitions and {} of {} answers as Apereo's",
        files.len(),
        oracle.len() - wrong,
        oracle.len()
    );
    for (file, lines) in &differing {
        println!("{file}\n{}", lines.join("\n"));
    }
    assert!(
        agreeing * 100 >= files.len() * 95,
        "{agreeing} of {}",
        files.len()
    );
    assert!((oracle.len() - wrong) * 100 >= oracle.len() * 95);
}

#[test]
fn what_is_lost_of_the_corpus_is_told_with_file_and_line() {
    // CAS-249, CAS-250
    let imported = import(&fixtures().join("corpus"));
    let lines: Vec<String> = imported.remarks.iter().map(ToString::to_string).collect();
    for (weight, told) in [
        (
            Weight::Closed,
            "groovyacces-2001.json:1: accessStrategy: GroovyRegisteredServiceAccessStrategy",
        ),
        (Weight::Closed, "deuxfacteurs-2011.json:1: multifactorPolicy"),
        (Weight::Closed, "inverse-2012.json:1: attributeFilter"),
        (Weight::Closed, "regarde-2015.json:1: serviceId"),
        (
            Weight::Skipped,
            "oidc-2018.json:1: @class: a definition for OpenID Connect",
        ),
        (
            Weight::Skipped,
            "oauth-2020.yml:1: @class: a definition for OAuth",
        ),
        (
            Weight::Skipped,
            "inconnue-2022.json:1: @class: the class MaisonRegisteredService is not known",
        ),
        (Weight::Unreadable, "cassee-2023.json:3: “\\.” means nothing"),
        (Weight::LeftOut, "charte-2047.json:1: champInconnu"),
        (Weight::LeftOut, "enattribut-2017.json:1: principalIdAttribute"),
        (Weight::Look, "ouvert-2044.json:1: serviceId: unanchored"),
        (Weight::Look, "ouvert-2044.json:1: serviceId: unescaped dot"),
        (
            Weight::Look,
            "expiree-2032.json:1: expirationPolicy: it has expired",
        ),
        (
            Weight::Look,
            "deuxfois-2040.json:3: serviceId: this is said again in line 6",
        ),
    ] {
        let found = imported
            .remarks
            .iter()
            .zip(&lines)
            .any(|(remark, line)| remark.weight == weight && line.starts_with(told));
        assert!(found, "{told}\n{}", lines.join("\n"));
    }
    // Whoever lost a restriction is closed, and everybody else is as open as before.
    for service in &imported.services {
        let closed = imported
            .remarks_on(&service.file)
            .any(|remark| remark.weight == Weight::Closed);
        assert!(!closed || !service.settings.enabled, "{}", service.file.display());
    }
}
