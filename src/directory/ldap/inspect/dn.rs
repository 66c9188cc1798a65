//! Names of entries as far as a suggestion needs them: parts, what lies below what, how far two spellings
//! are apart. Servers know DNs better; nothing is decided by this.

/// The parts, the nearest first, without blanks around them and in small letters.
pub fn parts(dn: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in dn.chars() {
        match c {
            ',' if !escaped => parts.push(String::new()),
            _ => parts.iter_mut().last().into_iter().for_each(|part| part.push(c)),
        }
        escaped = c == '\\' && !escaped;
    }
    let tidy = |part: String| match part.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim(), value.trim()).to_lowercase(),
        None => part.trim().to_lowercase(),
    };
    parts
        .into_iter()
        .map(tidy)
        .filter(|part| !part.is_empty())
        .collect()
}

/// Whether an entry is this one or lies below it.
pub fn is_within(dn: &str, above: &str) -> bool {
    let above = parts(above);
    !above.is_empty() && parts(dn).ends_with(&above)
}

pub fn same(one: &str, other: &str) -> bool {
    parts(one) == parts(other)
}

/// Letters to change to get from one to the other; no more than 64 of each are looked at.
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().take(64).enumerate() {
        let mut before = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (b, above) in other.iter().zip(row.iter().skip(1)) {
            left = (left + 1).min(above + 1).min(before + usize::from(a != *b));
            before = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_or_blanks_and_commas_in_them_part_nothing() {
        assert_eq!(parts("OU=People , dc=X,DC=y"), ["ou=people", "dc=x", "dc=y"]);
        assert_eq!(parts("cn=Le Goff\\, Yann,dc=x").len(), 2);
        assert!(is_within("ou=people,dc=x,dc=y", "DC=x, dc=y") && is_within("dc=y", "dc=y"));
        assert!(
            !is_within("dc=x", "ou=people,dc=x") && !is_within("dc=x", "") && !is_within("dc=xy", "dc=y")
        );
        assert!(same("DC=x,dc=y", "dc=x, DC=Y") && !same("dc=x", "dc=y"));
    }

    #[test]
    fn the_distance_counts_the_letters_that_differ() {
        for (one, other, apart) in [
            ("people", "people", 0),
            ("poeple", "people", 2),
            ("personnes", "people", 5),
            ("", "abc", 3),
        ] {
            assert_eq!(distance(one, other), apart, "{one} {other}");
            assert_eq!(distance(other, one), apart, "{other} {one}");
        }
    }
}
