//! Between a directory server and ldap3: takes the server's bytes, lets through whole messages
//! within our bounds only, and closes the connection at the first that is not (F-15). It does not
//! read what messages say.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;

use super::ber::{Violation, check_message, message_length};

/// A buffer that a long message stretched beyond this is given back once empty.
const KEPT: usize = 64 * 1024;

/// Violations since the start, over all connections.
static VIOLATIONS: AtomicU64 = AtomicU64::new(0);

/// How many connections were closed because a server broke the bounds.
pub fn violations() -> u64 {
    VIOLATIONS.load(Ordering::Relaxed)
}

/// What a guard has seen on its connection.
#[derive(Debug, Default)]
pub struct Watch(OnceLock<Violation>);

impl Watch {
    /// The violation that closed the connection.
    pub fn violation(&self) -> Option<Violation> {
        self.0.get().copied()
    }
}

/// Carries bytes both ways until either side closes or the server breaks a bound.
pub async fn stand<S>(server: S, client: UnixStream, watch: &Watch)
where
    S: AsyncRead + AsyncWrite,
{
    let (from_server, to_server) = tokio::io::split(server);
    let (from_client, to_client) = client.into_split();
    tokio::select! {
        outcome = inspect(from_server, to_client) => {
            if let Err(Some(violation)) = outcome {
                VIOLATIONS.fetch_add(1, Ordering::Relaxed);
                let _ = watch.0.set(violation);
                tracing::warn!(%violation, "a directory server broke the protocol; its connection is closed");
            }
        }
        () = carry(from_client, to_server) => {}
    }
}

/// From ldap3 to the server, as it comes.
async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut buffer = BytesMut::with_capacity(4096);
    while let Ok(1..) = from.read_buf(&mut buffer).await {
        let sent = to.write_all(&buffer).await;
        if sent.is_err() || to.flush().await.is_err() {
            return;
        }
        buffer.clear();
    }
    // ldap3 is done: tell the server, so that it need not guess.
    let _ = to.shutdown().await;
}

/// From the server to ldap3, message by message. `Err(None)` is a broken connection.
async fn inspect(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> Result<(), Option<Violation>> {
    let mut buffer = BytesMut::with_capacity(8192);
    loop {
        let read = from.read_buf(&mut buffer).await.map_err(|_| None)?;
        if read == 0 {
            return Ok(());
        }
        let whole = checked_prefix(&buffer).map_err(Some)?;
        if whole > 0 {
            let passing = buffer.get(..whole).unwrap_or_default();
            to.write_all(passing).await.map_err(|_| None)?;
            buffer.advance(whole);
        }
        if buffer.is_empty() && buffer.capacity() > KEPT {
            buffer = BytesMut::with_capacity(8192);
        }
    }
}

/// The length of the whole messages at the start of `bytes`, all of them checked.
fn checked_prefix(bytes: &[u8]) -> Result<usize, Violation> {
    let mut passed = 0;
    while let Some(rest) = bytes.get(passed..) {
        let Some(length) = message_length(rest)? else {
            break;
        };
        let Some(message) = rest.get(..length) else { break };
        check_message(message)?;
        passed += length;
    }
    Ok(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIND_DONE: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

    /// What ldap3 gets when a server sends `pieces`, and what the guard noted.
    async fn through(pieces: &[&[u8]]) -> (Vec<u8>, Option<Violation>) {
        let (mut server, near) = tokio::io::duplex(16);
        let (client, mut ldap3) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        let send = async {
            for piece in pieces {
                if server.write_all(piece).await.is_err() {
                    break;
                }
            }
            let _ = server.shutdown().await;
        };
        let receive = async {
            let mut got = Vec::new();
            ldap3.read_to_end(&mut got).await.unwrap();
            got
        };
        let ((), got, ()) = tokio::join!(stand(near, client, &watch), receive, send);
        (got, watch.violation())
    }

    #[tokio::test]
    async fn messages_in_any_slices_arrive_whole() {
        // F-15
        let slices: Vec<&[u8]> = BIND_DONE.chunks(1).collect();
        assert_eq!(through(&slices).await, (BIND_DONE.to_vec(), None));
        let twice = [BIND_DONE, BIND_DONE].concat();
        assert_eq!(through(&[&twice]).await, (twice.clone(), None));
        assert_eq!(through(&[&twice[..20]]).await, (BIND_DONE.to_vec(), None));
    }

    #[tokio::test]
    async fn nothing_of_a_bad_message_passes_and_it_is_counted() {
        // F-15
        let before = violations();
        let (got, violation) = through(&[b"\x30\x84\x59\x68\x2f\x00", b"\x02\x01\x01"]).await;
        assert_eq!(
            (got, violation),
            (Vec::new(), Some(Violation::TooLong(1_500_000_006)))
        );
        let (got, violation) = through(&[b"\x30\x00"]).await;
        assert_eq!((got, violation), (Vec::new(), Some(Violation::Malformed)));
        assert!(violations() >= before + 2);
    }
}
