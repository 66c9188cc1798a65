//! People as LDIF: for slapd with the attributes French sites use, and as Active Directory has them.

use std::io::{self, Write};

use data_encoding::BASE64;
use mereau::directory::Standing;

use super::hashes::hash;
use super::people::{Person, Profile};
use super::schools::France;

/// The tree the people of a file are under.
pub const PEOPLE: &str = "ou=people,dc=generated,dc=example";
pub const AD_PEOPLE: &str = "OU=People,DC=ad,DC=generated,DC=example";

/// One entry for slapd (`slapadd`, for it holds what the password policy writes by itself).
pub fn entry(person: &Person, france: &France, out: &mut dyn Write) -> io::Result<()> {
    line(out, "dn", &format!("uid={},{PEOPLE}", person.login))?;
    for class in ["inetOrgPerson", "shadowAccount", "exampleSupannPerson"] {
        line(out, "objectClass", class)?;
    }
    line(out, "entryUUID", &uuid(person.number))?;
    line(out, "uid", &person.login)?;
    names(person, out)?;
    if let Some(alias) = &person.alias {
        line(out, "supannAliasLogin", alias)?;
    }
    for affiliation in affiliations(person.profile) {
        line(out, "eduPersonAffiliation", affiliation)?;
    }
    for school in &person.schools {
        let uai = france.schools[*school].uai;
        line(out, "supannEtablissement", &format!("{{UAI}}{uai}"))?;
    }
    for (attribute, value) in person.case.written {
        line(out, attribute, value)?;
    }
    if person.case.standing != Standing::NotActivated {
        line(out, "userPassword", &hash(person))?;
    }
    writeln!(out)
}

/// One entry as Active Directory keeps it; its password is what `unicodePwd` is written with.
pub fn ad_entry(person: &Person, out: &mut dyn Write) -> io::Result<()> {
    line(
        out,
        "dn",
        &format!("CN={} {},{AD_PEOPLE}", person.login, person.number),
    )?;
    for class in ["top", "person", "organizationalPerson", "user"] {
        line(out, "objectClass", class)?;
    }
    line(out, "objectGUID", &uuid(person.number))?;
    line(
        out,
        "sAMAccountName",
        &person.login.chars().take(20).collect::<String>(),
    )?;
    let name = person.login.split('@').next().unwrap_or_default();
    line(out, "userPrincipalName", &format!("{name}@ad.generated.example"))?;
    names(person, out)?;
    let (control, more): (u32, &[(&str, &str)]) = match person.case.standing {
        Standing::Suspended | Standing::NotActivated => (514, &[]),
        Standing::Inactive | Standing::Announced => (512, &[("accountExpires", "132433560000000000")]),
        Standing::Locked => (512, &[("lockoutTime", "133000000000000000")]),
        Standing::MustChange => (512, &[("pwdLastSet", "0")]),
        Standing::Expired => (512, &[("msDS-User-Account-Control-Computed", "8388608")]),
        Standing::Active | Standing::Grace => (512, &[]),
    };
    line(out, "userAccountControl", &control.to_string())?;
    for (attribute, value) in more {
        line(out, attribute, value)?;
    }
    let quoted: Vec<u8> = format!("\"{}\"", person.password())
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    folded_line(out, &format!("unicodePwd:: {}", BASE64.encode(&quoted)))?;
    writeln!(out)
}

fn names(person: &Person, out: &mut dyn Write) -> io::Result<()> {
    line(out, "cn", &format!("{} {}", person.first, person.family))?;
    line(out, "sn", &person.family)?;
    line(out, "givenName", &person.first)?;
    line(out, "displayName", &person.display)?;
    if let Some(mail) = &person.mail {
        line(out, "mail", mail)?;
    }
    if let Some(mobile) = &person.mobile {
        line(out, "mobile", mobile)?;
    }
    Ok(())
}

fn affiliations(profile: Profile) -> &'static [&'static str] {
    match profile {
        Profile::Pupil | Profile::Student => &["student", "member"],
        Profile::Parent => &["affiliate"],
        Profile::Teacher => &["teacher", "faculty", "member"],
        Profile::Staff => &["staff", "member"],
    }
}

fn uuid(number: usize) -> String {
    format!("9e4e0000-0000-4000-8000-{number:012x}")
}

/// In base64 unless it is plain ASCII that starts and ends as RFC 2849 allows.
fn line(out: &mut dyn Write, attribute: &str, value: &str) -> io::Result<()> {
    let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ');
    if plain {
        folded_line(out, &format!("{attribute}: {value}"))
    } else {
        folded_line(out, &format!("{attribute}:: {}", BASE64.encode(value.as_bytes())))
    }
}

/// Lines end at 76 characters and go on after a blank.
fn folded_line(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for (part, bytes) in text.as_bytes().chunks(75).enumerate() {
        out.write_all(if part == 0 { b"" } else { b" " })?;
        out.write_all(bytes)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
