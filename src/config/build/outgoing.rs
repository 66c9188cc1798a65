//! Whom the server may call, and how patiently.

use crate::config::problem::Problems;
use crate::config::sections::OutgoingSection;
use crate::jobs::single_logout::SingleLogoutSettings;
use crate::outgoing::{Allowed, OutgoingSettings};
use crate::tls::Roots;

pub fn build(section: &OutgoingSection, problems: &mut Problems) -> OutgoingSettings {
    let mut allowed = Vec::new();
    for text in section.allowed.iter() {
        match text.parse::<Allowed>() {
            Ok(destination) => allowed.push(destination),
            Err(_) => problems.add(
                &section.allowed.place,
                format!("“{}” is neither a host name nor a network", text.escape_debug()),
                "a host name, an address, or a network, as \"10.1.0.0/16\"",
            ),
        }
    }
    if section.deadline.is_zero() {
        problems.add(&section.deadline.place, "nobody answers in no time", "\"5 s\"");
    }
    for places in [&section.per_host, &section.callbacks_per_host] {
        if places.value == 0 {
            problems.add(&places.place, "0 lets nothing through", "1 or more");
        }
    }
    OutgoingSettings {
        deadline: section.deadline.value,
        longest_answer: usize::try_from(section.longest_answer.0).unwrap_or(usize::MAX),
        per_host: usize::try_from(section.per_host.value).unwrap_or(usize::MAX),
        failures: section.failures.value,
        rest: section.rest.value,
        allowed,
        roots: match &section.ca_file.value {
            Some(path) => Roots::File(path.0.clone()),
            None => Roots::System,
        },
    }
}

pub fn callbacks(section: &OutgoingSection) -> usize {
    usize::try_from(section.callbacks_per_host.value).unwrap_or(usize::MAX)
}

pub fn logout(section: &OutgoingSection) -> SingleLogoutSettings {
    SingleLogoutSettings {
        pauses: section.logout_pauses.value.clone(),
        // An exchange, what follows it, and the store's own deadlines.
        lease: section.deadline.value * 2 + std::time::Duration::from_secs(5),
        ..SingleLogoutSettings::default()
    }
}
