//! A way to the directory that is open half the time: it takes every connection, and while it is shut it
//! keeps the bytes of both directions to itself. It never closes anything.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// From when, and until when once it is over.
type Hang = (Instant, Option<Instant>);

pub struct Hanging {
    pub port: u16,
    gate: Arc<watch::Sender<bool>>,
    hangs: Arc<Mutex<Vec<Hang>>>,
    listening: JoinHandle<()>,
    changing: Option<JoinHandle<()>>,
}

impl Hanging {
    /// Open, before the server on `port`.
    pub async fn before(port: u16) -> anyhow::Result<Hanging> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (gate, open) = watch::channel(true);
        Ok(Hanging {
            port: listener.local_addr()?.port(),
            gate: Arc::new(gate),
            hangs: Arc::default(),
            listening: tokio::spawn(listen(listener, port, open)),
            changing: None,
        })
    }

    /// From now on shut for `span`, open for `span`, and so on.
    pub fn hang_half_the_time(&mut self, span: Duration) {
        let (gate, hangs) = (Arc::clone(&self.gate), Arc::clone(&self.hangs));
        let told = move |open: bool| {
            let mut hangs = hangs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            match (open, hangs.last_mut()) {
                (true, Some((_, end))) => *end = Some(Instant::now()),
                _ => hangs.push((Instant::now(), None)),
            }
            gate.send_replace(open);
        };
        self.changing = Some(tokio::spawn(async move {
            let mut beat = tokio::time::interval(span);
            let mut open = true;
            loop {
                beat.tick().await;
                open = !open;
                told(open);
            }
        }));
    }

    /// When it was shut, until when.
    pub fn hangs(&self) -> Vec<(Instant, Option<Instant>)> {
        let hangs = self.hangs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        hangs.clone()
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.listening.abort();
        if let Some(changing) = &self.changing {
            changing.abort();
        }
    }
}

async fn listen(listener: TcpListener, port: u16, open: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        let open = open.clone();
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else {
                return;
            };
            let ((from, to), (back, forth)) = (client.into_split(), server.into_split());
            tokio::spawn(carry(from, forth, open.clone()));
            carry(back, to, open).await;
        });
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut open: watch::Receiver<bool>) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let may_pass = open.wait_for(|open| *open).await.is_ok();
        if !may_pass || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
