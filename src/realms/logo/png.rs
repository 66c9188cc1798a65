//! Whether bytes are one plain PNG picture: well-formed parts from its header to its end and nothing
//! behind, of a size that no browser stumbles over. What it shows is not looked at.

use super::LogoFlaw;

pub(super) const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Points of a side: ten kilobytes can unfold to more than a telephone has.
const LONGEST_SIDE: u32 = 1024;

pub(super) fn look_through(bytes: &[u8]) -> Result<(), LogoFlaw> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(broken)?;
    let mut first = true;
    let mut seen = false;
    loop {
        let Part { kind, body, behind } = part(rest)?;
        match kind {
            b"IHDR" if first => size(body)?,
            _ if first => return Err(broken()),
            b"acTL" | b"fcTL" | b"fdAT" => {
                return Err(LogoFlaw::whole(
                    "it is animated",
                    "a still picture: movement beside a list distracts people",
                ));
            }
            b"IDAT" => seen = true,
            b"IEND" if !behind.is_empty() => {
                return Err(LogoFlaw::whole("something stands behind its end", SAVE_AGAIN));
            }
            b"IEND" if seen => return Ok(()),
            b"IHDR" | b"IEND" => return Err(broken()),
            _ => {}
        }
        first = false;
        rest = behind;
    }
}

struct Part<'a> {
    kind: &'a [u8],
    body: &'a [u8],
    /// What stands behind it.
    behind: &'a [u8],
}

/// The first part. Its checksum is for decoders to compare.
fn part(bytes: &[u8]) -> Result<Part<'_>, LogoFlaw> {
    let split = |bytes| <[u8]>::split_at_checked(bytes, 4).ok_or_else(broken);
    let (length, rest) = split(bytes)?;
    let (kind, rest) = split(rest)?;
    let length = number(length).and_then(|length| usize::try_from(length).ok());
    let (body, rest) = length
        .and_then(|length| rest.split_at_checked(length))
        .ok_or_else(broken)?;
    let (_, behind) = split(rest)?;
    Ok(Part { kind, body, behind })
}

fn size(header: &[u8]) -> Result<(), LogoFlaw> {
    let side = |at: usize| number(header.get(at..at + 4)?);
    let sides = side(0).zip(side(4)).filter(|_| header.len() == 13);
    let (width, height) = sides.ok_or_else(broken)?;
    if (1..=LONGEST_SIDE).contains(&width) && (1..=LONGEST_SIDE).contains(&height) {
        return Ok(());
    }
    Err(LogoFlaw::whole(
        format!("it measures {width} × {height} points"),
        "at most 1024 points a side; 128 are plenty",
    ))
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

fn broken() -> LogoFlaw {
    LogoFlaw::whole("it is not a whole PNG picture", SAVE_AGAIN)
}

const SAVE_AGAIN: &str = "the picture, saved once more as PNG or as plain SVG";

#[cfg(test)]
mod tests {
    use super::super::{LARGEST, Logo};
    use super::*;

    fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], kind, body, &[0; 4]].concat()
    }

    fn header(width: u32, height: u32) -> Vec<u8> {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        chunk(b"IHDR", &[&sides[..], &[8, 6, 0, 0, 0]].concat())
    }

    fn png(parts: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC.to_vec(), parts.concat()].concat()
    }

    #[test]
    fn a_plain_picture_is_taken_whatever_else_it_tells() {
        // S2-07
        let (data, end) = (chunk(b"IDAT", b"x"), chunk(b"IEND", b""));
        let plain = png(&[
            header(64, 64),
            chunk(b"tEXt", b"Author\0x"),
            data.clone(),
            data,
            end,
        ]);
        let logo = Logo::read(&plain).unwrap();
        assert_eq!((logo.content_type(), logo.bytes()), ("image/png", &plain[..]));
        assert!(logo.name().ends_with(".png"));
    }

    #[test]
    fn what_is_no_plain_picture_is_refused() {
        // S2-07
        let (data, end) = (chunk(b"IDAT", b"x"), chunk(b"IEND", b""));
        let good = |more: Vec<u8>| png(&[header(64, 64), more, data.clone(), end.clone()]);
        let mut long = chunk(b"IDAT", b"x");
        long[..4].copy_from_slice(&[0xff; 4]);
        let large = good(chunk(b"tEXt", &[b'x'; LARGEST]));
        let html = [good(Vec::new()), b"<script>alert(1)</script>".to_vec()].concat();
        for (bytes, wrong) in [
            (html, "behind its end"),
            (good(chunk(b"acTL", b"")), "animated"),
            (png(&[header(4_000, 4), data.clone(), end.clone()]), "4000 × 4"),
            (png(&[header(0, 4), data.clone(), end.clone()]), "0 × 4"),
            (large, "larger than 10 kB"),
            (png(&[header(64, 64), end.clone()]), "not a whole"),
            (png(&[data.clone(), end.clone()]), "not a whole"),
            (good(header(64, 64)), "not a whole"),
            (good(long), "not a whole"),
            (png(&[header(64, 64), data.clone()]), "not a whole"),
            (MAGIC.to_vec(), "not a whole"),
        ] {
            let flaw = Logo::read(&bytes).unwrap_err();
            assert!(flaw.wrong.contains(wrong), "{wrong}: {flaw:?}");
            assert!(!flaw.mend.is_empty());
        }
    }
}
