//! What a row of `institutions.csv` has instead of its group's or its realm's: whom to ask, languages,
//! a theme, an announcement. An empty cell inherits.

use jiff::civil::DateTime;

use super::Row;
use super::ours::{Columns, items, texts};
use crate::base::names::{Locale, ThemeName};
use crate::realms::checks::{self, Flaw};
use crate::realms::{Banner, Contact, Particulars, Texts};

/// `banners` are the columns of the announcement in further languages.
pub fn particulars(
    row: &Row,
    columns: &Columns,
    banners: &[(String, usize)],
    flaws: &mut Vec<Flaw>,
) -> Particulars {
    Particulars {
        languages: languages(row, columns, flaws),
        theme: theme(row, columns, flaws),
        banner: banner(row, columns, banners, flaws),
        contact: contact(row, columns, flaws),
        // A file beside the configuration: institutions.toml and groups name it.
        logo: None,
        // As a rule it is the realm's or a group's, with the institution's name in it.
        letterhead: None,
    }
}

/// As `fr|en`, the default first.
fn languages(row: &Row, columns: &Columns, flaws: &mut Vec<Flaw>) -> Option<Vec<Locale>> {
    let mut spoken = Vec::new();
    for tag in items(row, columns.languages) {
        match Locale::new(tag) {
            Some(language) => spoken.push(language),
            None => {
                let wrong = format!("“{}” is not a language", tag.escape_debug());
                flaws.push(Flaw::new("languages", wrong, "tags cut at |, as fr|en"));
            }
        }
    }
    (!spoken.is_empty()).then_some(spoken)
}

fn theme(row: &Row, columns: &Columns, flaws: &mut Vec<Flaw>) -> Option<ThemeName> {
    let written = row.cell(columns.theme)?;
    let theme = ThemeName::new(written);
    if theme.is_none() {
        let mend = "the name of a folder of pages.themes: 1 to 40 of a-z, 0-9 and -";
        flaws.push(Flaw::new("theme", "this is not the name of a theme", mend));
    }
    theme
}

fn banner(
    row: &Row,
    columns: &Columns,
    further: &[(String, usize)],
    flaws: &mut Vec<Flaw>,
) -> Option<Banner> {
    let from = moment(row, columns.banner_from, "banner_from", flaws);
    let until = moment(row, columns.banner_until, "banner_until", flaws);
    if !checks::in_order(from, until) {
        let wrong = "this announcement ends before it begins";
        flaws.push(Flaw::new("banner_until", wrong, "a time after “banner_from”"));
    }
    let text = texts(row, columns.banner, further);
    (!text.is_empty()).then_some(Banner { text, from, until })
}

/// As `2027-03-12 18:30` or, as French spreadsheets save it, `12/03/2027 18:30`.
fn moment(row: &Row, column: Option<usize>, key: &'static str, flaws: &mut Vec<Flaw>) -> Option<DateTime> {
    let written = row.cell(column)?;
    let french = || DateTime::strptime("%d/%m/%Y %H:%M", written).ok();
    let moment = checks::moment(written).or_else(french);
    if moment.is_none() {
        let mend = "year, month, day, hour and minute, as 2027-03-12 18:30";
        flaws.push(Flaw::new(key, "this is not a day with a time", mend));
    }
    moment
}

fn contact(row: &Row, columns: &Columns, flaws: &mut Vec<Flaw>) -> Option<Contact> {
    let name = row.cell(columns.contact_name);
    let mail = row.cell(columns.contact_mail);
    if mail.is_some_and(|mail| !checks::is_mail(mail)) {
        let wrong = "this is not an e-mail address";
        flaws.push(Flaw::new(
            "contact_mail",
            wrong,
            "assistance@univ-valmore.example",
        ));
    }
    let url = row.cell(columns.contact_url).map(checks::link);
    if url == Some(None) {
        let wrong = "this is not a link that a page can show";
        flaws.push(Flaw::new("contact_url", wrong, "https://…"));
    }
    let contact = Contact {
        name: name.map(Texts::same).unwrap_or_default(),
        mail: mail.map(str::to_owned),
        phone: row.cell(columns.contact_phone).map(str::to_owned),
        url: url.flatten(),
    };
    (contact != Contact::default()).then_some(contact)
}

#[cfg(test)]
mod tests {
    use super::super::{Sheet, SheetReader};
    use super::*;
    use crate::realms::Groups;

    const HEADINGS: &str = "uai;realm;name;languages;banner;banner_ar;banner_from;banner_until\n";

    fn read(row: &str) -> Result<Particulars, String> {
        let sheet = Sheet::of_text(format!("{HEADINGS}0751717J;ent;École;{row}\n")).expect("headings");
        let groups = Groups::new();
        let mut reader = SheetReader::new(&sheet, &groups, None).expect("our headings");
        let row = sheet.rows().next().expect("a row").expect("its cells");
        let read = reader.read(&row).map_err(|flaws| {
            let told: Vec<String> = flaws
                .iter()
                .map(|flaw| format!("{}: {}", flaw.key, flaw.wrong))
                .collect();
            told.join("; ")
        })?;
        Ok(read.own.as_deref().cloned().unwrap_or_default())
    }

    #[test]
    fn a_row_has_languages_and_an_announcement_of_its_own() {
        let own = read("ar | fr;Travaux;أعمال;2027-03-11 08:00;12/03/2027 18:30").unwrap();
        let language = |tag| Locale::new(tag).unwrap();
        assert_eq!(own.languages, Some(vec![language("ar"), language("fr")]));
        let banner = own.banner.unwrap();
        assert_eq!(banner.text.get(&language("ar")), Some("أعمال"));
        assert_eq!(banner.text.get(&language("en")), Some("Travaux"));
        assert_eq!(banner.from, Some("2027-03-11T08:00".parse().unwrap()));
        assert_eq!(banner.until, Some("2027-03-12T18:30".parse().unwrap()));
    }

    #[test]
    fn empty_cells_inherit() {
        assert_eq!(read(";;;;"), Ok(Particulars::default()));
        // Times alone announce nothing.
        assert_eq!(read("|;;;2027-03-11 08:00;"), Ok(Particulars::default()));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_column() {
        assert_eq!(
            read("fr|français;Travaux;;demain;2027-03-12"),
            Err(
                "languages: “français” is not a language; banner_from: this is not a day with a time; \
                 banner_until: this is not a day with a time"
                    .to_owned()
            )
        );
        assert_eq!(
            read(";Travaux;;2027-03-12 18:30;2027-03-12 08:00"),
            Err("banner_until: this announcement ends before it begins".to_owned())
        );
    }
}
