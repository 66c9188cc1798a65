//! The ways from a server to what it works with, stopped at the nth message that it sends over any of
//! them: before that message has arrived, or after it has arrived and before it is answered. Nothing
//! moves from then on: a process that is killed then has got exactly so far.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Which side of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    All,
    /// What servers are asked still arrives, what they answer does not.
    Questions,
    Nothing,
}

/// What all ways have in common.
#[derive(Clone)]
pub struct Points {
    /// Messages until the one, and which side of it.
    armed: Arc<Mutex<Option<(usize, Side)>>>,
    pass: Arc<watch::Sender<Pass>>,
    reached: Arc<watch::Sender<bool>>,
    /// What is sent all the time and is no message of a request.
    noise: &'static [&'static [u8]],
}

impl Points {
    pub fn new(noise: &'static [&'static [u8]]) -> Points {
        Points {
            armed: Arc::default(),
            pass: Arc::new(watch::channel(Pass::All).0),
            reached: Arc::new(watch::channel(false).0),
            noise,
        }
    }

    /// A way to `127.0.0.1:to`; the port where it begins.
    pub async fn way(&self, to: u16) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let points = self.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else {
                    continue;
                };
                let (near, far) = (near.into_split(), far.into_split());
                tokio::spawn(points.clone().ask(near.0, far.1));
                tokio::spawn(points.clone().answer(far.0, near.1));
            }
        });
        port
    }

    /// Stops at the `nth` message from now on, counted from 1.
    pub fn stop_at(&self, nth: usize, side: Side) {
        self.reached.send_replace(false);
        *self.armed.lock().unwrap() = Some((nth, side));
    }

    /// That message has come.
    pub async fn reached(&self) {
        let mut reached = self.reached.subscribe();
        let _ = reached.wait_for(|reached| *reached).await;
    }

    /// Everything passes again; `false`: it was never stopped.
    pub fn release(&self) -> bool {
        let armed = self.armed.lock().unwrap().take();
        self.pass.send_replace(Pass::All);
        armed.is_none()
    }

    async fn ask(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let pass = self.pass.subscribe();
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            let message = &bytes[..count];
            match self.stops(message) {
                Some(Side::Before) => {
                    self.pass.send_replace(Pass::Nothing);
                    self.reached.send_replace(true);
                }
                Some(Side::After) => _ = self.pass.send_replace(Pass::Questions),
                None => {}
            }
            // What was stopped never arrives: whoever sent it is dead when things move again.
            if *pass.borrow() == Pass::Nothing {
                let mut pass = pass.clone();
                let _ = pass.wait_for(|pass| *pass == Pass::All).await;
                return;
            }
            if to.write_all(message).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    }

    async fn answer(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let pass = self.pass.subscribe();
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            let now = *pass.borrow();
            if now == Pass::Questions {
                self.reached.send_replace(true);
            }
            if now != Pass::All {
                // The connection stays open and says nothing more.
                let mut pass = pass.clone();
                let _ = pass.wait_for(|pass| *pass == Pass::All).await;
                return;
            }
            if to.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    }

    fn stops(&self, message: &[u8]) -> Option<Side> {
        let holds = |part: &&[u8]| message.windows(part.len()).any(|window| window == *part);
        if self.noise.iter().any(holds) {
            return None;
        }
        let mut armed = self.armed.lock().unwrap();
        let (left, side) = armed.as_mut()?;
        *left -= 1;
        if *left > 0 {
            return None;
        }
        let side = *side;
        *armed = None;
        Some(side)
    }
}
