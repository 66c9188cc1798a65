//! What `doctor` makes of directory servers that are hostile, silent or something else: one line for each
//! finding, and never an end of its own. Real servers with real faults are in tests/live.

use std::sync::Arc;
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::base::findings::{Finding, Level};
use mereau::directory::ldap::{LdapDirectory, LdapSettings};
use mereau::tls::Roots;

use crate::certificates::Authority;
use crate::directory_faults::settings;
use crate::fake_ldap::{Asked, FakeLdap, Step, entry, message, result, sound, tlv};

async fn told(settings: LdapSettings) -> Vec<Finding> {
    let directory = LdapDirectory::new(settings, Arc::new(SystemClock)).ok().unwrap();
    directory.inspect("realm x", &[]).await
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    let bad = findings.iter().filter(|finding| finding.level == Level::Fail);
    bad.map(|finding| finding.code).collect()
}

/// Every finding stays on its line and steers no terminal.
#[track_caller]
fn are_lines(findings: &[Finding]) {
    for line in findings.iter().map(ToString::to_string) {
        assert!(!line.contains(char::is_control), "{line:?}");
        assert!(line.chars().count() < 2200, "{} characters", line.chars().count());
    }
}

const HOSTILE: &[u8] = b"no\r\nOK    all is well\x1b[2J\x07\xe2\x80\xae";

#[tokio::test]
async fn a_hostile_answer_at_any_step_is_a_finding_of_one_line() {
    // F-15, T-92
    type Answer = fn(u8) -> Vec<u8>;
    let answers: [(&str, Answer); 7] = [
        ("a text that steers", |id| result(id, 0x65, 1, HOSTILE)),
        ("a text that is none", |id| result(id, 0x65, 80, b"\xff\xfe")),
        ("garbage", |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("an empty sequence", |_| b"\x30\x00".to_vec()),
        ("another operation", |id| message(id, &tlv(0x7d, b""))),
        ("1.5 GB", |_| b"\x30\x84\x59\x68\x2f\x00\x02\x01".to_vec()),
        ("a name that steers", |id| {
            [entry(id, "\x1b[2J\r\n"), result(id, 0x65, 0, HOSTILE)].concat()
        }),
    ];
    for (name, bad) in answers {
        for step in 0..6 {
            let server = FakeLdap::start(move |request| match (&request.asked, usize::from(request.id)) {
                (Asked::Search { .. }, id) if id > step => vec![Step::Send(bad(request.id))],
                _ => sound(request),
            })
            .await;
            let lines = told(settings(&[&server])).await;
            assert!(!lines.is_empty(), "{name}, at request {step}");
            are_lines(&lines);
        }
    }
    let server = FakeLdap::start(|request| match &request.asked {
        Asked::Bind { .. } => vec![Step::Send(result(request.id, 0x61, 49, HOSTILE))],
        _ => sound(request),
    })
    .await;
    let findings = told(settings(&[&server])).await;
    are_lines(&findings);
    assert_eq!(codes(&findings), ["DIR_ACCOUNT_REFUSED"]);
}

#[tokio::test]
async fn a_silent_server_holds_up_nothing_and_is_told_beside_the_good_one() {
    // F-13
    let mute = FakeLdap::start(|request| match &request.asked {
        Asked::Search { .. } => vec![Step::Mute],
        _ => sound(request),
    })
    .await;
    let good = FakeLdap::start(|request| match &request.asked {
        Asked::Search { base, .. } if base.is_empty() => {
            vec![Step::Send(
                [entry(request.id, "root"), result(request.id, 0x65, 0, b"")].concat(),
            )]
        }
        _ => sound(request),
    })
    .await;
    let mut settings = settings(&[&mute, &good]);
    settings.limits.operation = Duration::from_secs(2);
    settings.limits.next_server_after = Duration::from_millis(50);
    let findings = told(settings).await;
    assert_eq!(codes(&findings), ["DIR_NO_ANSWER"], "{findings:?}");
    let of = |server: &FakeLdap, code: &str| {
        let about = server.url();
        findings
            .iter()
            .any(|finding| finding.about.contains(&about) && finding.code == code)
    };
    assert!(
        of(&mute, "DIR_NO_ANSWER") && of(&good, "DIR_ACCOUNT") && of(&good, "DIR_PEOPLE"),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_named_as_such() {
    // T-52
    let folder = tempfile::tempdir().unwrap();
    let certificate = Authority::new().issue_into(folder.path(), &["localhost"]);
    let server = FakeLdap::start(|_| vec![Step::Close]).await;
    let mut settings = settings(&[&server]);
    settings.urls = vec![server.url().replace("ldap://", "ldaps://")];
    settings.roots = Roots::File(certificate.authority);
    let findings = told(settings).await;
    assert_eq!(codes(&findings), ["DIR_TLS_REFUSED"], "{findings:?}");
    are_lines(&findings);
}
