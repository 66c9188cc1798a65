//! From which address logout messages leave, and whether applications will believe it: phpCAS takes
//! them only from an address whose reverse name is the host of the CAS server (CAS-199).

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use super::findings::{Finding, codes};
use crate::services::{Service, SingleLogout};

const PATIENCE: Duration = Duration::from_secs(2);
const ABOUT: &str = "single logout";
const ADVICE: &str = "let this address resolve back to that host, or list it in each application \
    (phpCAS: handleLogoutRequests(true, [address]))";

/// Compares the addresses of the public host with the one messages leave from.
pub async fn look(public_host: &str, services: &[Service]) -> Vec<Finding> {
    if services
        .iter()
        .all(|service| service.single_logout == SingleLogout::Off)
    {
        return Vec::new();
    }
    let asked = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((public_host, 443))).await;
    let found = match asked {
        Ok(Ok(addresses)) => addresses.map(|address| address.ip().to_canonical()).collect(),
        _ => BTreeSet::new(),
    };
    vec![compare(public_host, &found, leaving)]
}

fn compare(host: &str, public: &BTreeSet<IpAddr>, leaving: impl Fn(IpAddr) -> io::Result<IpAddr>) -> Finding {
    let Some(first) = public.first() else {
        return Finding::of(
            &codes::LOGOUT_ADDRESS_OTHER,
            ABOUT,
            format!("the address of {host} cannot be found from here"),
            ADVICE,
        );
    };
    match leaving(*first) {
        Ok(from) if public.contains(&from) => Finding::of(
            &codes::LOGOUT_ADDRESS,
            ABOUT,
            format!("messages leave from {from}, an address of {host}"),
            "",
        ),
        Ok(from) => {
            let known = public
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            Finding::of(
                &codes::LOGOUT_ADDRESS_OTHER,
                ABOUT,
                format!("messages leave from {from}, but {host} is {known}"),
                ADVICE,
            )
        }
        Err(error) => Finding::of(
            &codes::LOGOUT_ADDRESS_OTHER,
            ABOUT,
            format!("no way out towards {first}: {error}"),
            ADVICE,
        ),
    }
}

/// The address of ours that the kernel would send from; nothing is sent.
fn leaving(towards: IpAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if towards.is_ipv4() {
        [0; 4].into()
    } else {
        [0u16; 8].into()
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(SocketAddr::new(towards, 443))?;
    Ok(socket.local_addr()?.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::findings::Level;

    fn addresses(texts: &[&str]) -> BTreeSet<IpAddr> {
        texts
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect()
    }

    #[test]
    fn an_address_that_is_not_the_host_s_is_told_with_both_and_the_mend() {
        // CAS-199
        let public = addresses(&["192.0.2.1", "2001:db8::1"]);
        let behind_nat = compare("cas.univ-x.fr", &public, |_| {
            Ok("10.0.0.5".parse().expect("an address"))
        });
        assert_eq!(behind_nat.level, Level::Warn);
        assert!(behind_nat.fact.contains("10.0.0.5") && behind_nat.fact.contains("192.0.2.1"));
        assert!(behind_nat.advice.contains("handleLogoutRequests"));
        let direct = compare("cas.univ-x.fr", &public, |_| {
            Ok("192.0.2.1".parse().expect("an address"))
        });
        assert_eq!(direct.level, Level::Ok);
        assert_eq!(compare("nowhere", &BTreeSet::new(), leaving).level, Level::Warn);
    }

    #[tokio::test]
    async fn towards_this_machine_messages_leave_from_this_machine() {
        // CAS-199
        assert_eq!(leaving([127, 0, 0, 1].into()).ok(), Some([127, 0, 0, 1].into()));
        assert!(look("localhost", &[]).await.is_empty(), "nobody is told anything");
    }
}
