//! Entries into an index: which words each is found by, and the order in which entries that fit
//! equally well are shown.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;

use super::bits::Bits;
use super::table::{Gathered, Table, field, mark};
use super::words::{further_forms, has_districts, town_key, town_words, whole_saints, words};
use super::{Findable, Index};

/// Sets are kept for beginnings that many entries share: one in so many, but never fewer than
/// `LEAST_KEPT` entries, for which counting them again costs nothing.
const KEPT_SHARE: usize = 24;
const LEAST_KEPT: usize = 512;

/// Parts of host names that everybody has.
const HOST_NOISE: [&str; 8] = ["www", "cas", "ent", "sso", "auth", "login", "portail", "mail"];

pub fn build<'a>(entries: impl IntoIterator<Item = Findable<'a>>) -> Index {
    let entries: Vec<Findable<'a>> = entries.into_iter().collect();
    let order = ranked(&entries);
    let mut gathered = Gathered::default();
    let mut texts = Texts::default();
    let mut groups: Vec<(u16, Bits)> = Vec::new();
    for (rank, position) in (0..).zip(&order) {
        let Some(entry) = entries.get(*position as usize) else {
            continue;
        };
        gather(entry, rank, &mut texts, &mut gathered);
        match groups.iter_mut().find(|(group, _)| *group == entry.group) {
            Some((_, members)) => members.add(rank),
            None => groups.push((entry.group, Bits::of(order.len(), [rank]))),
        }
    }
    let table = gathered.table();
    let mut ranks = vec![0; order.len()];
    for (rank, position) in (0..).zip(&order) {
        if let Some(place) = ranks.get_mut(*position as usize) {
            *place = rank;
        }
    }
    let mut kept = Kept {
        least: (order.len() / KEPT_SHARE).max(LEAST_KEPT),
        entries: order.len(),
        beginnings: HashMap::new(),
        names: HashMap::new(),
    };
    kept.beginnings_of(&table, "", table.all());
    Index {
        table,
        beginnings: kept.beginnings,
        names: kept.names,
        order: order.into(),
        ranks: ranks.into(),
        groups,
    }
}

/// Positions of the entries, the first to be shown first: large ones, then by name and town.
fn ranked(entries: &[Findable<'_>]) -> Vec<u32> {
    let names = entries
        .iter()
        .map(|entry| entry.names.first().copied().unwrap_or_default());
    let names = in_order(names, |name| whole_saints(words(name)).join(" "));
    let towns = entries
        .iter()
        .map(|entry| (entry.town.unwrap_or_default(), entry.postcode));
    let towns = in_order(towns, |(town, postcode)| town_key(town, postcode));
    let entries = (0_u32..).zip(entries).zip(names.zip(towns));
    let mut keyed: Vec<_> = entries
        .map(|((position, entry), (name, town))| (std::cmp::Reverse(entry.size), name, town, position))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(.., position)| position).collect()
}

/// For each text where its key stands among the keys of all, equal ones at one place. Many entries share
/// a text, whose key is made once, and places are compared faster than keys.
fn in_order<T: Copy + Ord + Hash>(
    texts: impl Iterator<Item = T> + Clone,
    key: impl Fn(T) -> String,
) -> impl Iterator<Item = u32> {
    let different: HashSet<T> = texts.clone().collect();
    let mut keyed: Vec<(String, T)> = different.into_iter().map(|text| (key(text), text)).collect();
    keyed.sort_unstable();
    let mut places = HashMap::with_capacity(keyed.len());
    for (place, same) in (0_u32..).zip(keyed.chunk_by(|one, other| one.0 == other.0)) {
        places.extend(same.iter().map(|(_, text)| (*text, place)));
    }
    texts.map(move |text| places.get(&text).copied().unwrap_or_default())
}

/// The numbers of the words of texts that many entries share, so that each is cut and looked up once.
#[derive(Default)]
struct Texts<'a> {
    words: HashMap<&'a str, Vec<u32>>,
    names: HashMap<&'a str, u32>,
    towns: HashMap<(&'a str, Option<&'a str>), Vec<u32>>,
}

impl<'a> Texts<'a> {
    /// Adds all words of a text and their further forms.
    fn add(&mut self, text: &'a str, (rank, field): (u32, u8), gathered: &mut Gathered) {
        let words = self.words.entry(text).or_insert_with(|| {
            let all = words(text).into_iter().chain(further_forms(text));
            all.map(|word| gathered.number(&word)).collect()
        });
        for word in words {
            gathered.add_numbered(*word, rank, field);
        }
    }

    /// Adds a whole name.
    fn add_name(&mut self, name: &'a str, rank: u32, gathered: &mut Gathered) {
        let whole = self
            .names
            .entry(name)
            .or_insert_with(|| gathered.number(&format!("{}{}", mark::NAME, words(name).join(" "))));
        gathered.add_numbered(*whole, rank, field::NAME);
    }

    /// Adds the words of a town as towns are compared, and the whole town.
    fn add_town(&mut self, town: (&'a str, Option<&'a str>), rank: u32, gathered: &mut Gathered) {
        let words = self.towns.entry(town).or_insert_with(|| {
            let all = forms_of_town(town.0, town.1);
            all.iter().map(|word| gathered.number(word)).collect()
        });
        for word in words {
            gathered.add_numbered(*word, rank, field::TOWN);
        }
    }
}

fn gather<'a>(entry: &Findable<'a>, rank: u32, texts: &mut Texts<'a>, gathered: &mut Gathered) {
    for name in entry.names.iter().chain(&entry.short_names) {
        texts.add(name, (rank, field::NAME), gathered);
        texts.add_name(name, rank, gathered);
    }
    for other in entry.keywords.iter().chain(&entry.academy).chain(&entry.postcode) {
        texts.add(other, (rank, field::OTHER), gathered);
    }
    if let Some((code, name)) = entry.departement {
        texts.add(code, (rank, field::OTHER), gathered);
        texts.add(name, (rank, field::OTHER), gathered);
    }
    if let Some(town) = entry.town {
        texts.add(town, (rank, field::TOWN), gathered);
        texts.add_town((town, entry.postcode), rank, gathered);
    }
    for uai in &entry.uai {
        gathered.add(&words(uai).concat(), rank, field::CODE);
    }
    if let Some(siret) = entry.siret {
        let digits: String = siret.chars().filter(char::is_ascii_digit).collect();
        gathered.add(&format!("{}{digits}", mark::NUMBER), rank, field::CODE);
    }
    for host in entry.hosts.iter().chain(&entry.domains) {
        gather_host(host, rank, gathered);
    }
}

/// The whole town, for those who typed it to its end; that of a district also without its number.
fn forms_of_town(town: &str, postcode: Option<&str>) -> Vec<String> {
    let mut forms = town_words(town, postcode);
    let whole = format!("{}{}", mark::TOWN, forms.join(" "));
    let city = match forms.as_slice() {
        [city, district] if has_districts(city) && district.parse::<u32>().is_ok() => {
            Some(format!("{}{city}", mark::TOWN))
        }
        _ => None,
    };
    forms.push(whole);
    forms.extend(city);
    forms
}

fn gather_host(host: &str, rank: u32, gathered: &mut Gathered) {
    let host = host.trim_start_matches("*.").to_lowercase();
    gathered.add(&format!("{}{host}", mark::DOMAIN), rank, field::CODE);
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.len().saturating_sub(1);
    for label in labels.into_iter().take(own) {
        if !HOST_NOISE.contains(&label) {
            for word in words(label) {
                gathered.add(&word, rank, field::OTHER);
            }
        }
    }
}

struct Kept {
    least: usize,
    entries: usize,
    beginnings: HashMap<Range<usize>, Bits>,
    names: HashMap<usize, Bits>,
}

impl Kept {
    /// Sets of the beginnings longer than `prefix`, as long as enough entries share them.
    fn beginnings_of(&mut self, table: &Table, prefix: &str, range: Range<usize>) {
        for (c, words) in table.next(prefix, range) {
            let marked = prefix.is_empty() && mark::ALL.contains(&c);
            let enough = table.entries(words.clone()).len() >= self.least;
            if !enough || marked && c != mark::NAME {
                continue;
            }
            if !marked && !self.beginnings.contains_key(&words) {
                let members = table.entries(words.clone()).iter().copied();
                let set = Bits::of(self.entries, members);
                self.beginnings.insert(words.clone(), set);
            }
            let longer = format!("{prefix}{c}");
            if let Some(word) = table.exact(&longer)
                && table.entries(word..word + 1).len() >= self.least
            {
                let members = table.entries_in(word, field::NAME);
                self.names.insert(word, Bits::of(self.entries, members));
            }
            self.beginnings_of(table, &longer, words);
        }
    }
}
