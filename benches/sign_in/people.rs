//! The people of the benchmark: accounts with {SSHA} passwords, as most directories have them.

use data_encoding::BASE64;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// One account.
#[derive(Clone)]
pub struct Person {
    pub login: String,
    pub password: String,
}

impl Person {
    pub fn number(number: usize) -> Person {
        Person {
            login: format!("person{number:05}"),
            password: format!("correct-horse-{number}"),
        }
    }

    pub fn dn(&self, branch: &str) -> String {
        format!("uid={},{branch}", self.login)
    }

    /// The entry as LDIF, with attributes as a university has them.
    pub fn entry(&self, branch: &str) -> String {
        let Person { login, password } = self;
        format!(
            "dn: {dn}\nobjectClass: inetOrgPerson\nobjectClass: exampleSupannPerson\nuid: {login}\n\
             cn: Camille {login}\nsn: {login}\ngivenName: Camille\ndisplayName: Camille {login}\n\
             mail: {login}@campus.example\nuserPassword: {hash}\nsupannRessourceEtat: {{COMPTE}}A:SupannActif\n\
             eduPersonAffiliation: student\neduPersonAffiliation: member\n\
             supannEtablissement: {{UAI}}0999999X\n\n",
            dn = self.dn(branch),
            hash = ssha(password, login),
        )
    }
}

/// The salt comes from the login: two entries never share one, and every run has the same people.
fn ssha(password: &str, login: &str) -> String {
    let salt: Vec<u8> = login.bytes().rev().take(8).collect();
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(password.as_bytes());
    context.update(&salt);
    format!(
        "{{SSHA}}{}",
        BASE64.encode(&[context.finish().as_ref(), &salt].concat())
    )
}
