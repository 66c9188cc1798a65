//! The edge behind TLS: silent clients, versions, and certificates replaced while connections are
//! open.

use std::path::Path;
use std::sync::Arc;

use mereau::base::clock::SystemClock;
use mereau::http::server::ServerSettings;
use mereau::tls::{CertificateError, Roots, ServerCertificates, TlsSettings, client_config, server_config};
use rustls_pki_types::ServerName;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::client::Client;
use super::server::{SOON, TestServer, layers, patient, start_with};

const REQUEST: &str = "GET /get HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A server with a certificate of its own that can be replaced.
pub struct Secured {
    pub server: TestServer,
    pub certificates: Arc<ServerCertificates>,
    pub folder: TempDir,
}

pub async fn start_secured(settings: ServerSettings) -> Secured {
    let folder = tempfile::tempdir().unwrap();
    write_pair(folder.path(), folder.path());
    let files = TlsSettings {
        certificate: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    let certificates = Arc::new(ServerCertificates::load(files, &SystemClock).unwrap());
    let config = server_config(Arc::clone(&certificates)).unwrap();
    Secured {
        server: start_with(settings, layers(), Some(config)).await,
        certificates,
        folder,
    }
}

/// A new pair for localhost, certificate and key each into a folder of its own.
fn write_pair(certificate: &Path, key: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(certificate.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(key.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

impl Secured {
    /// Connects and trusts exactly the certificate that lies in the folder now.
    pub async fn connect(&self, protocol: &str) -> std::io::Result<TlsStream<TcpStream>> {
        let roots = Roots::File(self.folder.path().join("cert.pem"));
        let mut config = (*client_config(&roots).unwrap()).clone();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let stream = TcpStream::connect(self.server.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

#[tokio::test]
async fn a_client_that_is_silent_before_or_after_the_handshake_is_closed() {
    // T-01, F-28
    let secured = start_secured(ServerSettings {
        handshake: SOON,
        ..patient()
    })
    .await;
    assert!(
        Client::connect(secured.server.address)
            .await
            .closed()
            .await
            .is_empty()
    );

    let secured = start_secured(ServerSettings {
        first_byte: SOON,
        ..patient()
    })
    .await;
    for protocol in ["http/1.1", "h2"] {
        let mut client = Client::on(secured.connect(protocol).await.unwrap());
        // HTTP/2 servers may speak first; what counts is that it ends.
        client.closed().await;
    }
}

#[tokio::test]
async fn bytes_that_are_no_handshake_end_the_connection_and_nothing_else() {
    // T-01
    let secured = start_secured(patient()).await;
    let mut client = Client::connect(secured.server.address).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    client.closed().await;
    let mut client = Client::on(secured.connect("http/1.1").await.unwrap());
    client.send(REQUEST).await;
    assert_eq!(
        client.answer().await.headers["strict-transport-security"],
        "max-age=31536000"
    );
}

#[tokio::test]
async fn a_new_certificate_serves_new_connections_and_leaves_the_open_ones() {
    // T-13, F-24
    let secured = start_secured(patient()).await;
    let mut open = Client::on(secured.connect("http/1.1").await.unwrap());
    open.send(REQUEST).await;
    assert_eq!(open.answer().await.status, 200);

    write_pair(secured.folder.path(), secured.folder.path());
    assert!(
        secured.connect("http/1.1").await.is_err(),
        "still the old certificate"
    );
    secured.certificates.reload(&SystemClock).unwrap();
    let mut fresh = Client::on(secured.connect("http/1.1").await.unwrap());
    for client in [&mut open, &mut fresh] {
        client.send(REQUEST).await;
        assert_eq!(client.answer().await.status, 200);
    }
}

#[test]
fn an_rsa_key_below_2048_bits_is_refused() {
    // T-14
    let fixture = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/tls")
            .join(name)
    };
    let files = TlsSettings {
        certificate: fixture("rsa1024-cert.pem"),
        key: fixture("rsa1024-key.pem"),
    };
    let refused = ServerCertificates::load(files, &SystemClock);
    assert!(matches!(refused, Err(CertificateError::Unusable(_))));
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_and_the_old_pair_serves_on() {
    // T-13, T-14, F-24
    let secured = start_secured(patient()).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = std::fs::read(secured.folder.path().join("cert.pem")).unwrap();
    write_pair(elsewhere.path(), secured.folder.path());
    let refused = secured.certificates.reload(&SystemClock).unwrap_err();
    assert!(refused.to_string().contains("certificate and key"), "{refused}");
    assert_eq!(
        std::fs::read(secured.folder.path().join("cert.pem")).unwrap(),
        kept
    );
    let mut client = Client::on(secured.connect("http/1.1").await.unwrap());
    client.send(REQUEST).await;
    assert_eq!(client.answer().await.status, 200);
}
