//! The HTTP client and single logout against real listeners.

use http::StatusCode;
use mereau::outgoing::{Outgoing, OutgoingError, OutgoingSettings};
use mereau::tls::Roots;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;

use super::server::{PATIENCE, SOON, patient};
use super::tls::start_secured;

/// Listens on loopback and hands every connection to the test.
async fn application() -> (Url, mpsc::UnboundedReceiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/logout?a=b", listener.local_addr().unwrap());
    let (give, connections) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if give.send(stream).is_err() {
                return;
            }
        }
    });
    (Url::parse(&url).unwrap(), connections)
}

async fn next(connections: &mut mpsc::UnboundedReceiver<TcpStream>) -> TcpStream {
    let next = tokio::time::timeout(PATIENCE, connections.recv()).await;
    next.expect("nobody called").unwrap()
}

/// Reads one request whose body ends in `end` and answers it.
async fn respond(stream: &mut TcpStream, end: &str, answer: &str) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(end.as_bytes()) {
        let mut buffer = [0; 1024];
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "{:?}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..count]);
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8(seen).unwrap()
}

/// A client that may call loopback.
fn outgoing(change: impl FnOnce(&mut OutgoingSettings)) -> Outgoing {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let made = rcgen::generate_simple_self_signed(vec!["ca".to_owned()]).unwrap();
    std::fs::write(&ca, made.cert.pem()).unwrap();
    let mut settings = OutgoingSettings {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        roots: Roots::File(ca),
        ..OutgoingSettings::default()
    };
    change(&mut settings);
    Outgoing::new(settings).unwrap()
}

#[tokio::test]
async fn a_form_is_posted_as_it_is_and_the_status_comes_back() {
    // CAS-193
    let (url, mut connections) = application().await;
    let client = outgoing(|_| {});
    let form = "logoutRequest=%3Csamlp%3E".to_owned();
    let (seen, status) = tokio::join!(
        async {
            let mut stream = next(&mut connections).await;
            respond(
                &mut stream,
                "%3E",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            )
            .await
        },
        client.post_form(&url, form)
    );
    assert_eq!(status.unwrap(), StatusCode::OK);
    let seen = seen.to_lowercase();
    assert!(seen.starts_with("post /logout?a=b http/1.1\r\n"), "{seen}");
    assert!(seen.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(seen.contains(&format!("host: 127.0.0.1:{}\r\n", url.port().unwrap())));
    assert!(seen.ends_with("\r\n\r\nlogoutrequest=%3csamlp%3e"));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    // CAS-167, T-40
    let (url, mut connections) = application().await;
    let (elsewhere, mut others) = application().await;
    let client = outgoing(|_| {});
    let moved = format!("HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n");
    let (_, status) = tokio::join!(
        async { respond(&mut next(&mut connections).await, "\r\n\r\n", &moved).await },
        client.get(&url)
    );
    assert_eq!(status.unwrap(), StatusCode::FOUND);
    assert!(others.try_recv().is_err());
}

#[tokio::test]
async fn loopback_is_not_called_unless_it_is_listed() {
    // CAS-167, T-40
    let (url, mut connections) = application().await;
    let by_name = Url::parse(&format!("http://localhost:{}/", url.port().unwrap())).unwrap();
    let client = outgoing(|settings| settings.allowed.clear());
    for url in [&url, &by_name] {
        let refused = client.post_form(url, String::new()).await;
        assert!(matches!(refused, Err(OutgoingError::Forbidden { .. })), "{url}");
    }
    assert!(connections.try_recv().is_err());

    let client = outgoing(|settings| settings.allowed = vec!["localhost".parse().unwrap()]);
    assert!(matches!(
        client.get(&url).await,
        Err(OutgoingError::Forbidden { .. })
    ));
    let (_, status) = tokio::join!(
        async {
            respond(
                &mut next(&mut connections).await,
                "\r\n\r\n",
                "HTTP/1.1 204 No\r\n\r\n",
            )
            .await
        },
        client.get(&by_name)
    );
    assert_eq!(status.unwrap(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_application_that_hangs_is_waited_for_until_the_deadline_and_then_left_alone() {
    // CAS-167, CAS-198, F-31
    let (url, mut connections) = application().await;
    let client = outgoing(|settings| {
        settings.deadline = SOON;
        settings.failures = 2;
    });
    for _ in 0..2 {
        assert!(matches!(client.get(&url).await, Err(OutgoingError::Late { .. })));
        next(&mut connections).await;
    }
    assert!(matches!(
        client.get(&url).await,
        Err(OutgoingError::Resting { .. })
    ));
    assert!(connections.try_recv().is_err());
}

#[tokio::test]
async fn failures_for_one_purpose_are_not_held_against_another() {
    // F-31
    let (url, mut connections) = application().await;
    let client = outgoing(|settings| settings.failures = 1);
    let callbacks = client.apart(64);
    let (_, hung_up) = tokio::join!(async { drop(next(&mut connections).await) }, client.get(&url));
    assert!(matches!(hung_up, Err(OutgoingError::Http { .. })));
    assert!(matches!(
        client.get(&url).await,
        Err(OutgoingError::Resting { .. })
    ));
    let fine = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let (_, status) = tokio::join!(
        async { respond(&mut next(&mut connections).await, "\r\n\r\n", fine).await },
        callbacks.get(&url)
    );
    assert_eq!(status.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn an_endless_answer_is_hung_up_on_and_its_status_counts() {
    // CAS-167, T-40
    let (url, mut connections) = application().await;
    let client = outgoing(|_| {});
    let call = tokio::spawn(async move { client.get(&url).await });
    let mut stream = next(&mut connections).await;
    respond(&mut stream, "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n").await;
    let flood = async { while stream.write_all(&[b'x'; 4096]).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, flood)
        .await
        .expect("it reads on and on");
    assert_eq!(call.await.unwrap().unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_for_another_name_is_refused() {
    // T-40
    let secured = start_secured(patient()).await;
    let port = secured.server.address.port();
    let url = |host: &str| Url::parse(&format!("https://{host}:{port}/get")).unwrap();
    let stranger = outgoing(|_| {});
    assert!(matches!(
        stranger.get(&url("localhost")).await,
        Err(OutgoingError::Tls { .. })
    ));

    let trusting = outgoing(|settings| settings.roots = Roots::File(secured.folder.path().join("cert.pem")));
    assert_eq!(trusting.get(&url("localhost")).await.unwrap(), StatusCode::OK);
    assert!(matches!(
        trusting.get(&url("127.0.0.1")).await,
        Err(OutgoingError::Tls { .. })
    ));
}
