//! The columns of `institutions.csv`: the keys of an institution in `institutions.toml`, lists cut at
//! `|`, texts in further languages as `name_en`. Only what a row says; whether ids repeat is for the
//! whole list, and what a row has instead of its group's is read in `own`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::row::join;
use super::{Row, Sheet, own};
use crate::base::names::{InstitutionId, Locale, RealmId};
use crate::base::uai::Uai;
use crate::realms::checks::{self, Flaw};
use crate::realms::{Groups, Institution, InstitutionKind, InstitutionState, Particulars, Texts};

/// Declares the columns there are, and where a sheet has them.
macro_rules! columns {
    ($($name:ident),+ $(,)?) => {
        const COLUMNS: &[&str] = &[$(stringify!($name)),+];

        #[derive(Default)]
        pub(super) struct Columns { $(pub(super) $name: Option<usize>),+ }

        impl Columns {
            fn of(sheet: &Sheet) -> Columns {
                Columns { $($name: sheet.column(&[stringify!($name)])),+ }
            }
        }
    };
}

columns! {
    id, realm, name, short_names, keywords, kind, state, uai, siret, town, postcode, departement, academy,
    latitude, longitude, mail_domains, hosts, aliases, group, languages, theme,
    banner, banner_from, banner_until, contact_name, contact_mail, contact_phone, contact_url,
}

/// Reads the rows of one sheet; what many of them say alike is kept once.
pub struct SheetReader<'a> {
    columns: Columns,
    /// Columns of names in further languages.
    names: Further,
    banners: Further,
    groups: &'a Groups,
    only_realm: Option<RealmId>,
    realms: HashMap<String, RealmId>,
    academies: HashMap<String, Arc<str>>,
}

impl<'a> SheetReader<'a> {
    /// `only_realm` is whose a row is that names none. An `Err` names the headings that are not ours.
    pub fn new(
        sheet: &Sheet,
        groups: &'a Groups,
        only_realm: Option<RealmId>,
    ) -> Result<SheetReader<'a>, Vec<String>> {
        let known = |heading: &String| {
            let is_text = ["name", "banner"]
                .iter()
                .any(|text| language(text, heading).is_some());
            is_text || COLUMNS.contains(&heading.as_str())
        };
        let unknown: Vec<String> = sheet
            .headings()
            .iter()
            .filter(|heading| !known(heading) && !heading.is_empty())
            .cloned()
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        Ok(SheetReader {
            columns: Columns::of(sheet),
            names: further(sheet, "name"),
            banners: further(sheet, "banner"),
            groups,
            only_realm,
            realms: HashMap::new(),
            academies: HashMap::new(),
        })
    }

    /// The headings there may be.
    pub fn known_headings() -> &'static [&'static str] {
        COLUMNS
    }

    /// The institution of a row, or all that forbids it.
    pub fn read(&mut self, row: &Row) -> Result<Institution, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let uai = codes(row, &self.columns, &mut flaws);
        let id = self.id(row, &uai, &mut flaws);
        let realm = self.realm(row, &mut flaws);
        let mut told = |read: Result<_, Flaw>| read.map_err(|flaw| flaws.push(flaw)).ok().flatten();
        let columns = &self.columns;
        let coordinates =
            told(angle(row, columns.latitude, "latitude").and_then(|latitude| {
                checks::coordinates(latitude, angle(row, columns.longitude, "longitude")?)
            }));
        let postcode = row.cell(columns.postcode);
        let departement = checks::departement(row.cell(columns.departement), &uai, postcode);
        let departement = departement.map_err(|flaw| flaws.push(flaw)).ok().flatten();
        let kind = word(row, columns.kind, ("kind", KINDS), &mut flaws);
        let state = word(row, columns.state, ("state", STATES), &mut flaws);
        let own = self.own(row, &mut flaws);
        let (Some(id), Some(realm)) = (id, realm) else {
            return Err(flaws);
        };
        let institution = Institution {
            short_names: list(row, columns.short_names),
            keywords: list(row, columns.keywords),
            kind,
            state,
            siret: row.cell(columns.siret).map(Box::from),
            town: row.cell(columns.town).map(Box::from),
            postcode: postcode.map(Box::from),
            departement,
            academy: row
                .cell(columns.academy)
                .map(|name| shared(&mut self.academies, name)),
            coordinates,
            mail_domains: list(row, columns.mail_domains),
            hosts: list(row, columns.hosts),
            aliases: list(row, columns.aliases),
            own,
            uai,
            ..Institution::new(id, realm, texts(row, columns.name, &self.names))
        };
        flaws.extend(checks::flaws(&institution));
        if flaws.is_empty() {
            Ok(institution)
        } else {
            Err(flaws)
        }
    }

    /// As written, or else the UAI code.
    fn id(&self, row: &Row, uai: &[Uai], flaws: &mut Vec<Flaw>) -> Option<InstitutionId> {
        let code = uai.first().map(|code| code.as_str().to_ascii_lowercase());
        let written = row.cell(self.columns.id).map(str::to_owned).or(code);
        let id = written.and_then(|id| InstitutionId::new(&id));
        if id.is_none() {
            let mend = "1 to 40 of a-z, 0-9 and -, or a UAI code in its column";
            flaws.push(Flaw::new("id", "this row has no short name", mend));
        }
        id
    }

    fn realm(&mut self, row: &Row, flaws: &mut Vec<Flaw>) -> Option<RealmId> {
        let Some(written) = row.cell(self.columns.realm) else {
            if self.only_realm.is_none() {
                let mend = "the name of a file in realms/ without .toml";
                flaws.push(Flaw::new("realm", "this row names no realm", mend));
            }
            return self.only_realm.clone();
        };
        if let Some(known) = self.realms.get(written) {
            return Some(known.clone());
        }
        let realm = RealmId::new(written);
        match &realm {
            Some(realm) => {
                self.realms.insert(written.to_owned(), realm.clone());
            }
            None => flaws.push(Flaw::new(
                "realm",
                "this is not the name of a realm",
                "the name of a file in realms/ without .toml",
            )),
        }
        realm
    }

    /// What the row has of its own and its group's.
    fn own(&self, row: &Row, flaws: &mut Vec<Flaw>) -> Option<Arc<Particulars>> {
        let own = own::particulars(row, &self.columns, &self.banners, flaws);
        let group = row.cell(self.columns.group).and_then(|name| {
            let group = InstitutionId::new(name).and_then(|name| self.groups.get(&name));
            if group.is_none() {
                let mend = "[[group]] with this id in institutions.toml, or nothing";
                flaws.push(Flaw::new("group", "there is no group of this name", mend));
            }
            group
        });
        own.within(group)
    }
}

/// Columns of one text in further languages.
type Further = Vec<(String, usize)>;

fn further(sheet: &Sheet, text: &str) -> Further {
    let headings = (0..).zip(sheet.headings());
    headings
        .filter_map(|(at, heading)| Some((language(text, heading)?.as_str().to_owned(), at)))
        .collect()
}

/// The language of a heading as `name_en`.
fn language(text: &str, heading: &str) -> Option<Locale> {
    let tag = heading.strip_prefix(text)?.strip_prefix('_')?;
    Locale::new(tag).filter(|locale| locale.as_str() == tag)
}

/// In French as the column says, and in further languages.
pub(super) fn texts(row: &Row, french: Option<usize>, further: &[(String, usize)]) -> Texts {
    let further = further.iter();
    let further = further.filter_map(|(tag, at)| Some((tag.clone(), row.cell(Some(*at))?.to_owned())));
    let french = row.cell(french).map(|text| ("fr".to_owned(), text.to_owned()));
    Texts::new(further.chain(french).collect::<BTreeMap<_, _>>())
}

fn codes(row: &Row, columns: &Columns, flaws: &mut Vec<Flaw>) -> Box<[Uai]> {
    let written = row.cell(columns.uai).unwrap_or_default().split('|');
    let codes = written.filter(|code| !code.trim().is_empty()).map(|code| {
        Uai::new(code).ok_or_else(|| {
            let wrong = format!("“{}” is not a UAI code", code.escape_debug());
            Flaw::new("uai", wrong, "seven digits and a letter, as 0751717J")
        })
    });
    let (codes, wrong): (Vec<_>, Vec<_>) = codes.partition(Result::is_ok);
    flaws.extend(wrong.into_iter().filter_map(Result::err));
    codes.into_iter().flatten().collect()
}

/// Degrees with a point or, as French spreadsheets have them, with a comma.
pub(super) fn angle(row: &Row, column: Option<usize>, key: &'static str) -> Result<Option<f64>, Flaw> {
    let Some(written) = row.cell(column) else {
        return Ok(None);
    };
    let read = written.replace(',', ".").parse();
    read.map(Some)
        .map_err(|_| Flaw::new(key, "this is not an angle", "degrees, as 48.1173"))
}

fn list(row: &Row, column: Option<usize>) -> Box<[Box<str>]> {
    items(row, column).map(Box::from).collect()
}

pub(super) fn items(row: &Row, column: Option<usize>) -> impl Iterator<Item = &str> {
    let items = row.cell(column).unwrap_or_default().split('|').map(str::trim);
    items.filter(|item| !item.is_empty())
}

/// One text for all who say the same.
pub(super) fn shared(known: &mut HashMap<String, Arc<str>>, text: &str) -> Arc<str> {
    match known.get(text) {
        Some(one) => Arc::clone(one),
        None => {
            let one: Arc<str> = text.into();
            known.insert(text.to_owned(), Arc::clone(&one));
            one
        }
    }
}

type Words<T> = &'static [(&'static str, T)];

const KINDS: Words<InstitutionKind> = &[
    ("school", InstitutionKind::School),
    ("college", InstitutionKind::College),
    ("lycee", InstitutionKind::Lycee),
    ("university", InstitutionKind::University),
    ("cfa", InstitutionKind::Cfa),
    ("other", InstitutionKind::Other),
];

const STATES: Words<InstitutionState> = &[
    ("open", InstitutionState::Open),
    ("hidden", InstitutionState::Hidden),
    ("test", InstitutionState::Test),
    ("closed", InstitutionState::Closed),
];

/// One of the words, or what an empty cell means.
fn word<T: Copy + Default>(
    row: &Row,
    column: Option<usize>,
    (key, words): (&'static str, Words<T>),
    flaws: &mut Vec<Flaw>,
) -> T {
    let Some(written) = row.cell(column) else {
        return T::default();
    };
    let found = words.iter().find(|(word, _)| *word == written);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        flaws.push(Flaw::new(key, "this word is not known here", known.join(", ")));
    }
    found.map(|(_, value)| *value).unwrap_or_default()
}

fn word_of<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words
        .iter()
        .find(|(_, one)| one == value)
        .map_or("", |(word, _)| *word)
}

/// A file of institutions as [`SheetReader`] reads it, without what they have instead of their realm's
/// and without names in further languages.
pub fn write(institutions: &[Institution]) -> String {
    let mut text = join(COLUMNS.iter().copied());
    for institution in institutions {
        let cells: Vec<String> = COLUMNS
            .iter()
            .map(|column| cell_of(institution, column))
            .collect();
        text += &join(cells.iter().map(String::as_str));
    }
    text
}

fn cell_of(one: &Institution, column: &str) -> String {
    let listed = |items: &[Box<str>]| items.join("|");
    let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
    match column {
        "id" => one.id.to_string(),
        "realm" => one.realm.to_string(),
        "name" => one.name.get(&Locale::french()).unwrap_or_default().to_owned(),
        "short_names" => listed(&one.short_names),
        "keywords" => listed(&one.keywords),
        "kind" => word_of(KINDS, &one.kind).to_owned(),
        "state" => word_of(STATES, &one.state).to_owned(),
        "uai" => one.uai.iter().map(Uai::as_str).collect::<Vec<_>>().join("|"),
        "siret" => text(&one.siret),
        "town" => text(&one.town),
        "postcode" => text(&one.postcode),
        "departement" => one.departement.map_or("", |found| found.code()).to_owned(),
        "academy" => one.academy.as_deref().unwrap_or_default().to_owned(),
        "latitude" => one
            .coordinates
            .map(|at| at.latitude().to_string())
            .unwrap_or_default(),
        "longitude" => one
            .coordinates
            .map(|at| at.longitude().to_string())
            .unwrap_or_default(),
        "mail_domains" => listed(&one.mail_domains),
        "hosts" => listed(&one.hosts),
        "aliases" => listed(&one.aliases),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::ThemeName;

    fn read(text: &str) -> Vec<Result<Institution, String>> {
        let sheet = Sheet::of_text(text.to_owned()).expect("headings");
        let groups = Groups::from([(
            InstitutionId::new("ac").expect("a slug"),
            Arc::new(Particulars {
                theme: ThemeName::new("academy"),
                ..Particulars::default()
            }),
        )]);
        let mut reader = SheetReader::new(&sheet, &groups, None).expect("our headings");
        let rows = sheet.rows().map(|row| {
            let read = reader.read(&row.expect("a row"));
            read.map_err(|flaws| {
                let keys: Vec<&str> = flaws.iter().map(|flaw| flaw.key).collect();
                keys.join(" ")
            })
        });
        rows.collect()
    }

    #[test]
    fn what_is_written_of_an_institution_is_read_back() {
        let text = "id;realm;name;short_names;keywords;kind;state;uai;siret;town;postcode;departement;academy;\
                    latitude;longitude;mail_domains;hosts;aliases\n\
                    rosa;ent;\"Collège \"\"Rosa;Parks\"\"\";RP | Rosa;;college;hidden;0990001A|0990002B;\
                    21990001500018;Brest;29200;;Rennes;48,39;-4.48;a.fr|b.fr;*.rosa.fr;old|older\n";
        let [Ok(one)] = &read(text)[..] else {
            panic!("one institution")
        };
        assert_eq!(one.departement.map(|found| found.code()), Some("29"));
        assert_eq!(one.name.all().next(), Some("Collège \"Rosa;Parks\""));
        assert_eq!(one.short_names.join("|"), "RP|Rosa");
        let [Ok(again)] = &read(&write(std::slice::from_ref(one)))[..] else {
            panic!("one institution")
        };
        assert_eq!(one, again);
    }

    #[test]
    fn a_row_without_a_name_of_its_own_has_its_code_and_its_groups_look() {
        let [Ok(one)] = &read("uai;realm;name;name_en;group\n0751717J;ent;École;School;ac\n")[..] else {
            panic!("one institution")
        };
        assert_eq!(one.id.as_str(), "0751717j");
        assert_eq!(one.name.get(&Locale::new("en").unwrap()), Some("School"));
        let theme = one.own.as_ref().and_then(|own| own.theme.clone());
        assert_eq!(theme, ThemeName::new("academy"));
    }

    #[test]
    fn all_flaws_of_a_row_are_told_at_once() {
        let headings = "id;realm;name;kind;state;uai;siret;departement;latitude;longitude;mail_domains;hosts;group;\
                        theme;contact_name;contact_mail;contact_url\n";
        let row = "A b;é;;zoo;gone;12;3;99;x;y;nodot;a:b;none;É;Aide;nobody;javascript:x\n";
        let good = "a;r;n;;;;;;;;;;;;;;\n";
        let read = read(&format!("{headings}{row}{good}"));
        let Err(keys) = &read[0] else { panic!("flaws") };
        assert_eq!(
            keys,
            "uai id realm latitude departement kind state theme contact_mail contact_url group"
        );
        assert!(read[1].is_ok());
    }

    #[test]
    fn headings_that_are_not_ours_are_named() {
        let sheet = Sheet::of_text("id;nom\n".to_owned()).expect("headings");
        let unknown = SheetReader::new(&sheet, &Groups::new(), None).err();
        assert_eq!(unknown, Some(vec!["nom".to_owned()]));
    }
}
