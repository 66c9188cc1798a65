//! Between a Redis server and the crate that reads its replies: lets their bytes through as long as each
//! reply stays within our bounds, and breaks the connection at the first that does not. It does not read
//! what replies say.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line: a simple string, an error, a number.
const LONGEST_LINE: usize = 64 * 1024;

/// Bytes of one reply with all that is in it. The largest of ours lists the connections of one account: with
/// addresses of a usual length it stays below 26 MiB.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Values in one reply, however nested.
const MOST_VALUES: usize = 200_000;

/// Values within values. Ours go four deep.
const DEEPEST: usize = 16;

/// What was wrong with a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    #[error("bytes that are no reply of Redis")]
    NotRedis,
    #[error("a line of more than {LONGEST_LINE} bytes")]
    LongLine,
    #[error("a reply of more than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("a reply of more than {MOST_VALUES} values")]
    TooMany,
    #[error("values more than {DEEPEST} deep")]
    TooDeep,
}

/// A stream whose replies are watched.
pub(super) struct Guarded<S> {
    stream: S,
    bounds: Bounds,
    broken: Option<Violation>,
}

impl<S> Guarded<S> {
    pub fn new(stream: S) -> Guarded<S> {
        Guarded {
            stream,
            bounds: Bounds::default(),
            broken: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(violation) = this.broken {
            return Poll::Ready(Err(broken(violation)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        Poll::Ready(this.bounds.pass(new).map_err(|violation| {
            tracing::warn!(%violation, "Redis broke the protocol; its connection is closed");
            this.broken = Some(violation);
            broken(violation)
        }))
    }
}

fn broken(violation: Violation) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, violation)
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// How far the reply has come that is on its way.
#[derive(Default)]
struct Bounds {
    bytes: usize,
    values: usize,
    /// What is still to come of each value that holds others, the outermost first.
    open: Vec<usize>,
    at: At,
}

#[derive(Default)]
enum At {
    #[default]
    Start,
    Line(Line),
    /// So many bytes are left, the end of line after them included.
    Bulk(usize),
}

/// A line of which the first byte was read.
struct Line {
    kind: u8,
    length: usize,
    number: Number,
    last: u8,
}

/// The number on a line that says how long something is.
#[derive(Clone, Copy)]
struct Number {
    negative: bool,
    value: usize,
}

impl Bounds {
    fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Violation> {
        while let Some((first, rest)) = bytes.split_first() {
            let taken = match &mut self.at {
                At::Start => {
                    self.begin(*first)?;
                    1
                }
                At::Line(line) => {
                    let end = line.read(*first)?;
                    if end {
                        let (kind, number) = (line.kind, line.number);
                        self.end_line(kind, number)?;
                    }
                    1
                }
                At::Bulk(left) => {
                    let taken = bytes.len().min(*left);
                    *left -= taken;
                    if *left == 0 {
                        self.end_value();
                    }
                    taken
                }
            };
            // A reply that ended just now has counted already.
            if !matches!(self.at, At::Start) || !self.open.is_empty() {
                self.bytes += taken;
            }
            if self.bytes > MOST_BYTES {
                return Err(Violation::TooLarge);
            }
            bytes = match taken {
                1 => rest,
                _ => bytes.get(taken..).unwrap_or_default(),
            };
        }
        Ok(())
    }

    fn begin(&mut self, kind: u8) -> Result<(), Violation> {
        if !b"+-:$*%|~_,#!=(>".contains(&kind) {
            return Err(Violation::NotRedis);
        }
        self.at = At::Line(Line {
            kind,
            length: 0,
            number: Number {
                negative: false,
                value: 0,
            },
            last: 0,
        });
        Ok(())
    }

    fn end_line(&mut self, kind: u8, number: Number) -> Result<(), Violation> {
        let held = match kind {
            b'$' | b'!' | b'=' if number.negative => 0,
            b'$' | b'!' | b'=' => {
                if self.bytes.saturating_add(number.value) > MOST_BYTES {
                    return Err(Violation::TooLarge);
                }
                self.at = At::Bulk(number.value + 2);
                return Ok(());
            }
            b'*' | b'~' | b'>' if number.negative => 0,
            b'*' | b'~' | b'>' => number.value,
            b'%' => number.value.saturating_mul(2),
            // And what the attributes are about.
            b'|' => number.value.saturating_mul(2).saturating_add(1),
            _ => 0,
        };
        if held == 0 {
            self.end_value();
            return Ok(());
        }
        self.values = self.values.saturating_add(held);
        if self.values > MOST_VALUES {
            return Err(Violation::TooMany);
        }
        self.open.push(held);
        if self.open.len() > DEEPEST {
            return Err(Violation::TooDeep);
        }
        self.at = At::Start;
        Ok(())
    }

    fn end_value(&mut self) {
        self.at = At::Start;
        while let Some(left) = self.open.last_mut() {
            *left -= 1;
            if *left > 0 {
                return;
            }
            self.open.pop();
        }
        (self.bytes, self.values) = (0, 0);
    }
}

impl Line {
    /// Whether the line ends with this byte.
    fn read(&mut self, byte: u8) -> Result<bool, Violation> {
        if byte == b'\n' && self.last == b'\r' {
            return Ok(true);
        }
        self.length += 1;
        if self.length > LONGEST_LINE {
            return Err(Violation::LongLine);
        }
        if b"$!=*~>%|".contains(&self.kind) {
            self.number(byte)?;
        }
        self.last = byte;
        Ok(false)
    }

    fn number(&mut self, byte: u8) -> Result<(), Violation> {
        let number = &mut self.number;
        match byte {
            b'0'..=b'9' if self.last != b'\r' => {
                let digit = usize::from(byte - b'0');
                number.value = number.value.saturating_mul(10).saturating_add(digit);
            }
            b'-' if self.length == 1 => number.negative = true,
            b'\r' if self.length > 1 && self.last != b'\r' => {}
            _ => return Err(Violation::NotRedis),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of bytes that come in pieces of `piece`.
    fn fed(bytes: &[u8], piece: usize) -> Result<Bounds, Violation> {
        let mut bounds = Bounds::default();
        for part in bytes.chunks(piece) {
            bounds.pass(part)?;
        }
        Ok(bounds)
    }

    #[test]
    fn whole_replies_of_every_kind_pass_in_pieces_of_any_size() {
        // F-10
        let replies: &[u8] = b"+OK\r\n-ERR no\r\n:42\r\n$5\r\nhe\r\no\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n\
            %1\r\n+k\r\n*0\r\n|1\r\n+a\r\n+b\r\n:1\r\n~2\r\n#t\r\n_\r\n,1.5\r\n(123\r\n=5\r\ntxt:x\r\n!3\r\nERR\r\n>1\r\n+push\r\n";
        for piece in [1, 2, 3, 7, replies.len()] {
            let bounds = fed(replies, piece).expect("good replies");
            assert!(matches!(bounds.at, At::Start) && bounds.open.is_empty());
            assert_eq!((bounds.bytes, bounds.values), (0, 0));
        }
    }

    #[test]
    fn what_is_no_reply_or_too_much_of_one_is_refused_before_it_has_come() {
        // F-10
        let refused = |bytes: &[u8]| fed(bytes, 1).err();
        assert_eq!(refused(b"HTTP/1.1 200 OK\r\n"), Some(Violation::NotRedis));
        assert_eq!(refused(b"$ten\r\n"), Some(Violation::NotRedis));
        assert_eq!(refused(b"$\r\n"), Some(Violation::NotRedis));
        assert_eq!(refused(b"*1\r2\r\n"), Some(Violation::NotRedis));
        assert_eq!(refused(b"$99999999999\r\n"), Some(Violation::TooLarge));
        assert_eq!(
            refused(b"*999999999999999999999999\r\n"),
            Some(Violation::TooMany)
        );
        assert_eq!(refused(b"%100001\r\n"), Some(Violation::TooMany));
        assert_eq!(refused(&b"*1\r\n".repeat(17)), Some(Violation::TooDeep));
        assert_eq!(refused(&b"*1\r\n".repeat(16)), None);
        let line = [b"+".as_slice(), &[b'x'; LONGEST_LINE]].concat();
        assert_eq!(refused(&line), None);
        assert_eq!(
            refused(&[line.as_slice(), b"x"].concat()),
            Some(Violation::LongLine)
        );
    }

    #[test]
    fn many_small_values_are_counted_together_and_many_replies_are_not() {
        // F-10
        let mebibyte = [b"$1048576\r\n".as_slice(), &vec![b'x'; 1_048_576], b"\r\n"].concat();
        let whole = [b"*32\r\n".as_slice(), &mebibyte.repeat(32)].concat();
        assert_eq!(fed(&whole, 65_536).err(), Some(Violation::TooLarge));
        assert!(fed(&mebibyte.repeat(33), 65_536).is_ok());
        let nested = b"*100000\r\n*100001\r\n";
        assert_eq!(fed(nested, 3).err(), Some(Violation::TooMany));
    }
}
