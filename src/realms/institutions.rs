//! Institutions by id, host name and alias. Built once, checked whole, then only read.

use std::collections::HashMap;

use super::realm::{Contact, Texts};
use crate::base::names::{InstitutionId, RealmId};

/// What a person picks: a school, a university, an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    pub id: InstitutionId,
    pub realm: RealmId,
    pub name: Texts,
    pub town: Option<String>,
    /// Host names under which this institution is served.
    pub hosts: Vec<String>,
    /// Other names that printed links use in `?tenant=`.
    pub aliases: Vec<String>,
    /// Shown in the list; a hidden one is reached by its link only.
    pub listed: bool,
    /// Overrides the realm's contact when it has a name.
    pub contact: Option<Contact>,
}

/// Why a list of institutions cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionProblem {
    pub institution: InstitutionId,
    pub key: &'static str,
    pub text: String,
}

/// All institutions of a server.
#[derive(Debug, Clone, Default)]
pub struct Institutions {
    all: Vec<Institution>,
    by_name: HashMap<String, usize>,
    by_host: HashMap<String, usize>,
}

impl Institutions {
    /// Checks that ids, aliases and hosts are each used once.
    pub fn new(all: Vec<Institution>) -> Result<Institutions, Vec<InstitutionProblem>> {
        let mut list = Institutions {
            all,
            ..Institutions::default()
        };
        let mut problems = Vec::new();
        for (at, institution) in list.all.iter().enumerate() {
            let id = std::iter::once(("id", institution.id.as_str()));
            let aliases = institution
                .aliases
                .iter()
                .map(|alias| ("aliases", alias.as_str()));
            for (key, name) in id.chain(aliases) {
                if let Some(other) = list
                    .by_name
                    .insert(name.to_lowercase(), at)
                    .filter(|other| *other != at)
                {
                    problems.push(list.twice(institution, key, name, other));
                }
            }
            for host in &institution.hosts {
                if let Some(other) = list
                    .by_host
                    .insert(host.to_lowercase(), at)
                    .filter(|other| *other != at)
                {
                    problems.push(list.twice(institution, "hosts", host, other));
                }
            }
        }
        if problems.is_empty() {
            Ok(list)
        } else {
            Err(problems)
        }
    }

    fn twice(&self, this: &Institution, key: &'static str, name: &str, other: usize) -> InstitutionProblem {
        let other = self.all.get(other).map_or("another", |found| found.id.as_str());
        InstitutionProblem {
            institution: this.id.clone(),
            key,
            text: format!("“{name}” is also a name of institution {other}; each must be used once"),
        }
    }

    /// By id or alias, without case.
    pub fn named(&self, name: &str) -> Option<&Institution> {
        self.by_name
            .get(&name.to_lowercase())
            .and_then(|at| self.all.get(*at))
    }

    pub fn at_host(&self, host: &str) -> Option<&Institution> {
        self.by_host
            .get(&host.to_lowercase())
            .and_then(|at| self.all.get(*at))
    }

    /// The only institution there is, if so.
    pub fn only(&self) -> Option<&Institution> {
        match self.all.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub fn all(&self) -> &[Institution] {
        &self.all
    }

    pub fn of_realm<'a>(&'a self, realm: &'a RealmId) -> impl Iterator<Item = &'a Institution> {
        self.all
            .iter()
            .filter(move |institution| institution.realm == *realm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn institution(id: &str, hosts: &[&str], aliases: &[&str]) -> Institution {
        Institution {
            id: InstitutionId::new(id).expect("a slug"),
            realm: RealmId::new("r").expect("a slug"),
            name: Texts::same(id),
            town: None,
            hosts: hosts.iter().map(ToString::to_string).collect(),
            aliases: aliases.iter().map(ToString::to_string).collect(),
            listed: true,
            contact: None,
        }
    }

    #[test]
    fn a_name_or_host_used_twice_is_told_with_both_owners() {
        let list = vec![
            institution("a", &["x.fr"], &["b"]),
            institution("b", &["X.fr"], &[]),
        ];
        let problems = Institutions::new(list).expect_err("two clashes");
        let texts: Vec<&str> = problems.iter().map(|problem| problem.text.as_str()).collect();
        assert_eq!(texts.len(), 2);
        assert!(
            texts.iter().all(|text| text.contains("institution a")),
            "{texts:?}"
        );
    }

    #[test]
    fn names_and_hosts_are_found_without_case() {
        let list = Institutions::new(vec![institution("a", &["x.fr"], &["Old"])]).expect("clean");
        assert!(list.named("OLD").is_some() && list.at_host("X.FR").is_some() && list.named("c").is_none());
    }
}
