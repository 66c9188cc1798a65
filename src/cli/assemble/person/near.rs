//! Near misses of a login that nobody has: an accent, a slip, a blank inside; an alias; an entry that is
//! there and that the realm's branches or filter leave out.

use super::found::{Asked, any_of};
use crate::base::fold::folded;
use crate::directory::Filter;
use crate::directory::evidence::Evidence;
use crate::directory::filter::Pieces;

/// Near misses that are told.
const TOLD: usize = 5;

/// By what else an entry may be called.
const ALIASES: [&str; 8] = [
    "uid",
    "cn",
    "supannAliasLogin",
    "ENTPersonLogin",
    "ENTPersonAlias",
    "sAMAccountName",
    "userPrincipalName",
    "mailAlternateAddress",
];

pub async fn misses(asked: &Asked<'_>) -> Vec<String> {
    let mut told = Vec::new();
    told.extend(aliases(asked).await);
    told.extend(outside(asked).await);
    told.extend(alike(asked).await);
    let mut once: Vec<String> = Vec::new();
    for miss in told {
        if !once.contains(&miss) && once.len() < TOLD {
            once.push(miss);
        }
    }
    once
}

/// Another attribute has exactly this.
async fn aliases(asked: &Asked<'_>) -> Vec<String> {
    let logins = &asked.source.mapping.login_attributes;
    let names = ALIASES
        .iter()
        .filter(|name| !logins.iter().any(|login| login.eq_ignore_ascii_case(name)));
    let names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
    let filter = any_of(names.iter().cloned(), |name| {
        Filter::equal(name, asked.login.as_str())
    });
    let within = asked.source.mapping.user_filter.as_ref();
    let found = asked.source.look(filter.and(within)).await.unwrap_or_default();
    let named = |entry: &Evidence| {
        let has = |name: &&String| {
            entry
                .attributes
                .texts(name)
                .any(|text| folded(text) == folded(asked.login.as_str()))
        };
        let by = names.iter().find(has).map_or("another attribute", String::as_str);
        format!("{} has it as {by}, which is none of login_attributes", entry.name)
    };
    found.iter().map(named).collect()
}

/// The very login, where the realm does not look.
async fn outside(asked: &Asked<'_>) -> Vec<String> {
    let logins = asked.source.mapping.login_attributes.iter().cloned();
    let filter = any_of(logins, |name| Filter::equal(name, asked.login.as_str()));
    let found = asked.source.look_beyond(filter).await.unwrap_or_default();
    let told = |entry: &Evidence| {
        let within = asked.source.mapping.user_filter.as_ref();
        match within.is_some_and(|filter| !filter.matches(&entry.attributes)) {
            true => format!("{} has it, and user_filter leaves it out", entry.name),
            false => format!("{} has it, outside base_dns", entry.name),
        }
    };
    found.iter().map(told).collect()
}

/// Logins that differ by an accent, a sign or one slip. Of a login with one slip one half is as it was typed.
async fn alike(asked: &Asked<'_>) -> Vec<String> {
    // Logins are mostly plain: an accent in either half must not hide both.
    let bare = folded(asked.login.as_str());
    let mut halves = Vec::new();
    for typed in [asked.login.as_str(), bare.as_str()] {
        halves.extend(halves_of(typed));
    }
    halves.dedup();
    let logins = &asked.source.mapping.login_attributes;
    let half = |pieces: &Pieces| {
        any_of(logins.iter().cloned(), |name| {
            Filter::Substrings(name.to_owned(), pieces.clone())
        })
    };
    let within = asked.source.mapping.user_filter.as_ref();
    let mut found = Vec::new();
    for pieces in &halves {
        found.extend(
            asked
                .source
                .look(half(pieces).and(within))
                .await
                .unwrap_or_default(),
        );
    }
    let wanted = plain(asked.login.as_str());
    let mut near = Vec::new();
    for entry in &found {
        for login in logins.iter().flat_map(|name| entry.attributes.texts(name)) {
            let distance = distance(&wanted, &plain(login));
            if distance <= 1 {
                near.push((
                    distance,
                    format!(
                        "{login} ({}){}",
                        entry.name,
                        how(distance, asked.login.as_str(), login)
                    ),
                ));
            }
        }
    }
    near.sort();
    near.into_iter().map(|(_, told)| told).collect()
}

/// The beginning and the end, where there is enough of both to look by.
fn halves_of(typed: &str) -> Vec<Pieces> {
    let typed: Vec<char> = typed.chars().collect();
    if typed.len() < 4 {
        return Vec::new();
    }
    let (left, right) = typed.split_at(typed.len() / 2);
    vec![
        Pieces {
            initial: bytes(left),
            ..Pieces::default()
        },
        Pieces {
            end: bytes(right),
            ..Pieces::default()
        },
    ]
}

fn how(distance: usize, typed: &str, login: &str) -> &'static str {
    let blanks = |text: &str| text.chars().filter(|c| c.is_whitespace()).count();
    match distance {
        0 if blanks(typed) != blanks(login) => ", a blank other",
        0 => ", an accent or sign other",
        _ => ", one letter other",
    }
}

fn bytes(symbols: &[char]) -> Vec<u8> {
    symbols.iter().collect::<String>().into_bytes()
}

/// Letters and digits alone, without case and accents.
fn plain(text: &str) -> Vec<char> {
    folded(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .take(128)
        .collect()
}

/// 0, 1, or more: letters added, left out, replaced, or two of them swapped.
fn distance(one: &[char], other: &[char]) -> usize {
    if one == other {
        return 0;
    }
    let head = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let rest = |text: &[char], skip: usize| text.get(head + skip..).map(<[char]>::to_vec);
    let slips = [
        (rest(one, 1), rest(other, 1)),
        (rest(one, 1), rest(other, 0)),
        (rest(one, 0), rest(other, 1)),
    ];
    let swapped = match (one.get(head..head + 2), other.get(head..head + 2)) {
        (Some([a, b]), Some([c, d])) => a == d && b == c && rest(one, 2) == rest(other, 2),
        _ => false,
    };
    let slipped = slips.iter().any(|(a, b)| a.is_some() && a == b);
    if slipped || swapped { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_near_and_two_are_not() {
        let far = |one: &str, other: &str| distance(&plain(one), &plain(other));
        for (other, expected) in [
            ("c.dupont", 0),
            ("cdupont", 0),
            ("C Dùpont", 0),
            ("c.dupond", 1),
            ("c.dupon", 1),
            ("c.duupont", 1),
            ("c.dupotn", 1),
            ("d.dupond", 2),
            ("", 2),
        ] {
            assert_eq!(far("c.dupont", other), expected, "{other}");
        }
    }
}
