//! Pupils, their parents, those who teach and their schools as XML in the form in which academies
//! deliver them to school networks (AAF, "alimentation complète"): five files and their DTD.

use std::io::{self, Write};

use super::departements::AREAS;
use super::ent::{COURSES, class, course};
use super::people::{Person, Profile};
use super::schools::France;

/// What the five files hold, in the words of their names.
pub const FILES: [&str; 5] = [
    "EtabEducNat",
    "MefEducNat",
    "Eleve",
    "PersRelEleve",
    "PersEducNat",
];

/// The name of one of [`FILES`], as of the first day of a school year.
pub fn name(content: &str) -> String {
    format!("ENT_FICTIF_Complet_20260901_{content}_0000.xml")
}

/// What the files say of their form.
pub const DTD: &str = "\
<!ELEMENT ficAlimMENESR (addRequest*)>
<!ELEMENT addRequest (operationalAttributes, identifier, attributes)>
<!ELEMENT operationalAttributes (attr)>
<!ELEMENT identifier (id)>
<!ELEMENT id (#PCDATA)>
<!ELEMENT attributes (attr+)>
<!ELEMENT attr (value+)>
<!ATTLIST attr name CDATA #REQUIRED>
<!ELEMENT value (#PCDATA)>
";

/// The three files of people, which grow together.
pub struct People<W> {
    pupils: W,
    parents: W,
    staff: W,
}

impl<W: Write> People<W> {
    pub fn begin(mut open: impl FnMut(&str) -> io::Result<W>) -> io::Result<People<W>> {
        let mut begun = |content| {
            let mut out = open(content)?;
            begin(&mut out)?;
            Ok::<W, io::Error>(out)
        };
        Ok(People {
            pupils: begun("Eleve")?,
            parents: begun("PersRelEleve")?,
            staff: begun("PersEducNat")?,
        })
    }

    /// A student is in none of them.
    pub fn add(&mut self, person: &Person, france: &France) -> io::Result<()> {
        let structures = || {
            person
                .schools
                .iter()
                .map(|at| france.schools[*at].uai.to_string())
        };
        match person.profile {
            Profile::Pupil => {
                let mut attributes = common(person);
                let school = structures().next().unwrap_or_default();
                let of_class = format!("{school}${}", class(person));
                // Related, not paying, answering by law, to be called, not paid.
                let parents = person.parents.iter().map(|parent| format!("{parent}$1$0$1$1$0"));
                attributes.extend([
                    ("ENTPersonStructRattach", vec![school]),
                    ("ENTElevePersRelEleve", parents.collect()),
                    ("ENTEleveStatutEleve", vec!["SCOLAIRE".to_owned()]),
                    ("ENTEleveMEF", vec![course(person).0.to_owned()]),
                    ("ENTEleveClasses", vec![of_class]),
                ]);
                let category = ("categoriePersonne", "Eleve");
                request(
                    &mut self.pupils,
                    category,
                    &person.number.to_string(),
                    &attributes,
                )
            }
            Profile::Parent => {
                let category = ("categoriePersonne", "PersRelEleve");
                request(
                    &mut self.parents,
                    category,
                    &person.number.to_string(),
                    &common(person),
                )
            }
            Profile::Teacher | Profile::Staff => {
                let function = match person.profile {
                    Profile::Teacher => "ENS$ENSEIGNANT$L0202$MATHEMATIQUES",
                    _ => "ADF$ADMINISTRATION$$",
                };
                let functions = structures().map(|uai| format!("{uai}${function}"));
                let teaches = if person.profile == Profile::Teacher {
                    "O"
                } else {
                    "N"
                };
                let mut attributes = common(person);
                attributes.extend([
                    ("ENTPersonStructRattach", structures().take(1).collect()),
                    ("ENTPersonFonctions", functions.collect()),
                    ("PersEducNatPresenceDevantEleves", vec![teaches.to_owned()]),
                ]);
                let category = ("categoriePersonne", "PersEducNat");
                request(&mut self.staff, category, &person.number.to_string(), &attributes)
            }
            Profile::Student => Ok(()),
        }
    }

    pub fn end(self) -> io::Result<[W; 3]> {
        let mut all = [self.pupils, self.parents, self.staff];
        for out in &mut all {
            end(out)?;
        }
        Ok(all)
    }
}

pub fn schools(france: &France, out: &mut dyn Write) -> io::Result<()> {
    begin(out)?;
    for school in &france.schools {
        let town = france.town(school);
        let uai = school.uai.to_string();
        let contract = if school.private { "PR" } else { "PU" };
        let attributes = [
            ("ENTStructureJointure", uai.clone()),
            ("ENTStructureUAI", uai.clone()),
            ("ENTStructureNomCourant", school.name.clone()),
            ("ENTStructureTypeStruct", school.nature.1.to_owned()),
            ("ENTEtablissementContrat", contract.to_owned()),
            ("ENTServAcAcademie", AREAS[town.area].academy.to_uppercase()),
            ("street", school.street.clone()),
            ("postalCode", town.postcode.clone()),
            ("l", town.delivery.clone()),
        ];
        let attributes = attributes.map(|(name, value)| (name, vec![value]));
        request(out, ("categorieStructure", "EtabEducNat"), &uai, &attributes)?;
    }
    end(out)
}

pub fn courses(out: &mut dyn Write) -> io::Result<()> {
    begin(out)?;
    for (number, name) in COURSES {
        let attributes = [
            ("ENTMefJointure", vec![number.to_owned()]),
            ("ENTLibelleMef", vec![name.to_owned()]),
        ];
        request(out, ("categorieMef", "MefEducNat"), number, &attributes)?;
    }
    end(out)
}

type Attribute = (&'static str, Vec<String>);

fn common(person: &Person) -> Vec<Attribute> {
    let (year, month, day) = person.born();
    let listed = |value: &Option<String>| value.iter().cloned().collect();
    vec![
        ("ENTPersonJointure", vec![person.number.to_string()]),
        (
            "ENTPersonDateNaissance",
            vec![format!("{day:02}/{month:02}/{year}")],
        ),
        ("ENTPersonNomPatro", vec![person.family.clone()]),
        ("sn", vec![person.family.clone()]),
        ("givenName", vec![person.first.clone()]),
        ("mail", listed(&person.own_mail)),
        ("mobile", listed(&person.mobile)),
    ]
}

fn begin(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n<ficAlimMENESR>"
    )
}

fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</ficAlimMENESR>")?;
    out.flush()
}

/// Attributes without a value are left out.
fn request(
    out: &mut dyn Write,
    (kind, category): (&str, &str),
    id: &str,
    attributes: &[Attribute],
) -> io::Result<()> {
    writeln!(
        out,
        "<addRequest>\n<operationalAttributes><attr name=\"{kind}\"><value>{category}</value></attr>\
         </operationalAttributes>\n<identifier><id>{id}</id></identifier>\n<attributes>"
    )?;
    for (name, values) in attributes.iter().filter(|(_, values)| !values.is_empty()) {
        write!(out, "<attr name=\"{name}\">")?;
        for value in values {
            write!(out, "<value>{}</value>", escaped(value))?;
        }
        writeln!(out, "</attr>")?;
    }
    writeln!(out, "</attributes>\n</addRequest>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
