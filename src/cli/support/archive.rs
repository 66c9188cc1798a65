//! A tar file under gzip, as every system unpacks it: a folder of plain files with texts (POSIX.1-1988,
//! ustar). No links, no owners, no names that are longer than 100 bytes.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

const BLOCK: usize = 512;

/// One file of the archive.
pub struct Part {
    pub name: String,
    pub text: String,
}

/// Writes an archive for its owner alone. An existing file is left as it is.
pub fn write(path: &Path, folder: &str, parts: &[Part], seconds: u64) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = GzEncoder::new(options.open(path)?, Compression::default());
    for part in parts {
        let name = format!("{folder}/{}", part.name);
        out.write_all(&header(&name, part.text.len(), seconds)?)?;
        out.write_all(part.text.as_bytes())?;
        let rest = part.text.len().next_multiple_of(BLOCK) - part.text.len();
        out.write_all(&vec![0; rest])?;
    }
    // The end is two empty blocks.
    out.write_all(&[0; 2 * BLOCK])?;
    out.finish()?.sync_all()
}

fn header(name: &str, length: usize, seconds: u64) -> io::Result<Vec<u8>> {
    if name.len() > 100 {
        return Err(io::Error::other(format!("the name {name} is too long")));
    }
    let fields: [(usize, String); 8] = [
        (100, name.to_owned()),
        (8, "0000600".to_owned()),
        (8, "0000000".to_owned()),
        (8, "0000000".to_owned()),
        (12, format!("{length:011o}")),
        (12, format!("{seconds:011o}")),
        // The sum is taken with blanks in its own place.
        (8, "        ".to_owned()),
        (1, "0".to_owned()),
    ];
    let mut head = Vec::with_capacity(BLOCK);
    for (width, text) in fields {
        let end = head.len() + width;
        head.extend_from_slice(text.as_bytes());
        head.resize(end, 0);
    }
    head.resize(257, 0);
    head.extend_from_slice(b"ustar\x0000");
    head.resize(BLOCK, 0);
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head.splice(148..156, format!("{sum:06o}\0 ").into_bytes());
    Ok(head)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn tar_of_the_system_reads_what_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tar.gz");
        let parts = [
            ("one.txt", "première\n".to_owned()),
            ("two.txt", "x".repeat(1024)),
        ];
        let parts = parts.map(|(name, text)| Part {
            name: name.to_owned(),
            text,
        });
        write(&path, "mereau", &parts, 1_700_000_000).expect("an archive");
        assert!(write(&path, "mereau", &parts, 0).is_err(), "it is there already");
        let tar = |arguments: &[&str]| {
            let output = Command::new("tar")
                .args(arguments)
                .arg(&path)
                .args(["-C"])
                .arg(folder.path())
                .output();
            let output = output.expect("tar");
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        tar(&["-xzf"]);
        for part in &parts {
            let read = std::fs::read_to_string(folder.path().join("mereau").join(&part.name));
            assert_eq!(read.expect("a file"), part.text);
        }
    }
}
