//! What becomes of a write when the primary breaks off, is silent or gives odd answers: nothing is
//! ever sent twice, and nothing is called done that is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mereau::base::names::{PersonKey, Username};
use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, ServiceAccount, WriteMethod, WriteSettings};
use mereau::directory::{
    Directory, DirectoryError, HookSettings, Manner, PasswordRefusal, PasswordWrite, Wrote,
};
use tokio::sync::Notify;

use crate::directory::password;
use crate::directory_faults::{directory, settings};
use crate::fake_ldap::{Asked, FakeLdap, Request, SERVICE_DN, Step, result, sound};

const MODIFY: Asked = Asked::Other(0x66);

fn is_write(request: &Request) -> bool {
    matches!(request.asked, MODIFY | Asked::Extended)
}

fn writing(servers: &[&FakeLdap], method: WriteMethod, limit: Duration) -> LdapDirectory {
    writing_with(servers, method, |write| write.limit = limit)
}

fn writing_with(
    servers: &[&FakeLdap],
    method: WriteMethod,
    change: impl FnOnce(&mut WriteSettings),
) -> LdapDirectory {
    let urls: Vec<String> = servers.iter().map(|server| server.url()).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let account = ServiceAccount {
        dn: SERVICE_DN.to_owned(),
        password: Secret::new("service".to_owned()),
    };
    let mut settings = settings(servers);
    let mut write = WriteSettings {
        server_hashes: true,
        ..WriteSettings::new(&urls, method, account)
    };
    change(&mut write);
    settings.write = Some(write);
    directory(settings)
}

async fn reset(directory: &LdapDirectory) -> Result<Wrote, DirectoryError> {
    let write = PasswordWrite {
        key: &PersonKey("key-anne".into()),
        new: &password("Nouveau-Sesame-1"),
        guard: None,
        manner: Manner::Reset,
    };
    directory.write_password(&write).await
}

/// Answers of writes by their order.
fn answering(codes: &'static [u8]) -> impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static {
    let count = std::sync::atomic::AtomicUsize::new(0);
    move |request| {
        if !is_write(request) {
            return sound(request);
        }
        let tag = if request.asked == MODIFY { 0x67 } else { 0x78 };
        match codes.get(count.fetch_add(1, Ordering::SeqCst)) {
            Some(code) => vec![Step::Send(result(request.id, tag, *code, b""))],
            None => vec![Step::Close],
        }
    }
}

fn writes(server: &FakeLdap) -> usize {
    server.seen().iter().filter(|request| is_write(request)).count()
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_an_error_and_is_never_sent_again() {
    // F-20, I1
    let patience = Duration::from_secs(60);
    for (method, answered, sent) in [
        (WriteMethod::Modify, &[][..], 1),
        (WriteMethod::Ds389, &[], 1),
        // The fence, then the password.
        (WriteMethod::Exop, &[], 1),
        (WriteMethod::Exop, &[0], 2),
    ] {
        let (primary, other) = (
            FakeLdap::start(answering(answered)).await,
            FakeLdap::start(answering(&[0, 0])).await,
        );
        let directory = writing(&[&primary, &other], method, patience);
        let error = reset(&directory).await.unwrap_err();
        assert!(matches!(error, DirectoryError::Unreachable(_)), "{error}");
        assert_eq!((writes(&primary), writes(&other)), (sent, 0), "{method:?}");
    }
}

#[tokio::test]
async fn a_primary_that_does_not_answer_a_write_is_an_error_within_the_deadline() {
    // F-20, F-16
    let silent = |request: &Request| match is_write(request) {
        true => vec![Step::Mute],
        false => sound(request),
    };
    let primary = FakeLdap::start(silent).await;
    let directory = writing(&[&primary], WriteMethod::Modify, Duration::from_millis(200));
    let error = reset(&directory).await.unwrap_err();
    assert!(matches!(error, DirectoryError::TimedOut { .. }), "{error}");
    assert!(!error.to_string().contains("Sesame"));
    assert_eq!(writes(&primary), 1);
}

#[tokio::test]
async fn a_fence_that_is_answered_too_late_is_followed_by_no_password() {
    // F-20, I-2
    let (go_on, told) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (held, came) = (go_on.clone(), told.clone());
    let primary = FakeLdap::start(move |request| match &request.asked {
        &MODIFY => vec![
            Step::WaitFor(held.clone()),
            Step::Send(result(request.id, 0x67, 0, b"")),
            Step::Tell(came.clone()),
        ],
        Asked::Extended => vec![Step::Send(result(request.id, 0x78, 0, b""))],
        _ => sound(request),
    })
    .await;
    let directory = writing(&[&primary], WriteMethod::Exop, Duration::from_millis(200));
    let error = reset(&directory).await.unwrap_err();
    assert!(matches!(error, DirectoryError::TimedOut { .. }), "{error}");
    go_on.notify_one();
    told.notified().await;
    let found = directory.find(&Username::typed("anne").unwrap()).await;
    assert!(found.is_ok(), "the directory answers");
    assert_eq!(writes(&primary), 1, "the fence alone");
}

#[tokio::test]
async fn what_hangs_after_a_password_is_written_hides_no_success_and_tells_the_sites_program() {
    // F-20, SEC-84
    let written = Arc::new(AtomicBool::new(false));
    let told = written.clone();
    let primary = FakeLdap::start(move |request| match &request.asked {
        Asked::Extended => {
            told.store(true, Ordering::SeqCst);
            vec![Step::Send(result(request.id, 0x78, 0, b""))]
        }
        &MODIFY => vec![Step::Send(result(request.id, 0x67, 0, b""))],
        _ if told.load(Ordering::SeqCst) => vec![Step::Mute],
        _ => sound(request),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let hook = HookSettings {
        command: vec!["sh".into(), "-c".into(), format!("cat > {}", heard.display())],
        limit: Duration::from_secs(60),
        witness: None,
    };
    let directory = writing_with(&[&primary], WriteMethod::Exop, |write| {
        write.limit = Duration::from_secs(2);
        write.hook = Some(hook);
    });
    assert_eq!(reset(&directory).await.unwrap(), Wrote::Done);
    assert!(
        std::fs::read_to_string(&heard)
            .unwrap()
            .contains("Nouveau-Sesame-1")
    );
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_found_by_the_reading_and_not_by_the_write() {
    // F-20
    let over = Arc::new(AtomicBool::new(false));
    let told = over.clone();
    let primary = FakeLdap::start(move |request| {
        if is_write(request) {
            return vec![Step::Send(result(request.id, 0x67, 0, b""))];
        }
        match told.load(Ordering::SeqCst) && request.connection == 0 {
            true => vec![Step::Close],
            false => sound(request),
        }
    })
    .await;
    let directory = writing(&[&primary], WriteMethod::Ds389, Duration::from_secs(60));
    assert_eq!(reset(&directory).await.unwrap(), Wrote::Done);
    over.store(true, Ordering::SeqCst);
    assert_eq!(reset(&directory).await.unwrap(), Wrote::Done);
    let on = |connection| {
        primary
            .seen()
            .iter()
            .filter(|request| is_write(request) && request.connection == connection)
            .count()
    };
    assert_eq!((on(0), on(1)), (1, 1));
    assert_eq!(writes(&primary), 2);
}

#[tokio::test]
async fn only_the_result_code_says_that_a_password_was_written() {
    // SEC-77
    for (codes, expected) in [
        (&[0, 0][..], Wrote::Done),
        (&[16], Wrote::Moved),
        (&[122], Wrote::Moved),
        (&[32], Wrote::Gone),
        (&[50], Wrote::Refused(PasswordRefusal::NotAllowed, None)),
    ] {
        let primary = FakeLdap::start(answering(codes)).await;
        let directory = writing(&[&primary], WriteMethod::Exop, Duration::from_secs(60));
        assert_eq!(reset(&directory).await.unwrap(), expected, "{codes:?}");
    }
    let primary = FakeLdap::start(answering(&[0, 19])).await;
    let directory = writing(&[&primary], WriteMethod::Exop, Duration::from_secs(60));
    let refused = reset(&directory).await.unwrap();
    assert!(
        matches!(refused, Wrote::Refused(PasswordRefusal::Quality, Some(_))),
        "{refused:?}"
    );
    // Referral, busy, unavailable, critical extension unknown: nothing that a person did.
    for code in [10, 12, 51, 52, 53, 80] {
        let codes: &'static [u8] = Box::leak(Box::new([0, code]));
        let primary = FakeLdap::start(answering(codes)).await;
        let directory = writing(&[&primary], WriteMethod::Exop, Duration::from_secs(60));
        let error = reset(&directory).await.unwrap_err();
        assert!(
            matches!(error, DirectoryError::Answered { .. }),
            "{code}: {error}"
        );
        assert_eq!(writes(&primary), 2, "{code}");
    }
}

#[tokio::test]
async fn a_directory_without_a_section_for_writing_sends_nothing() {
    let server = FakeLdap::start(sound).await;
    let directory = directory(settings(&[&server]));
    assert!(matches!(
        reset(&directory).await,
        Err(DirectoryError::NotWritable)
    ));
    assert!(!directory.writable() && server.seen().is_empty());
}
