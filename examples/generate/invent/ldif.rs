//! People as LDIF: for slapd with the attributes universities use, and as Active Directory has them.
//! The attributes of school networks are in `ent`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use data_encoding::BASE64;
use mereau::directory::Standing;

use super::hashes::hash;
use super::people::{Person, Profile};
use super::schools::France;

/// What slapd needs to know the attributes, besides Debian's core, cosine, nis and inetorgperson.
pub const SCHEMA: &str = concat!(
    include_str!("../../../tests/fixtures/ldap/example-supann.schema"),
    "\n",
    include_str!("../generated.schema")
);

/// The tree of the realm of Active Directory.
pub const AD_PEOPLE: &str = "OU=People,DC=ad,DC=generated,DC=example";

/// A configuration for slapd beside the files: `mkdir db && slapadd -q -f slapd.conf -l people.ldif`.
pub fn slapd_conf(base: &str) -> String {
    let schemas = ["core", "cosine", "nis", "inetorgperson"];
    let schemas = schemas.map(|name| format!("include /etc/ldap/schema/{name}.schema\n"));
    let modules = ["back_mdb", "ppolicy", "argon2", "pw-sha2"];
    let modules = modules.map(|name| format!("moduleload {name}\n"));
    format!(
        "{}include example.schema\nmodulepath /usr/lib/ldap\n{}\ndatabase mdb\nsuffix \"{base}\"\n\
         rootdn \"cn=admin,{base}\"\ndirectory db\nmaxsize 17179869184\n\
         index objectClass,uid,mail,entryUUID eq\noverlay ppolicy\n",
        schemas.concat(),
        modules.concat()
    )
}

/// The entry at `base`, which begins with `dc=`.
pub fn root(base: &str, out: &mut dyn Write) -> io::Result<()> {
    let name = base.split(',').next().and_then(|first| first.strip_prefix("dc="));
    line(out, "dn", base)?;
    line(out, "objectClass", "dcObject")?;
    line(out, "objectClass", "organization")?;
    line(out, "dc", name.unwrap_or("generated"))?;
    line(out, "o", "Fictif")?;
    writeln!(out)
}

/// A branch for entries.
pub fn branch(name: &str, base: &str, out: &mut dyn Write) -> io::Result<()> {
    line(out, "dn", &format!("ou={name},{base}"))?;
    line(out, "objectClass", "organizationalUnit")?;
    line(out, "ou", name)?;
    writeln!(out)
}

/// One entry for slapd below `ou=people` of `base` (`slapadd`, for it holds what the password policy
/// writes by itself).
pub fn entry(person: &Person, france: &France, base: &str, out: &mut dyn Write) -> io::Result<()> {
    line(out, "dn", &format!("uid={},ou=people,{base}", person.login))?;
    for class in [
        "inetOrgPerson",
        "shadowAccount",
        "exampleSupannPerson",
        "exampleAccount",
    ] {
        line(out, "objectClass", class)?;
    }
    line(out, "entryUUID", &uuid(person.number))?;
    line(out, "uid", &person.login)?;
    names(person, out)?;
    let optional = [
        ("supannAliasLogin", &person.alias),
        ("supannMailPerso", &person.own_mail),
        ("mobile", &person.mobile),
    ];
    for (attribute, value) in optional {
        if let Some(value) = value {
            line(out, attribute, value)?;
        }
    }
    for affiliation in affiliations(person.profile) {
        line(out, "eduPersonAffiliation", affiliation)?;
    }
    // Two children may go to one school.
    let codes: BTreeSet<_> = person.schools.iter().map(|at| france.schools[*at].uai).collect();
    for uai in codes {
        line(out, "supannEtablissement", &format!("{{UAI}}{uai}"))?;
    }
    for (attribute, value) in person.case.written {
        line(out, attribute, value)?;
    }
    password(person, out)?;
    writeln!(out)
}

/// Who was never activated has none.
pub fn password(person: &Person, out: &mut dyn Write) -> io::Result<()> {
    if person.case.standing == Standing::NotActivated {
        return Ok(());
    }
    line(out, "userPassword", &hash(person))
}

/// What the preset of Active Directory makes of a person's state there.
pub fn ad_standing(standing: Standing) -> Standing {
    match standing {
        Standing::NotActivated => Standing::Suspended,
        Standing::Announced => Standing::Inactive,
        Standing::Grace => Standing::Active,
        same => same,
    }
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
    bytes_line(out, "objectGUID", &guid(person.number))?;
    let account = account_name(person);
    line(out, "sAMAccountName", &account)?;
    line(
        out,
        "userPrincipalName",
        &format!("{account}@ad.generated.example"),
    )?;
    names(person, out)?;
    if let Some(mobile) = &person.mobile {
        line(out, "mobile", mobile)?;
    }
    let (control, more): (u32, &[(&str, &str)]) = match ad_standing(person.case.standing) {
        Standing::Suspended => (514, &[]),
        Standing::Inactive => (512, &[("accountExpires", "132433560000000000")]),
        Standing::Locked => (512, &[("lockoutTime", "133000000000000000")]),
        Standing::MustChange => (512, &[("pwdLastSet", "0")]),
        Standing::Expired => (512, &[("msDS-User-Account-Control-Computed", "8388608")]),
        _ => (512, &[("accountExpires", "9223372036854775807")]),
    };
    line(out, "userAccountControl", &control.to_string())?;
    for (attribute, value) in more {
        line(out, attribute, value)?;
    }
    let quoted: Vec<u8> = format!("\"{}\"", person.password())
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    bytes_line(out, "unicodePwd", &quoted)?;
    writeln!(out)
}

/// At most 20 characters, and nobody else's: what does not fit is cut and numbered.
pub fn account_name(person: &Person) -> String {
    let login = &person.login;
    if login.len() <= 20 && !login.contains('@') {
        return login.clone();
    }
    let name = login.split('@').next().unwrap_or_default();
    let cut: String = name.chars().take(11).collect();
    format!("{cut}-{}", person.number)
}

pub fn names(person: &Person, out: &mut dyn Write) -> io::Result<()> {
    line(out, "cn", &format!("{} {}", person.first, person.family))?;
    line(out, "sn", &person.family)?;
    line(out, "givenName", &person.first)?;
    line(out, "displayName", &person.display)?;
    match &person.mail {
        Some(mail) => line(out, "mail", mail),
        None => Ok(()),
    }
}

fn affiliations(profile: Profile) -> &'static [&'static str] {
    match profile {
        Profile::Pupil | Profile::Student => &["student", "member"],
        Profile::Parent => &["affiliate"],
        Profile::Teacher => &["teacher", "faculty", "member"],
        Profile::Staff => &["staff", "member"],
    }
}

pub fn uuid(number: usize) -> String {
    format!("9e4e0000-0000-4000-8000-{number:012x}")
}

/// The same as Active Directory stores it, its first three numbers with the least byte first.
fn guid(number: usize) -> [u8; 16] {
    let mut bytes = [0, 0, 0x4e, 0x9e, 0, 0, 0, 0x40, 0x80, 0, 0, 0, 0, 0, 0, 0];
    bytes[10..].copy_from_slice(&(number as u64).to_be_bytes()[2..]);
    bytes
}

/// In base64 unless it is plain ASCII that starts and ends as RFC 2849 allows.
pub fn line(out: &mut dyn Write, attribute: &str, value: &str) -> io::Result<()> {
    let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ');
    if plain {
        folded_line(out, &format!("{attribute}: {value}"))
    } else {
        bytes_line(out, attribute, value.as_bytes())
    }
}

fn bytes_line(out: &mut dyn Write, attribute: &str, value: &[u8]) -> io::Result<()> {
    folded_line(out, &format!("{attribute}:: {}", BASE64.encode(value)))
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
