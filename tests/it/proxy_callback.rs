//! The callback by which a portal gets its proxy-granting ticket: how it is called, and everything
//! that makes a validation fail with it.

use std::time::Duration;

use futures_util::poll;
use mereau::outgoing::OutgoingSettings;
use mereau::services::ServiceSettings;

use crate::certificates::Authority;
use crate::house::{CAMILLE, Callbacks, ENDLESS, FLOOD, House, Plan, build, encoded, login_path, service};
use crate::proxy::{PORTAL, asked, plan, proxied, proxying, validation};

async fn ticket(house: &House) -> String {
    house
        .browser()
        .sign_in(&login_path(PORTAL), CAMILLE)
        .await
        .ticket()
}

/// The answer to a validation with this `pgtUrl`, whose ticket must be spent whatever it says.
async fn validated(house: &House, wish: &str) -> String {
    let ticket = ticket(house).await;
    let answer = house
        .get_text(&validation("serviceValidate", PORTAL, &ticket, wish))
        .await;
    let again = house
        .get_text(&validation("serviceValidate", PORTAL, &ticket, ""))
        .await;
    assert!(again.contains("code=\"INVALID_TICKET\""), "{wish}: {again}");
    answer
}

/// The validation with this `pgtUrl` fails, and no portal can tell itself otherwise.
async fn refused(house: &House, wish: &str) {
    let answer = validated(house, wish).await;
    assert!(
        answer.contains("<cas:authenticationFailure code=\"INVALID_PROXY_CALLBACK\">"),
        "{wish}: {answer}"
    );
    assert!(!answer.contains("PGT") && !answer.contains("camille"), "{answer}");
}

#[tokio::test]
async fn the_callback_is_one_get_with_both_tickets_behind_what_the_url_held() {
    // CAS-100, CAS-102, CAS-111, CAS-147, CAS-164, CAS-165, CAS-166, CAS-170, CAS-171
    let (house, callbacks) = proxying().await;
    for (wish, begin) in [
        ("", "GET /pgt?pgtIou=PGTIOU-"),
        ("/in", "GET /pgt/in?pgtIou=PGTIOU-"),
        (
            "?a=b%20c&pgtx=%26#top",
            "GET /pgt?a=b%20c&pgtx=%26&pgtIou=PGTIOU-",
        ),
    ] {
        let answer = validated(&house, &callbacks.wish(wish)).await;
        let seen = callbacks.seen();
        assert_eq!(seen.len(), 1, "one call, no probe: {seen:?}");
        assert!(seen[0].starts_with(begin), "{}", seen[0]);
        assert!(seen[0].contains("&pgtId=PGT-") && !seen[0].contains("top"));
        let (pgt, iou) = crate::house::tickets_of(&seen[0]);
        assert_eq!((pgt.len(), iou.len()), (64, 64));
        assert!(!pgt.contains(&iou[7..]) && !iou.contains(&pgt[4..]));
        let told = format!("<cas:proxyGrantingTicket>{iou}</cas:proxyGrantingTicket>");
        assert_eq!(answer.matches(&told).count(), 1, "{answer}");
        assert!(!answer.contains(&pgt), "the PGT goes by callback only");
        let to = proxied(&house, &pgt, PORTAL).await;
        let proxy = callbacks.url(wish).replace('&', "&amp;");
        let answer = house
            .get_text(&validation("proxyValidate", PORTAL, &to, ""))
            .await;
        assert!(
            answer.contains(&format!("<cas:proxy>{proxy}</cas:proxy>")),
            "the URL as it was sent: {answer}"
        );
    }
    let plain = validated(&house, "").await;
    assert!(plain.contains("authenticationSuccess") && !plain.contains("proxyGrantingTicket"));
}

#[tokio::test]
async fn the_answer_waits_for_the_callback() {
    // CAS-169
    let (house, callbacks) = proxying().await;
    let path = validation(
        "serviceValidate",
        PORTAL,
        &ticket(&house).await,
        &callbacks.wish(""),
    );
    callbacks.hold().await;
    let mut answer = Box::pin(house.get_text(&path));
    tokio::select! {
        early = &mut answer => panic!("answered before the callback came: {early}"),
        () = callbacks.arrival() => {}
    }
    for _ in 0..100 {
        assert!(
            poll!(&mut answer).is_pending(),
            "answered before the callback did"
        );
        tokio::task::yield_now().await;
    }
    callbacks.release();
    assert!(answer.await.contains("<cas:proxyGrantingTicket>"));
    let (pgt, _) = callbacks.delivered();
    proxied(&house, &pgt, PORTAL).await;
}

#[tokio::test]
async fn a_callback_that_does_not_say_200_gets_nothing_that_works() {
    // CAS-105, CAS-147, CAS-155, CAS-165, CAS-168
    let (house, callbacks) = proxying().await;
    let elsewhere = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let moved: &'static str = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        elsewhere.url("")
    )
    .leak();
    for answer in [
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No\r\n\r\n",
        moved,
        "nonsense\r\n\r\n",
        "",
    ] {
        callbacks.answer_with(answer);
        refused(&house, &callbacks.wish("")).await;
        let (pgt, _) = callbacks.delivered();
        let known = asked(&house, &pgt, PORTAL).await;
        assert!(
            known.contains("code=\"INVALID_TICKET\""),
            "nothing is stored: {known}"
        );
    }
    assert!(elsewhere.seen().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn a_callback_that_is_not_registered_or_no_https_url_is_never_called() {
    // CAS-155, CAS-162, CAS-163, CAS-326
    let (house, callbacks) = proxying().await;
    let port = callbacks.port();
    for url in [
        format!("http://localhost:{port}/pgt"),
        format!("https://localhost:{port}/other"),
        format!("https://localhost:{port}/pgtx"),
        format!("https://127.0.0.1:{port}/pgt"),
        format!("https://localhost:{port}/pgt/../other"),
        format!("https://x@localhost:{port}/pgt"),
        format!("https://localhost.evil.com:{port}/pgt"),
        "https://portal.example.org/".to_owned(),
        "//localhost/pgt".to_owned(),
        "imap://localhost/pgt".to_owned(),
        "pgt".to_owned(),
    ] {
        refused(&house, &format!("&pgtUrl={}", encoded(&url))).await;
    }
    assert!(callbacks.seen().is_empty());
}

#[tokio::test]
async fn a_certificate_must_be_trusted_in_time_and_for_that_name() {
    // CAS-155, CAS-162
    let (house, _) = proxying().await;
    let over = house.authority.issue_as(&["localhost"], |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let stranger = Authority::new();
    for secured in [
        stranger.issue(&["localhost"]),
        house.authority.issue(&["portal.example.org"]),
        house.authority.issue(&["127.0.0.1"]),
        over,
    ] {
        let callbacks = Callbacks::start(secured).await;
        refused(&house, &callbacks.wish("")).await;
        assert!(callbacks.seen().is_empty(), "nothing was sent");
    }
    let sound = Callbacks::start(house.authority.issue(&["localhost"])).await;
    assert!(
        validated(&house, &sound.wish(""))
            .await
            .contains("<cas:proxyGrantingTicket>")
    );
}

#[tokio::test]
async fn a_callback_inside_the_network_is_called_only_when_it_is_listed() {
    // CAS-167, CAS-337, T-40
    let house = build(Plan {
        outgoing: OutgoingSettings::default(),
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    refused(&house, &callbacks.wish("")).await;
    assert!(callbacks.seen().is_empty());
}

#[tokio::test]
async fn a_callback_that_hangs_or_is_not_there_is_given_up() {
    // CAS-155, CAS-167, CAS-168
    let house = build(Plan {
        outgoing: OutgoingSettings {
            deadline: Duration::from_millis(200),
            ..plan().outgoing
        },
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    callbacks.hold().await;
    refused(&house, &callbacks.wish("")).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = listener.local_addr().unwrap().port();
    drop(listener);
    refused(
        &house,
        &format!("&pgtUrl={}", encoded(&format!("https://localhost:{gone}/pgt"))),
    )
    .await;
}

#[tokio::test]
async fn the_body_of_an_answer_counts_for_nothing() {
    // CAS-165, CAS-167
    let house = build(Plan {
        outgoing: OutgoingSettings {
            failures: 1,
            ..plan().outgoing
        },
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    for endless in [
        ENDLESS,
        FLOOD,
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense",
    ] {
        callbacks.answer_with(endless);
        let answer = validated(&house, &callbacks.wish("")).await;
        assert!(answer.contains("<cas:proxyGrantingTicket>"), "{answer}");
        let (pgt, _) = callbacks.delivered();
        proxied(&house, &pgt, PORTAL).await;
    }
}

#[tokio::test]
async fn a_session_that_ends_during_the_callback_grants_nothing() {
    // CAS-110, CAS-113
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let ticket = browser.sign_in(&login_path(PORTAL), CAMILLE).await.ticket();
    let path = validation("serviceValidate", PORTAL, &ticket, &callbacks.wish(""));
    callbacks.hold().await;
    let mut answer = Box::pin(house.get_text(&path));
    tokio::select! {
        early = &mut answer => panic!("answered before the callback came: {early}"),
        () = callbacks.arrival() => {}
    }
    browser.get("/cas/logout").await;
    callbacks.release();
    let answer = answer.await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "{answer}");
    let (pgt, _) = callbacks.delivered();
    assert!(
        asked(&house, &pgt, PORTAL)
            .await
            .contains("code=\"INVALID_TICKET\"")
    );
}

#[tokio::test]
async fn a_service_that_may_not_proxy_is_told_so_and_nobody_is_called() {
    // CAS-105, CAS-131, CAS-154
    let plain = build(Plan {
        services: vec![service("portal")],
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(plain.authority.issue(&["localhost"])).await;
    let answer = validated(&plain, &callbacks.wish("")).await;
    assert!(answer.contains("code=\"UNAUTHORIZED_SERVICE_PROXY\""), "{answer}");
    let (house, callbacks) = proxying().await;
    let first = validation("validate", PORTAL, &ticket(&house).await, &callbacks.wish(""));
    assert_eq!(house.get_text(&first).await, "yes\ncamille.dupont\n");
    assert!(callbacks.seen().is_empty(), "version one knows no proxies");
}

#[tokio::test]
async fn a_person_who_is_refused_is_not_told_to_the_callback() {
    // CAS-158, CAS-248
    let nameless = ServiceSettings {
        user: Some("attribute:employeeNumber".to_owned()),
        proxy_callbacks: vec!["https://localhost:*/pgt/**".to_owned()],
        ..service("portal")
    };
    let house = build(Plan {
        services: vec![nameless],
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let answer = validated(&house, &callbacks.wish("")).await;
    assert!(answer.contains("code=\"UNAUTHORIZED_SERVICE\""), "{answer}");
    assert!(callbacks.seen().is_empty());
}

#[tokio::test]
async fn no_ticket_of_a_proxy_stands_in_any_log_line() {
    // CAS-114, CAS-171, SEC-11, T-79
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (house, callbacks) = proxying().await;
    let good = ticket(&house).await;
    house
        .get_text(&validation(
            "serviceValidate",
            PORTAL,
            &good,
            &callbacks.wish("?secret=canary-7Hq2"),
        ))
        .await;
    let (pgt, iou) = callbacks.delivered();
    let pt = proxied(&house, &pgt, PORTAL).await;
    house
        .get_text(&validation(
            "proxyValidate",
            "https://other.example.org/",
            &pt,
            "",
        ))
        .await;
    asked(&house, &pgt, "https://elsewhere.example.com/?canary-7Hq2").await;
    show_no_urls(&house, &log, [&good, &pgt, &iou]).await;
    callbacks.answer_with("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    refused(&house, &callbacks.wish("?secret=canary-7Hq2")).await;
    let (failed, failed_iou) = callbacks.delivered();
    let written = log.text();
    for reason in [
        "PROXY_CALLBACK_STATUS",
        "proxy ticket refused",
        "TICKET_OTHER_SERVICE",
        "wanted=\"https://elsewhere.example.com/?…\"",
        "wanted=\"(no URL)\"",
        "issued_for=\"https://portal.example.org/\" validated_for=\"(no URL)\" differ=\"the second is no URL\"",
        "issued_for=\"imap://mail.example.org\"",
    ] {
        assert!(written.contains(reason), "{reason} is not told: {written}");
    }
    for secret in [
        &good,
        &pgt,
        &iou,
        &pt,
        &failed,
        &failed_iou,
        &"canary-7Hq2".to_owned(),
    ] {
        assert!(!written.contains(secret.as_str()), "{secret} in {written}");
    }
    let control = |line: &str| line.contains(char::is_control);
    assert!(!written.lines().any(control), "{written:?}");
}

/// Secrets, forged lines and a name that is registered, where a URL is expected.
async fn show_no_urls(house: &House, log: &Log, [good, pgt, iou]: [&str; 3]) {
    for no_url in [
        "imap://alice:canary-7Hq2@mail.example.org",
        "https://alice:canary-7Hq2@mail.example.org/",
        "x\ncanary-7Hq2 ERROR \u{1b}[31mforged",
        good,
        pgt,
        iou,
    ] {
        asked(house, pgt, no_url).await;
        let live = proxied(house, pgt, PORTAL).await;
        let path = validation("proxyValidate", no_url, &live, "");
        assert!(house.get_text(&path).await.contains("INVALID_SERVICE"));
        assert!(!log.text().contains(&live));
    }
    let live = proxied(house, pgt, "imap://mail.example.org").await;
    house
        .get_text(&validation("proxyValidate", PORTAL, &live, ""))
        .await;
}

/// Everything that is logged.
#[derive(Clone, Default)]
pub struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_service_s_own_authorities_are_trusted_for_its_callbacks_and_for_nobody_else_s() {
    // CAS-162
    let own = Authority::new();
    let mut services = crate::proxy::services();
    let portal = services.iter().find(|service| service.id == "portal").unwrap();
    services.push(ServiceSettings {
        id: "intranet".to_owned(),
        urls: vec!["https://intranet.example.org/**".to_owned()],
        ..portal.clone()
    });
    let house = build(Plan {
        services,
        own_roots: vec![("intranet", own.pem().to_owned())],
        ..plan()
    })
    .await;
    let by_own = Callbacks::start(own.issue(&["localhost"])).await;
    let by_usual = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let by_stranger = Callbacks::start(Authority::new().issue(&["localhost"])).await;
    let intranet = "https://intranet.example.org/";
    let cases = [
        (intranet, &by_own, true),
        (intranet, &by_usual, false),
        (intranet, &by_stranger, false),
        (PORTAL, &by_own, false),
        (PORTAL, &by_usual, true),
        (PORTAL, &by_stranger, false),
    ];
    for (number, (service, callbacks, is_trusted)) in cases.into_iter().enumerate() {
        let reply = house.browser().sign_in(&login_path(service), CAMILLE).await;
        let path = validation("serviceValidate", service, &reply.ticket(), &callbacks.wish(""));
        let answer = house.get_text(&path).await;
        let got = answer.contains("<cas:proxyGrantingTicket>");
        assert_eq!(got, is_trusted, "{number} {service}: {answer}");
        assert_eq!(
            callbacks.seen().len(),
            usize::from(is_trusted),
            "{number}: nothing is sent to a stranger"
        );
        if !is_trusted {
            assert!(answer.contains("INVALID_PROXY_CALLBACK"), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_service_s_own_authorities_open_no_address_inside_the_network() {
    // CAS-162, CAS-167, CAS-337
    let own = Authority::new();
    let house = build(Plan {
        own_roots: vec![("portal", own.pem().to_owned())],
        outgoing: OutgoingSettings::default(),
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(own.issue(&["localhost"])).await;
    refused(&house, &callbacks.wish("")).await;
    assert!(callbacks.seen().is_empty());
}
