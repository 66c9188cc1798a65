//! A cable between two servers that a test can hold: what is on its way waits, nothing is lost.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub struct Link {
    port: u16,
    held: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl Link {
    /// Leads to `127.0.0.1:to`.
    pub async fn to(to: u16) -> Link {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let held = Arc::new(watch::channel(false).0);
        let told = held.clone();
        let task = tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else {
                    continue;
                };
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else {
                    continue;
                };
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                tokio::spawn(carry(near_in, far_out, told.subscribe()));
                tokio::spawn(carry(far_in, near_out, told.subscribe()));
            }
        });
        Link { port, held, task }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on nothing arrives, either way.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// What waited arrives, and what follows.
    pub fn release(&self) {
        self.held.send_replace(false);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut held: watch::Receiver<bool>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if held.wait_for(|held| !held).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
