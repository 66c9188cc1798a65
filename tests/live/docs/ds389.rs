//! A 389 Directory Server as dscreate sets it up: what its chapter is read beside.

use super::openldap::PEOPLE;
use super::walk::Reader;
use crate::support::ds389::{Ds389, ROOT_PASSWORD};

#[test]
fn the_chapter_about_389_ds_connects_a_bare_instance() {
    let server = Ds389::bare();
    let path = |name: &str| server.config().join(name).display().to_string();
    // Its suffix is the one of the other tests, and is there already.
    let people = PEOPLE.split_once("\n\n").expect("entries").1;
    let people = people.replace("dc=univ,dc=example", "dc=campus,dc=example");
    server.modify(&people);
    let mut reader = Reader::new(&[
        ("dc=univ,dc=example", "dc=campus,dc=example".to_owned()),
        ("ldap://ldap.univ.example", server.url()),
        ("ldaps://ldap.univ.example", server.ldaps_url()),
        ("/etc/dirsrv/slapd-univ/ca.crt", path("ca.crt")),
        ("/etc/dirsrv/slapd-univ/schema/", path("schema/")),
        ("the-directory-manager’s", ROOT_PASSWORD.to_owned()),
    ]);
    reader.walks_through("ds389.md");
}
