//! Text messages through an HTTP gateway on a real socket.

use std::time::Duration;

use mereau::base::names::PhoneNumber;
use mereau::base::secret::Secret;
use mereau::messages::gateway::{BodyFormat, Gateway, GatewaySettings};
use mereau::messages::{Composed, Content, Destination, Post, PostError};
use mereau::outgoing::{Outgoing, OutgoingSettings};
use mereau::tls::Roots;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::post::{LINK, mail};

fn message() -> Composed {
    Composed {
        to: Destination::Sms(PhoneNumber::stored("06 12 34 56 78", "33").unwrap()),
        content: Content::Sms {
            text: "LEIA : code 4821 7730 & \"plus\"\n@leia.example #48217730".to_owned(),
        },
        ..mail("sms", LINK)
    }
}

fn gateway(port: u16) -> Gateway {
    let settings = GatewaySettings {
        url: format!("http://127.0.0.1:{port}/send?to={{digits}}"),
        method: http::Method::POST,
        headers: vec![(http::header::AUTHORIZATION, "Bearer {secret}".to_owned())],
        body: "{\"to\": \"{to}\", \"text\": \"{text}\", \"from\": \"{sender}\"}".to_owned(),
        format: BodyFormat::Json,
        secret: Some(Secret::new("s3cret".to_owned())),
    };
    let outgoing = Outgoing::new(OutgoingSettings {
        deadline: Duration::from_secs(20),
        ..OutgoingSettings::default()
    });
    let outgoing = outgoing.unwrap().towards("127.0.0.1", Roots::System, 4).unwrap();
    Gateway::new(settings, outgoing)
}

/// Answers one request with `status` and tells what it was.
async fn answering(listener: &TcpListener, status: u16) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.ends_with(b"}") {
        let read = stream.read(&mut chunk).await.unwrap();
        request.extend(&chunk[..read]);
    }
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8(request).unwrap()
}

#[tokio::test]
async fn a_text_message_reaches_the_gateway_as_it_is() {
    // S2-02, SEC-39
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway(listener.local_addr().unwrap().port());
    let message = message();
    let (sent, request) = tokio::join!(gateway.send(&message), answering(&listener, 202));
    assert_eq!(sent.unwrap().receipt.as_deref(), Some("202"));
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /send?to=33612345678 HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("authorization: Bearer s3cret\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["to"], "+33612345678");
    assert_eq!(
        body["text"],
        "LEIA : code 4821 7730 & \"plus\"\n@leia.example #48217730"
    );
    assert_eq!(body["from"], "LEIA");
}

#[tokio::test]
async fn what_a_gateway_answers_decides_whether_to_ask_again() {
    // SEC-60
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway(listener.local_addr().unwrap().port());
    let message = message();
    for (status, expected) in [
        (400, PostError::Refused("400".to_owned())),
        (503, PostError::Later("503".to_owned())),
        (401, PostError::Later("401".to_owned())),
    ] {
        let (sent, _) = tokio::join!(gateway.send(&message), answering(&listener, status));
        assert_eq!(sent, Err(expected));
    }
    assert!(
        gateway
            .send(&mail("x", LINK))
            .await
            .is_err_and(|error| !error.may_pass())
    );
    drop(listener);
    assert!(matches!(
        gateway.send(&message).await,
        Err(PostError::Unreachable(_))
    ));
}
