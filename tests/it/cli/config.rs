//! `mereau config`: schema, explanations, differences.

use std::path::Path;

use super::process::{change, copy, demo_folder, mereau, repository, text};

fn config(arguments: &[&str], config: &Path) -> (Option<i32>, String, String) {
    let config = config.display().to_string();
    let told = mereau(&[&["config"], arguments, &["--config", &config]].concat(), "");
    (told.status.code(), text(&told.stdout), text(&told.stderr))
}

#[test]
fn a_key_is_explained_with_what_is_written_now_and_no_secret() {
    // SEC-11
    let folder = demo_folder();
    let server = folder.path().join("server.toml");
    change(
        &server,
        "[log]",
        "[mail]\nurl = \"smtp://cas:hunter2@relay.example:587\"\nwaiting = 20\n\n[log]",
    );
    let (code, told, _) = config(&["explain", "server.listen"], &server);
    assert_eq!(code, Some(0), "{told}");
    for said in [
        "server.listen in server.toml",
        "what:    address and port",
        "default: \"127.0.0.1:8080\"",
        "now:     \"127.0.0.1:0\" (server.toml line ",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    let (_, told, _) = config(&["explain", "mail.waiting"], &server);
    assert!(
        told.contains("bounds:  10 to 50000") && told.contains("now:     20"),
        "{told}"
    );
    let (_, told, _) = config(&["explain", "throttle.free"], &server);
    assert!(told.contains("now:     not written, so 5"), "{told}");
    // One key of several realms and, by its end, of several sections.
    let (_, told, _) = config(&["explain", "file"], &server);
    assert!(
        told.contains("directory.file in realms/NAME.toml") && told.contains("(realms/valmore.toml line "),
        "{told}"
    );
    let (_, told, _) = config(&["explain", "mail.url"], &server);
    assert!(
        told.contains("now:") && told.contains("…@relay.example") && !told.contains("hunter2"),
        "{told}"
    );
    let (code, _, problem) = config(&["explain", "public-ulr"], &server);
    assert_eq!(code, Some(1));
    assert!(
        problem.contains("did you mean: server.public_url (server.toml)"),
        "{problem}"
    );
    assert_eq!(problem.lines().count(), 1, "{problem}");
    // A file that cannot be read hides nothing of what the key is.
    std::fs::write(&server, [0xff, 0xfe]).unwrap();
    let (code, told, problem) = config(&["explain", "server.listen"], &server);
    assert!(
        code == Some(0) && told.contains("what:    address and port"),
        "{told}"
    );
    assert!(problem.contains("line 1 is not UTF-8"), "{problem}");
}

#[test]
fn what_differs_is_told_key_by_key_and_the_exit_code_says_whether() {
    let folder = demo_folder();
    let server = folder.path().join("server.toml");
    let other = tempfile::tempdir().unwrap();
    copy(folder.path(), other.path());
    let there = other.path().display().to_string();
    assert_eq!(
        config(&["diff", &there], &server),
        (Some(0), String::new(), String::new())
    );
    let (code, told, _) = config(&["diff"], &server);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("~ server.toml: server.listen: \"127.0.0.1:8080\" (default) → \"127.0.0.1:0\""),
        "{told}"
    );
    // A default that is written, or the same span in another unit, is no difference.
    let theirs = other.path().join("server.toml");
    change(
        &theirs,
        "[log]",
        "[throttle]\nfree = 5\nmemory = \"60 min\"\nwindow = \"20 min\"\n\n[log]",
    );
    change(&theirs, "127.0.0.1:0", "127.0.0.1:1");
    let realm = other.path().join("realms/valmore.toml");
    change(&realm, "writable = true", "writable = false");
    std::fs::remove_file(other.path().join("realms/haut-marais.toml")).unwrap();
    std::fs::write(
        other.path().join("services/new.toml"),
        "name = \"Neu\"\nurls = [\"https://neu.example/**\"]\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("institutions.csv"),
        "id;realm;name;town\na;valmore;École A;Ici\nb;valmore;B;Là\n",
    )
    .unwrap();
    std::fs::write(
        other.path().join("institutions.csv"),
        "id;realm;name;town\na;valmore;École A;Ailleurs\nc;valmore;C;Là\n",
    )
    .unwrap();
    let (code, told, problem) = config(&["diff", &theirs.display().to_string()], &server);
    assert_eq!((code, problem.as_str()), (Some(1), ""), "{told}");
    for said in [
        "~ server.toml: server.listen: \"127.0.0.1:0\" → \"127.0.0.1:1\"",
        "~ server.toml: throttle.window: \"10 min\" (default) → \"20 min\"",
        "+ services/new.toml: urls = [\"https://neu.example/**\"]",
        "- realms/haut-marais.toml: directory.",
        "~ institutions.csv: institution[a].town: \"Ici\" → \"Ailleurs\"",
        "- institutions.csv: institution[b] = \"B, Là\"",
        "+ institutions.csv: institution[c] = \"C, Là\"",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert!(told.contains("realms/valmore.toml: directory.writable"), "{told}");
    assert!(
        !told.contains("throttle.free") && !told.contains("throttle.memory"),
        "{told}"
    );
}

#[test]
fn a_hostile_configuration_is_one_line_for_each_file_and_no_crash() {
    // SEC-90
    let folder = demo_folder();
    let server = folder.path().join("server.toml");
    let deep = format!("a = {}", "[".repeat(100_000));
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    let tables = format!("a = {}", "{ b = ".repeat(100_000));
    for hostile in [
        deep,
        dotted,
        tables,
        "a = \"\u{1b}[2J".to_owned(),
        "x".repeat(1 << 20),
    ] {
        std::fs::write(&server, &hostile).unwrap();
        for arguments in [&["diff"][..], &["explain", "server.listen"]] {
            let (code, _, problem) = config(arguments, &server);
            let expected = if arguments[0] == "diff" { 2 } else { 0 };
            assert_eq!(code, Some(expected), "{problem}");
            assert!(
                problem.contains("server.toml") && !problem.contains('\u{1b}'),
                "{problem}"
            );
            assert!(problem.lines().all(|line| line.len() < 2000), "{}", problem.len());
        }
    }
    let large = std::fs::File::create(&server).unwrap();
    large.set_len(100 << 20).unwrap();
    let (code, _, problem) = config(&["diff"], &server);
    assert_eq!((code, problem.lines().count()), (Some(2), 1), "{problem}");
    assert!(problem.contains("larger than 64 MiB"), "{problem}");
    let (code, _, problem) = config(&["diff", "/nowhere/at/all"], &server);
    assert_eq!(code, Some(2), "{problem}");
}

#[test]
fn bounds_that_are_told_are_those_that_are_held() {
    let folder = demo_folder();
    let server = folder.path().join("server.toml");
    change(
        &server,
        "[log]",
        "[mail]\nurl = \"folder:letters\"\nwaiting = 50001\n\n[sms]\na_month = 10000001\n\n[log]",
    );
    let realm = folder.path().join("realms/rosa-bonheur.toml");
    let recovery = "[recovery]\nforms_an_hour = 1000001\nschool_factor = 1001\nrequests_an_hour = 10000001\n\
        letters_an_hour = 101\nletters_a_day = 101\ntexts_an_hour = 101\ntexts_a_day = 101\n";
    change(&realm, "[recovery]\n", recovery);
    let told = mereau(&["check", "--config", &server.display().to_string()], "");
    let problems = text(&told.stderr);
    for (key, bounds) in [
        ("mail.waiting", "10 to 50000"),
        ("sms.a_month", "1 to 10000000"),
        ("recovery.forms_an_hour", "1 to 1000000"),
        ("recovery.school_factor", "1 to 1000"),
        ("recovery.requests_an_hour", "1 to 10000000"),
        ("recovery.letters_an_hour", "1 to 100"),
        ("recovery.letters_a_day", "1 to 100"),
        ("recovery.texts_an_hour", "1 to 100"),
        ("recovery.texts_a_day", "1 to 100"),
    ] {
        let held = problems.split("\n\n").any(|problem| {
            problem.contains(&format!("{key}: ")) && problem.contains(&format!("mend: {bounds}"))
        });
        assert!(held, "{key} in {problems}");
        let (_, told, _) = config(&["explain", key], &server);
        assert!(told.contains(&format!("bounds:  {bounds}\n")), "{told}");
    }
}

#[test]
fn the_schema_of_each_file_is_json_with_every_key() {
    let whole = mereau(&["config", "schema"], "");
    let whole: serde_json::Value = serde_json::from_slice(&whole.stdout).unwrap();
    let realm = mereau(&["config", "schema", "realm"], "");
    let realm: serde_json::Value = serde_json::from_slice(&realm.stdout).unwrap();
    assert_eq!(whole["$defs"]["realm"]["properties"], realm["properties"]);
    assert_eq!(
        realm["properties"]["directory"]["oneOf"][0]["properties"]["kind"]["const"],
        "ldap"
    );
    assert!(repository().join("conf/reference.toml").exists());
}
