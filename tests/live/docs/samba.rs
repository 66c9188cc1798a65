//! A Samba as Active Directory, with our schema and a writing account: what the chapter about Active
//! Directory is read beside.

use super::walk::Reader;
use crate::support::samba::{Samba, WRITER_DN, WRITER_PASSWORD};

#[test]
fn the_chapter_about_active_directory_connects_a_samba() {
    let person = (
        "camille.dupont",
        "Camille-Corbeau-7",
        "givenName: Camille\nsn: Dupont\nmail: camille.dupont@univ.example\n\
         userPrincipalName: camille.dupont@campus.example",
    );
    let samba = Samba::start(&[person]);
    let mut reader = Reader::new(&[
        ("ldaps://dc1.univ.example", samba.url()),
        (
            "/etc/ssl/univ/ad-ca.pem",
            samba.authority_file().display().to_string(),
        ),
        ("CN=mereau,OU=services,DC=univ,DC=example", WRITER_DN.to_owned()),
        ("DC=univ,DC=example", "DC=campus,DC=example".to_owned()),
        ("lecture-roseau-41", WRITER_PASSWORD.to_owned()),
    ]);
    reader.walks_through("active-directory.md");
}
