//! Spans of time and sizes as people write them: `"30 s"`, `"64 KiB"`.

use std::time::Duration;

/// A number and `ms`, `s`, `min`, `h` or `d`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "min" => 60 * 1000,
        "h" => 3600 * 1000,
        "d" => 24 * 3600 * 1000,
        _ => return None,
    };
    number.checked_mul(unit).map(Duration::from_millis)
}

/// A number and `B`, `kB`, `KiB`, `MB`, `MiB`, `GB` or `GiB`.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let unit = match unit {
        "B" => 1,
        "kB" => 1000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    Some((
        number.parse().ok()?,
        unit.trim_start_matches([' ', '\u{a0}', '\u{202f}']),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_need_their_unit() {
        assert_eq!(duration("30 s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("2h"), Some(Duration::from_secs(7200)));
        assert_eq!(duration("500 ms"), Some(Duration::from_millis(500)));
        assert_eq!(size("64 KiB"), Some(65536));
        assert_eq!(size("1 MB"), Some(1_000_000));
        for bad in [
            "30",
            "s",
            "",
            "-1 s",
            "3 m",
            "1.5 h",
            "99999999999999999999 s",
            "18446744073709551615 d",
        ] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        assert_eq!((size("3 s"), size("18446744073709551615 GiB")), (None, None));
    }
}
