//! From where a request came, as far as the audit keeps it: the network, not the address; a hash of
//! the browser's name, not the name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::HEXLOWER;
use http::HeaderValue;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// A request as the audit sees it.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: IpAddr,
    /// The `User-Agent` header.
    pub agent: Option<HeaderValue>,
    /// The code that its answer and its lines in the log carry.
    pub request: String,
}

/// What the audit keeps of a request, for work that goes on when it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// A /24 or /48.
    pub network: String,
    /// Of the `User-Agent` header: [`Origin::agent_hash`].
    pub browser: Option<String>,
    pub request: String,
}

tokio::task_local! {
    static CURRENT: Origin;
}

impl Origin {
    /// Of the request that the running code answers; none in the background.
    pub fn current() -> Option<Origin> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `answering` as the answer to this request.
    pub fn while_answering<F: Future>(self, answering: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, answering)
    }

    /// `work`, for another task to do as part of the answer to the request that is answered here.
    pub fn carried_along<F: Future>(work: F) -> impl Future<Output = F::Output> {
        let origin = Origin::current();
        async move {
            match origin {
                Some(origin) => origin.while_answering(work).await,
                None => work.await,
            }
        }
    }

    pub fn trace(&self) -> Trace {
        Trace {
            network: self.network(),
            browser: self.agent_hash(),
            request: self.request.clone(),
        }
    }

    /// The /24 or /48 of the address.
    pub fn network(&self) -> String {
        match self.address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{}/24", Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        }
    }

    /// Tells two browsers apart, and little more: 32 bits of SHA-256.
    pub fn agent_hash(&self) -> Option<String> {
        let hash = digest(&SHA256, self.agent.as_ref()?.as_bytes());
        hash.as_ref().get(..4).map(|first| HEXLOWER.encode(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_kept_and_addresses_are_not() {
        // SEC-89
        for (address, network) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            let origin = Origin {
                address: address.parse().unwrap(),
                agent: Some(HeaderValue::from_static("Mozilla/5.0")),
                request: String::new(),
            };
            assert_eq!(origin.network(), network);
            assert_eq!(origin.agent_hash().map(|hash| hash.len()), Some(8));
        }
    }
}
