//! `mereau trace`: from the code that a page shows to every step of its request.

use std::io::Write;
use std::path::Path;

use super::process::{Server, change, demo_folder, mereau, text};
use super::web::Browser;

/// The code that the page shows, as people see it.
fn code_of(page: &str) -> String {
    let shown = scraper::Html::parse_document(page);
    let words = shown.root_element().text().collect::<String>();
    let is_code = |word: &&str| {
        let symbol = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let (left, right) = word.split_once('-').unwrap_or_default();
        left.len() == 4 && right.len() == 4 && left.chars().chain(right.chars()).all(symbol)
    };
    let found = words.split_whitespace().find(is_code);
    found.expect("a page shows its code").to_owned()
}

fn trace(code: &str, files: &[&Path], input: &str) -> (Option<i32>, String, String) {
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut arguments = vec!["trace", code];
    arguments.extend(files.iter().map(String::as_str));
    let told = mereau(&arguments, input);
    (told.status.code(), text(&told.stdout), text(&told.stderr))
}

#[test]
fn the_code_on_a_page_leads_to_every_step_of_its_request() {
    // experience §5.4
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    change(&config, "[log]", "[audit]\nfile = \"audit.jsonl\"\n\n[log]");
    let (mut server, port) = Server::serve(&config);
    let mut browser = Browser::default();
    let page = browser.get(port, "/cas/t/valmore/login");
    let refused = browser.sign_in(port, &page, "camille.durand", "canary-7Hq2-wrong");
    assert_eq!(refused.status, 401);
    let (first, second) = (code_of(&page.body), code_of(&refused.body));
    assert_ne!(first, second);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    server.err.until_said("\"stopped\"");
    let log = folder.path().join("node-a.log");
    std::fs::write(&log, server.err.so_far()).unwrap();
    let audit = folder.path().join("audit.jsonl");
    // As it is read out: small letters, no dash.
    let heard = second.to_lowercase().replace('-', " ");
    let (status, told, _) = trace(&heard, &[&log, &audit], "");
    assert_eq!(status, Some(0), "{told}");
    assert!(told.starts_with(&format!("{second}: ")), "{told}");
    for said in [
        "node-a.log",
        "sign-in refused",
        "reason=PWD_WRONG",
        "status=401",
        "AUDIT",
        "sign-in-refused",
        "→ the password is not",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert!(!told.contains("canary") && !told.contains(&first), "{told}");
    // In the order of their times.
    let times: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("20"))
        .map(|line| &line[..24])
        .collect();
    assert!(times.len() >= 3 && times.is_sorted(), "{told}");
    // The audit alone, as configured; and the log as a stream.
    let config = config.display().to_string();
    let told = mereau(&["trace", &second, "--config", &config], "");
    assert!(text(&told.stdout).contains("sign-in-refused"));
    assert!(text(&told.stderr).contains("journalctl"));
    let (status, told, _) = trace(&second, &[Path::new("-")], &server.err.so_far());
    assert!(status == Some(0) && told.contains("stdin"), "{told}");
}

#[test]
fn rotated_logs_of_several_nodes_are_read_and_a_code_that_is_nowhere_says_what_to_check() {
    let folder = tempfile::tempdir().unwrap();
    let line = |time: &str, code: &str, said: &str| {
        format!(
            "{{\"timestamp\":\"2026-11-27T10:00:00.{time}Z\",\"level\":\"INFO\",\"message\":\"{said}\",\"target\":\"mereau\",\"request_id\":\"{code}\"}}\n"
        )
    };
    let plain = folder.path().join("cas1.log");
    std::fs::write(
        &plain,
        line("300", "K7QD-2M9X", "third") + &line("200", "AAAA-2M9X", "other"),
    )
    .unwrap();
    let packed = folder.path().join("cas2.log.1.gz");
    let mut gz = flate2::write::GzEncoder::new(
        std::fs::File::create(&packed).unwrap(),
        flate2::Compression::fast(),
    );
    let noise = [0xff, 0xfe, b'\n', b'{', b'\n'];
    gz.write_all(&noise).unwrap();
    gz.write_all((line("100", "K7QD-2M9X", "first") + &line("200", "K7QD-2M9X", "second")).as_bytes())
        .unwrap();
    gz.finish().unwrap();
    // 0 is no symbol of a code: it was a Q.
    let (status, told, _) = trace("k70d2m9x", &[&plain, &packed], "");
    assert_eq!(status, Some(0), "{told}");
    let places = ["first", "second", "third"].map(|word| told.find(word).expect("a step"));
    assert!(places.is_sorted() && told.contains("cas2.log.1.gz"), "{told}");
    let (status, told, problem) = trace("K7QD-2M9Y", &[&plain, &packed], "");
    assert_eq!((status, told.as_str()), (Some(1), ""));
    assert!(
        problem.contains("occurs nowhere") && problem.contains("K7QD-2M9X has one symbol other: 3 lines"),
        "{problem}"
    );
    assert!(problem.contains("every node"), "{problem}");
    let (status, _, problem) = trace("no code at all", &[&plain], "");
    assert_eq!((status, problem.lines().count()), (Some(1), 1), "{problem}");
    for (bad, content) in [("cut.gz", &[0x1f, 0x8b, 8, 0][..]), ("none.log", &[])] {
        let path = folder.path().join(bad);
        if !content.is_empty() {
            std::fs::write(&path, content).unwrap();
        }
        let (status, _, problem) = trace("K7QD-2M9X", &[&path], "");
        assert_eq!((status, problem.lines().count()), (Some(1), 1), "{problem}");
        assert!(problem.contains(bad), "{problem}");
    }
}
