//! Institutions by id, alias, UAI code, host name and e-mail domain. Built once, checked whole, then
//! only read.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::finding::Finding;
use super::institution::Institution;
use super::logo::Logo;
use crate::base::names::RealmId;
use crate::base::uai::Uai;

/// Why a list of institutions cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionProblem {
    /// The place of the institution in the list.
    pub at: usize,
    pub key: &'static str,
    pub text: String,
}

/// All institutions of a server.
#[derive(Debug, Clone, Default)]
pub struct Institutions {
    all: Vec<Institution>,
    by_name: HashMap<Box<str>, u32>,
    by_host: HashMap<Box<str>, u32>,
    /// Sorted; several institutions may share a code or a domain.
    by_uai: Vec<(Uai, u32)>,
    by_mail_domain: Vec<(Box<str>, u32)>,
    /// By their names.
    logos: HashMap<Box<str>, Arc<Logo>>,
    /// Made when first needed: with tens of thousands of institutions it takes longer than all the rest.
    finding: OnceLock<Finding>,
}

impl Institutions {
    /// Checks that ids, aliases and hosts are each used once.
    pub fn new(all: Vec<Institution>) -> Result<Institutions, Vec<InstitutionProblem>> {
        let mut list = Institutions {
            by_name: HashMap::with_capacity(all.len()),
            all,
            ..Institutions::default()
        };
        let mut problems = Vec::new();
        for (at, institution) in (0..).zip(&list.all) {
            let id = std::iter::once(("id", institution.id.as_str()));
            let aliases = institution.aliases.iter().map(|alias| ("aliases", &**alias));
            let hosts = institution.hosts.iter().map(|host| ("hosts", &**host));
            for (key, name) in id.chain(aliases).chain(hosts) {
                let index = match key {
                    "hosts" => &mut list.by_host,
                    _ => &mut list.by_name,
                };
                let other = index.insert(lower(name), at).filter(|other| *other != at);
                if let Some(other) = other {
                    problems.push(twice(&list.all, (at, key, name), other));
                }
            }
            let codes = institution.uai.iter();
            list.by_uai.extend(codes.map(|code| (*code, at)));
            let domains = institution.mail_domains.iter();
            list.by_mail_domain
                .extend(domains.map(|domain| (lower(domain), at)));
        }
        list.by_uai.sort_unstable();
        list.by_mail_domain.sort_unstable();
        if !problems.is_empty() {
            return Err(problems);
        }
        let logos = list.all.iter().filter_map(Institution::logo);
        list.logos = logos.map(|logo| (logo.name().into(), Arc::clone(logo))).collect();
        Ok(list)
    }

    /// Whether searches answer at once.
    pub fn is_searchable(&self) -> bool {
        self.finding.get().is_some()
    }

    /// Makes ready what searches need, which takes a while with tens of thousands of institutions; nothing
    /// when that has been done, and a wait when it is being done. A search without it does the same.
    pub fn make_searchable(&self) {
        self.finding();
    }

    pub(super) fn finding(&self) -> &Finding {
        self.finding.get_or_init(|| Finding::of(&self.all))
    }

    pub(super) fn at(&self, at: u32) -> Option<&Institution> {
        self.all.get(usize::try_from(at).ok()?)
    }

    /// The place in [`Institutions::all`] of an id or alias.
    pub(super) fn place(&self, name: &str) -> Option<u32> {
        self.by_name.get(&lower(name)).copied()
    }

    /// By id or alias, without case.
    pub fn named(&self, name: &str) -> Option<&Institution> {
        self.place(name).and_then(|at| self.at(at))
    }

    /// By its host's exact name, or else by the longest `*.` name that covers it.
    pub fn at_host(&self, host: &str) -> Option<&Institution> {
        let host = lower(host);
        if let Some(at) = self.by_host.get(&host) {
            return self.at(*at);
        }
        let dots = host.match_indices('.');
        let mut covers = dots.filter_map(|(dot, _)| host.get(dot..).map(|rest| format!("*{rest}")));
        let found = covers.find_map(|cover| self.by_host.get(cover.as_str()));
        found.and_then(|at| self.at(*at))
    }

    /// The picture of this name, whosever it is.
    pub fn logo(&self, name: &str) -> Option<&Arc<Logo>> {
        self.logos.get(name)
    }

    /// Every institution with this code.
    pub fn with_uai(&self, uai: Uai) -> impl Iterator<Item = &Institution> {
        let from = self.by_uai.partition_point(|(code, _)| *code < uai);
        let rest = self.by_uai.get(from..).unwrap_or_default().iter();
        rest.take_while(move |(code, _)| *code == uai)
            .filter_map(|(_, at)| self.at(*at))
    }

    /// Every institution whose people have addresses at `domain`.
    pub fn with_mail_domain(&self, domain: &str) -> impl Iterator<Item = &Institution> {
        let domain = lower(domain);
        let from = self.by_mail_domain.partition_point(|(known, _)| *known < domain);
        let rest = self.by_mail_domain.get(from..).unwrap_or_default().iter();
        rest.take_while(move |(known, _)| *known == domain)
            .filter_map(|(_, at)| self.at(*at))
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

fn twice(all: &[Institution], (at, key, name): (u32, &'static str, &str), other: u32) -> InstitutionProblem {
    let other = usize::try_from(other).ok().and_then(|other| all.get(other));
    let other = other.map_or("another", |found| found.id.as_str());
    InstitutionProblem {
        at: at as usize,
        key,
        text: format!("“{name}” is also a name of institution {other}; each must be used once"),
    }
}

fn lower(name: &str) -> Box<str> {
    name.to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::InstitutionId;
    use crate::base::texts::Texts;

    fn institution(id: &str, hosts: &[&str], aliases: &[&str]) -> Institution {
        let boxed = |names: &[&str]| names.iter().map(|name| Box::from(*name)).collect();
        Institution {
            hosts: boxed(hosts),
            aliases: boxed(aliases),
            ..Institution::new(
                InstitutionId::new(id).expect("a slug"),
                RealmId::new("r").expect("a slug"),
                Texts::same(id),
            )
        }
    }

    fn id(found: Option<&Institution>) -> Option<&str> {
        found.map(|found| found.id.as_str())
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
        assert!(problems.iter().all(|problem| problem.at == 1));
    }

    #[test]
    fn names_and_hosts_are_found_without_case() {
        let list = Institutions::new(vec![institution("a", &["x.fr"], &["Old"])]).expect("clean");
        assert!(list.named("OLD").is_some() && list.at_host("X.FR").is_some() && list.named("c").is_none());
    }

    #[test]
    fn the_exact_host_goes_before_the_longest_covering_one() {
        let list = Institutions::new(vec![
            institution("exact", &["a.ent.fr"], &[]),
            institution("near", &["*.b.ent.fr"], &[]),
            institution("wide", &["*.ent.fr"], &[]),
        ])
        .expect("clean");
        assert_eq!(id(list.at_host("a.ent.fr")), Some("exact"));
        assert_eq!(id(list.at_host("x.b.ent.fr")), Some("near"));
        assert_eq!(id(list.at_host("y.x.ent.fr")), Some("wide"));
        assert_eq!(id(list.at_host("ent.fr")), None);
    }

    #[test]
    fn a_code_and_a_domain_find_all_who_have_them() {
        let mut all: Vec<Institution> = ["a", "b", "c"].map(|id| institution(id, &[], &[])).into();
        let code = Uai::new("0751717J").expect("a code");
        all[0].uai = [code].into();
        all[2].uai = [Uai::new("0751718K").expect("a code"), code].into();
        all[1].mail_domains = ["ac-x.fr".into()].into();
        all[2].mail_domains = ["ac-x.fr".into(), "c.fr".into()].into();
        let list = Institutions::new(all).expect("clean");
        let ids = |found: Vec<&Institution>| -> Vec<String> {
            found.iter().map(|found| found.id.to_string()).collect()
        };
        assert_eq!(ids(list.with_uai(code).collect()), ["a", "c"]);
        assert_eq!(ids(list.with_mail_domain("AC-X.fr").collect()), ["b", "c"]);
        assert_eq!(ids(list.with_mail_domain("c.fr").collect()), ["c"]);
        assert_eq!(list.with_mail_domain("x.fr").count(), 0);
    }
}
