//! Lines of logs as streams, whatever their size: plain or packed by gzip, from a file or the standard
//! input. Nothing is kept but the line at hand, and of that no more than a log line of ours can have.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// Bytes of a line that are looked at; the rest is skipped.
const LONGEST: usize = 256 * 1024;

/// How a packed file begins (RFC 1952).
const PACKED: [u8; 2] = [0x1f, 0x8b];

/// The lines of one log.
pub struct Lines {
    from: Box<dyn BufRead>,
    line: Vec<u8>,
    /// Bytes read so far, unpacked.
    pub read: u64,
}

impl Lines {
    /// `-` is the standard input.
    pub fn open(path: &Path) -> io::Result<Lines> {
        if path == Path::new("-") {
            return Lines::of(io::stdin());
        }
        if std::fs::metadata(path)?.is_dir() {
            return Err(io::Error::other("it is a folder"));
        }
        Lines::of(File::open(path)?)
    }

    fn of(mut raw: impl Read + 'static) -> io::Result<Lines> {
        let mut start = Vec::new();
        raw.by_ref().take(2).read_to_end(&mut start)?;
        let packed = start == PACKED;
        let whole = Cursor::new(start).chain(raw);
        let from: Box<dyn BufRead> = match packed {
            true => Box::new(BufReader::with_capacity(128 * 1024, MultiGzDecoder::new(whole))),
            false => Box::new(BufReader::with_capacity(128 * 1024, whole)),
        };
        Ok(Lines {
            from,
            line: Vec::new(),
            read: 0,
        })
    }

    /// The next line without its end; `None` after the last.
    pub fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let mut any = false;
        loop {
            let chunk = match self.from.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(any.then_some(self.line.as_slice()));
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let room = LONGEST.saturating_sub(self.line.len());
            self.line.extend(piece.iter().take(room));
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.read += used as u64;
            self.from.consume(used);
            if end.is_some() {
                return Ok(Some(self.line.as_slice()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn all(bytes: Vec<u8>) -> io::Result<Vec<Vec<u8>>> {
        let mut lines = Lines::of(Cursor::new(bytes))?;
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            all.push(line.to_vec());
        }
        Ok(all)
    }

    #[test]
    fn lines_come_whole_from_plain_and_packed_logs() {
        let text = b"one\n\ntwo\xff\nlast".to_vec();
        let expected: Vec<&[u8]> = vec![b"one", b"", b"two\xff", b"last"];
        assert_eq!(all(text.clone()).unwrap(), expected);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&text).unwrap();
        assert_eq!(all(packed.finish().unwrap()).unwrap(), expected);
        assert_eq!(all(Vec::new()).unwrap().len(), 0);
        assert_eq!(all(b"\n".to_vec()).unwrap(), [b""]);
    }

    #[test]
    fn a_line_without_end_takes_no_memory_and_a_broken_file_is_an_error() {
        let long = vec![b'x'; 4 << 20];
        let lines = all(long).unwrap();
        assert_eq!((lines.len(), lines[0].len()), (1, LONGEST));
        assert!(all(vec![0x1f, 0x8b, 8, 0, 1, 2]).is_err());
    }
}
