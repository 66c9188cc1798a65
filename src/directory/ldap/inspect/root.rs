//! What a server's root entry tells of it (RFC 4512 §5.1): its make, and the branches it holds.

use super::super::fault::Fault;
use super::super::look::NOBODY_THERE;
use super::dn::is_within;
use super::eyes::Eyes;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    OpenLdap,
    /// Samba, too.
    ActiveDirectory,
    Ds389,
    Other,
}

#[derive(Debug, Clone)]
pub struct Root {
    pub product: Product,
    /// As the server names itself.
    pub vendor: Option<String>,
    /// Branches that hold entries of an institution.
    pub contexts: Vec<String>,
    /// AD: the last change that this server has made.
    pub last_change: Option<u64>,
}

impl Root {
    pub async fn read(eyes: &Eyes) -> Result<Option<Root>, Fault> {
        let wanted = [
            "vendorName",
            "vendorVersion",
            "objectClass",
            "namingContexts",
            "rootDomainNamingContext",
            "highestCommittedUSN",
        ];
        let Some(entry) = eyes.entry("", &wanted).await? else {
            return Ok(None);
        };
        let text = |name| entry.attributes.first_text(name).map(str::to_owned);
        let named = text("vendorName").map(|name| match text("vendorVersion") {
            Some(version) => format!("{name} {version}"),
            None => name,
        });
        let has_class = |wanted: &str| {
            let mut classes = entry.attributes.texts("objectClass");
            classes.any(|class| class.eq_ignore_ascii_case(wanted))
        };
        let (product, vendor) = match named {
            _ if text("rootDomainNamingContext").is_some() => (
                Product::ActiveDirectory,
                named.or(Some("Active Directory".to_owned())),
            ),
            Some(name) if name.contains("389") => (Product::Ds389, Some(name)),
            None if has_class("OpenLDAProotDSE") => (Product::OpenLdap, Some("OpenLDAP".to_owned())),
            named => (Product::Other, named),
        };
        let contexts = entry.attributes.texts("namingContexts");
        Ok(Some(Root {
            product,
            vendor,
            contexts: contexts
                .filter(|dn| is_for_people(dn))
                .map(str::to_owned)
                .collect(),
            last_change: text("highestCommittedUSN").and_then(|number| number.parse().ok()),
        }))
    }

    /// The branch that an entry would be in.
    pub fn context_of(&self, dn: &str) -> Option<&str> {
        let within = self.contexts.iter().filter(|context| is_within(dn, context));
        within.max_by_key(|context| context.len()).map(String::as_str)
    }
}

fn is_for_people(dn: &str) -> bool {
    let dn = dn.to_ascii_lowercase();
    !NOBODY_THERE.iter().any(|none| dn.starts_with(none))
}
