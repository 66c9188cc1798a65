//! All registered services, and the one that a URL belongs to. Look-up costs the same for five
//! services and five thousand, and there is no service but those registered (CAS-313, CAS-321).

mod index;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use super::near::{Near, NearMiss};
use super::service::Service;
use crate::base::names::ServiceId;
use crate::protocol::service_url::ServiceUrl;
use index::Index;

/// The registered services.
///
/// When several match, the one of the smallest order wins, and among those of one order the most
/// specific: exact host, then `*.` and `**.` of the longest suffix, then any host; within a host an
/// exact path, then the longest prefix, then patterns; within a path more query parameters, a given
/// port, a single scheme; last the order of registration. A disabled service keeps its place: it
/// hides no wider one.
#[derive(Default)]
pub struct Registry {
    services: Vec<Service>,
    by_id: HashMap<ServiceId, usize>,
    by_name: HashMap<String, usize>,
    index: Index,
    wanted: BTreeSet<String>,
    near: Near,
}

/// Services that cannot all be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryProblem {
    #[error("two services have the id {0}: give one of them another")]
    SameId(ServiceId),
    #[error("the services {one} and {other} both have the URL rule {rule}: leave it to one of them")]
    SameRule {
        one: ServiceId,
        other: ServiceId,
        rule: String,
    },
    #[error(
        "more than {MOST_ALIKE} patterns begin like {pattern} of the service {other}, and each would be tried for every request; write whole directories before what varies, or rules under urls"
    )]
    TooManyAlike { other: ServiceId, pattern: String },
}

/// Patterns that one look-up may have to try at one place.
pub const MOST_ALIKE: usize = 100;

impl Registry {
    pub fn new(services: Vec<Service>) -> Result<Registry, Vec<RegistryProblem>> {
        let mut registry = Registry::default();
        let mut owners = Owners::default();
        for (at, service) in services.iter().enumerate() {
            if registry.by_id.insert(service.id.clone(), at).is_some() {
                owners.problems.push(RegistryProblem::SameId(service.id.clone()));
            }
            for rule in &service.rules {
                if owners.take(&services, at, rule.to_string()) {
                    registry.index.insert_rule(at, service.order, rule.clone());
                }
            }
            for pattern in &service.patterns {
                if owners.take(&services, at, pattern.as_str().to_owned())
                    && !registry.index.insert_pattern(at, service.order, pattern)
                {
                    owners.problems.push(RegistryProblem::TooManyAlike {
                        other: service.id.clone(),
                        pattern: pattern.as_str().to_owned(),
                    });
                }
            }
            for name in &service.proxied_names {
                let owner = *registry.by_name.entry(name.clone()).or_insert(at);
                owners.clash(&services, owner, at, name);
            }
            let wanted = service.wanted_attributes().map(str::to_ascii_lowercase);
            registry.wanted.extend(wanted);
        }
        registry.near = Near::new(&services);
        registry.services = services;
        if owners.problems.is_empty() {
            Ok(registry)
        } else {
            Err(owners.problems)
        }
    }

    /// The service that `url` belongs to, enabled or not.
    pub fn find(&self, url: &ServiceUrl) -> Option<&Service> {
        self.services.get(self.index.find(url, &mut 0)?)
    }

    /// The service that has this very name, which is no web address (CAS-99).
    pub fn by_name(&self, name: &str) -> Option<&Service> {
        self.services.get(*self.by_name.get(name)?)
    }

    /// The rule that `url` misses by least, when it is nobody's; not every one is looked at.
    pub fn nearest(&self, url: &ServiceUrl) -> Option<NearMiss> {
        self.near.nearest(url)
    }

    pub fn by_id(&self, id: &ServiceId) -> Option<&Service> {
        self.services.get(*self.by_id.get(id)?)
    }

    pub fn all(&self) -> &[Service] {
        &self.services
    }

    /// Names, in lower case, of every attribute that some service may get or is decided by. Nothing
    /// else needs to leave the directory.
    pub fn wanted_attributes(&self) -> &BTreeSet<String> {
        &self.wanted
    }
}

/// Whose each rule is.
#[derive(Default)]
struct Owners {
    of: HashMap<(String, i32), usize>,
    problems: Vec<RegistryProblem>,
}

impl Owners {
    /// Whether the service at `at` may have the rule: an equal one of another order is another's.
    fn take(&mut self, services: &[Service], at: usize, rule: String) -> bool {
        let order = services.get(at).map_or(0, |service| service.order);
        let owner = *self.of.entry((rule.clone(), order)).or_insert(at);
        self.clash(services, owner, at, &rule)
    }

    fn clash(&mut self, services: &[Service], owner: usize, at: usize, rule: &str) -> bool {
        if owner != at
            && let (Some(one), Some(other)) = (services.get(owner), services.get(at))
        {
            self.problems.push(RegistryProblem::SameRule {
                one: one.id.clone(),
                other: other.id.clone(),
                rule: rule.to_owned(),
            });
        }
        owner == at
    }
}
