//! TLS in front of something on this machine that knows none. It remembers what clients sent.

use std::sync::{Arc, Mutex, PoisonError};

use mereau::base::clock::SystemClock;
use mereau::tls::{ServerCertificates, TlsSettings, server_config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificates::Authority;
use super::child::folder;

pub struct Tunnel {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Tunnel {
    /// To what listens on `behind`, under a certificate for `localhost`.
    pub async fn to(authority: &Authority, behind: u16) -> Tunnel {
        let folder = folder("tunnel");
        let files = authority.issue_into(&folder, &["localhost"]);
        let files = TlsSettings {
            certificate: files.certificate,
            key: files.key,
        };
        let certificates = ServerCertificates::load(files, &SystemClock).expect("a certificate");
        let mut config = server_config(Arc::new(certificates)).expect("TLS");
        // What is behind it may know nothing but this.
        Arc::get_mut(&mut config).expect("nobody else's").alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(config);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(acceptor.clone(), stream, behind, log.clone()));
            }
        });
        Tunnel { port, heard }
    }

    /// `https://localhost:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Everything that clients sent until now, in clear.
    pub fn heard(&self) -> Vec<u8> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }
}

async fn carry(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    behind: u16,
    heard: Arc<Mutex<Vec<u8>>>,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = tokio::io::split(acceptor.accept(stream).await?);
    let inside = TcpStream::connect(("localhost", behind)).await?;
    let (mut from_inside, mut to_inside) = inside.into_split();
    let asking = async {
        let mut part = vec![0; 8192];
        loop {
            let length = from_client.read(&mut part).await?;
            if length == 0 {
                return to_inside.shutdown().await;
            }
            let said = part.get(..length).unwrap_or_default();
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(said);
            to_inside.write_all(said).await?;
        }
    };
    let answering = async {
        tokio::io::copy(&mut from_inside, &mut to_client).await?;
        to_client.shutdown().await
    };
    // A client that has its answer may go without a word.
    tokio::select! {
        ended = answering => ended,
        Err(error) = asking => Err(error),
    }
}
