//! Whom the callbacks of a portal are checked against, where it names authorities of its own (CAS-162).

use std::collections::HashMap;
use std::path::PathBuf;

use crate::base::names::ServiceId;
use crate::config::files::Written;
use crate::config::problem::Problems;
use crate::tls::{Roots, client_config};

/// Files of authorities by service. What is in them is read where they are used; here it is seen to that it
/// can be.
pub fn roots(written: &Written, problems: &mut Problems) -> HashMap<ServiceId, PathBuf> {
    let mut named = HashMap::new();
    for file in &written.services {
        let (Some(id), Some(content)) = (ServiceId::new(&file.name), &file.content) else {
            continue;
        };
        let ca = &content.proxy_callback_ca;
        let Some(path) = &ca.value else { continue };
        if let Err(error) = client_config(&Roots::File(path.0.clone())) {
            let mend = "the path of a file with the certificates of authorities, PEM";
            problems.add(&ca.place, format!("this file is of no use: {error}"), mend);
            continue;
        }
        if content.proxy_callbacks.is_empty() && content.proxy_callback_patterns.is_empty() {
            problems.warn(
                &ca.place,
                "nobody is called for this service: it may not proxy",
                "proxy_callbacks, or no proxy_callback_ca",
            );
        }
        named.insert(id, path.0.clone());
    }
    named
}
