//! People of schools as the directories of school networks (ENT) keep them: structures in one branch,
//! people in another, linked by DN. Students have no place there.

use std::io::{self, Write};

use mereau::directory::Standing;

use super::departements::AREAS;
use super::ldif::{self, line};
use super::people::{Person, Profile};
use super::schools::{France, School};

/// The tree beside that of [`ldif::entry`].
pub fn base(of: &str) -> String {
    format!("dc=ent,{of}")
}

/// Root, branches and all structures.
pub fn structures(france: &France, base: &str, out: &mut dyn Write) -> io::Result<()> {
    ldif::root(base, out)?;
    ldif::branch("structures", base, out)?;
    ldif::branch("personnes", base, out)?;
    for school in &france.schools {
        line(out, "dn", &structure(school, base))?;
        line(out, "objectClass", "organizationalUnit")?;
        line(out, "objectClass", "exampleEntStructure")?;
        line(out, "ou", school.uai.as_str())?;
        line(out, "ENTStructureUAI", school.uai.as_str())?;
        line(out, "ENTStructureNomCourant", &school.name)?;
        line(out, "ENTStructureTypeStruct", school.nature.1)?;
        writeln!(out)?;
    }
    Ok(())
}

/// One person; nothing for a student.
pub fn entry(person: &Person, france: &France, base: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some(profile) = profile(person) else {
        return Ok(());
    };
    line(out, "dn", &dn(person.number, base))?;
    for class in [
        "inetOrgPerson",
        "shadowAccount",
        "exampleEntPerson",
        "exampleAccount",
    ] {
        line(out, "objectClass", class)?;
    }
    line(out, "entryUUID", &ldif::uuid(person.number))?;
    line(out, "uid", &id(person.number))?;
    line(out, "ENTPersonLogin", &person.login)?;
    line(out, "ENTPersonJointure", &jointure(person, france))?;
    line(out, "ENTPersonProfils", profile)?;
    ldif::names(person, out)?;
    let optional = [
        ("ENTPersonAlias", &person.alias),
        ("ENTPersonAutresMails", &person.own_mail),
        ("ENTPersonMobileSMS", &person.mobile),
    ];
    for (attribute, value) in optional {
        if let Some(value) = value {
            line(out, attribute, value)?;
        }
    }
    let (year, month, day) = person.born();
    line(
        out,
        "ENTPersonDateNaissance",
        &format!("{day:02}/{month:02}/{year}"),
    )?;
    schools(person, france, base, out)?;
    for (attribute, value) in written(person) {
        line(out, attribute, value)?;
    }
    ldif::password(person, out)?;
    writeln!(out)
}

fn schools(person: &Person, france: &France, base: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut schools: Vec<&School> = person.schools.iter().map(|at| &france.schools[*at]).collect();
    schools.sort_by_key(|school| school.uai);
    schools.dedup_by_key(|school| school.uai);
    for school in schools {
        let dn = structure(school, base);
        line(out, "ENTPersonStructRattach", &dn)?;
        line(out, "ENTPersonStructRattachUAI", school.uai.as_str())?;
        match person.profile {
            Profile::Pupil => {
                line(out, "ENTEleveClasses", &format!("{dn}${}", class(person)))?;
                line(out, "ENTEleveINE", &ine(person.number))?;
            }
            Profile::Teacher => {
                let taught = "ENS$ENSEIGNANT$L0202$MATHEMATIQUES";
                line(out, "ENTPersonFonctions", &format!("{dn}${taught}"))?;
            }
            _ => {}
        }
    }
    for parent in &person.parents {
        line(out, "ENTElevePersRelEleve", &dn(*parent, base))?;
    }
    Ok(())
}

/// What presets make of a person's state here, where nothing says that an account is on its last days.
pub fn standing(standing: Standing) -> Standing {
    match standing {
        Standing::Grace => Standing::Active,
        same => same,
    }
}

/// The same state as in the other file, in the words of ENT Core where it has some.
fn written(person: &Person) -> &'static [(&'static str, &'static str)] {
    match person.case.standing {
        Standing::Active | Standing::Grace => &[],
        Standing::Inactive => &[("deleteDate", "20260101000000Z")],
        Standing::Suspended => &[("blocked", "TRUE")],
        Standing::NotActivated => &[("activationCode", "K7QD2M9X")],
        Standing::MustChange => &[("changePw", "TRUE")],
        Standing::Announced => &[("pwdStartTime", "20990901000000Z")],
        Standing::Expired => &[("shadowLastChange", "18000"), ("shadowMax", "365")],
        Standing::Locked => &[("pwdAccountLockedTime", "20261001080000Z")],
    }
}

fn profile(person: &Person) -> Option<&'static str> {
    match person.profile {
        Profile::Pupil => Some("National_ELV"),
        Profile::Parent => Some("National_TUT"),
        Profile::Teacher => Some("National_ENS"),
        Profile::Staff => Some("National_ETA"),
        Profile::Student => None,
    }
}

fn dn(number: usize, base: &str) -> String {
    format!("uid={},ou=personnes,{base}", id(number))
}

fn structure(school: &School, base: &str) -> String {
    format!("ou={},ou=structures,{base}", school.uai)
}

fn id(number: usize) -> String {
    format!("ENT{number:08}")
}

/// The key of a person in the files of their academy.
fn jointure(person: &Person, france: &France) -> String {
    let town = france.town(&france.schools[person.schools[0]]);
    let academy = AREAS[town.area].academy.to_uppercase();
    let academy = mereau::base::fold::folded(&academy).to_uppercase();
    format!("AC-{}${}", academy.replace(' ', "-"), person.number)
}

/// What a pupil's class is called.
pub fn class(person: &Person) -> String {
    let (_, level) = course(person);
    format!("{level} {}", person.number / 5 % 4 + 1)
}

/// Number and name of the course a pupil follows.
pub fn course(person: &Person) -> (&'static str, &'static str) {
    COURSES[person.number % COURSES.len()]
}

/// Courses there are, as the ministry numbers them.
pub const COURSES: [(&str, &str); 7] = [
    ("10010012110", "6EME"),
    ("10110001110", "5EME"),
    ("10210001110", "4EME"),
    ("10310019110", "3EME"),
    ("20010018110", "2DE"),
    ("20110019110", "1ERE"),
    ("20210019110", "TLE"),
];

/// Nine digits and two letters, which no real pupil's number ends with.
fn ine(number: usize) -> String {
    format!("{number:09}ZZ")
}
