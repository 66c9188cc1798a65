//! The clients that call portals with authorities of their own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

use crate::base::names::ServiceId;
use crate::outgoing::Outgoing;
use crate::tls::Roots;

/// One for each of these services, otherwise like `like`.
pub(super) fn own(
    roots: HashMap<ServiceId, PathBuf>,
    like: &Outgoing,
) -> anyhow::Result<HashMap<ServiceId, Arc<Outgoing>>> {
    let one = |(service, path): (ServiceId, PathBuf)| {
        let client = like
            .trusting(Roots::File(path))
            .with_context(|| format!("proxy_callback_ca of service {service} cannot be used"))?;
        Ok((service, Arc::new(client)))
    };
    roots.into_iter().map(one).collect()
}
