//! Where a chunked request body ends (RFC 9112 §7.1), counted byte by byte so that `filter` knows
//! when the next head begins. It decodes nothing; hyper does.
//!
//! Stricter than hyper on purpose: no blanks, extensions or trailers. Two readers that disagree
//! about the end of a body are a smuggling hole; a reader that accepts less than the other is not.

/// The position inside a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    Size { value: u64, digits: u8 },
    SizeLf { value: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    LastCr,
    LastLf,
    Done,
}

/// The bytes are not a chunked body as we accept it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl Chunks {
    pub(super) fn start() -> Chunks {
        Chunks::Size { value: 0, digits: 0 }
    }

    /// How many of `bytes` belong to the body. All of them unless the body ended before.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut taken = 0;
        while let Some(byte) = bytes.get(taken).copied() {
            match self {
                Chunks::Done => break,
                Chunks::Data { left } => {
                    let here = usize::try_from(*left)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len() - taken);
                    taken += here;
                    *left -= here as u64;
                    if *left == 0 {
                        *self = Chunks::DataCr;
                    }
                }
                _ => {
                    *self = self.after(byte)?;
                    taken += 1;
                }
            }
        }
        Ok(taken)
    }

    fn after(self, byte: u8) -> Result<Chunks, Broken> {
        Ok(match (self, byte) {
            (Chunks::Size { digits, value }, b'\r') if digits > 0 => Chunks::SizeLf { value },
            (Chunks::Size { digits, value }, _) if digits < 8 => {
                let digit = char::from(byte).to_digit(16).ok_or(Broken)?;
                Chunks::Size {
                    value: value * 16 + u64::from(digit),
                    digits: digits + 1,
                }
            }
            (Chunks::SizeLf { value: 0 }, b'\n') => Chunks::LastCr,
            (Chunks::SizeLf { value }, b'\n') => Chunks::Data { left: value },
            (Chunks::DataCr, b'\r') => Chunks::DataLf,
            (Chunks::DataLf, b'\n') => Chunks::start(),
            (Chunks::LastCr, b'\r') => Chunks::LastLf,
            (Chunks::LastLf, b'\n') => Chunks::Done,
            _ => return Err(Broken),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_where_its_last_chunk_says_however_it_is_sliced() {
        let body = b"4\r\nwiki\r\n00A\r\n0123456789\r\n0\r\n\r\n";
        let sent = [body.as_slice(), b"GET / HTTP/1.1\r\n"].concat();
        for cut in 0..body.len() {
            let mut chunks = Chunks::start();
            assert_eq!(chunks.take(&sent[..cut]), Ok(cut));
            assert_eq!(chunks.take(&sent[cut..]), Ok(body.len() - cut));
            assert_eq!(chunks, Chunks::Done);
        }
    }

    #[test]
    fn anything_unusual_is_broken() {
        // T-08
        for body in [
            "\r\n",
            "4 \r\nwiki\r\n",
            "4;a=b\r\nwiki\r\n",
            "4\nwiki\r\n",
            "4\r\nwikipedia\r\n",
            "+4\r\nwiki\r\n",
            "0x4\r\nwiki\r\n",
            "000000000\r\n",
            "0\r\nTrailer: x\r\n\r\n",
        ] {
            assert_eq!(Chunks::start().take(body.as_bytes()), Err(Broken), "{body:?}");
        }
    }
}
