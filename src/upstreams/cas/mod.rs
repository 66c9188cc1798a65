//! A CAS 2 or 3 server as upstream: we are one of its applications. Tickets are validated server to
//! server, for exactly the address that was sent.

use async_trait::async_trait;
use url::Url;

use super::{Back, Begun, Came, Stranger, Upstream, UpstreamError, Wish};
use crate::outgoing::Outgoing;
use crate::protocol::client::{Validated, Verdict, read_validation, session_index, unwrapped};
use crate::protocol::params::Params;
use crate::tls::{Roots, RootsError};

/// Places at the server for validations at once.
const AT_ONCE: usize = 64;

/// The longest ticket that we carry to a server (the specification asks clients for 256).
const LONGEST_TICKET: usize = 1024;

/// A CAS server that people come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasSettings {
    /// Where it is mounted, without a slash at the end: `https://cas.academie.example/cas`.
    pub url: Url,
    pub version: CasVersion,
    pub roots: Roots,
}

/// Which of the server's validations is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CasVersion {
    /// `/serviceValidate`
    Two,
    /// `/p3/serviceValidate`, which gives attributes on every server.
    Three,
}

pub struct CasUpstream {
    settings: CasSettings,
    outgoing: Outgoing,
}

impl CasUpstream {
    /// `like` tells how calls are made; the server's own host may be called wherever it stands, since
    /// the operator named it.
    pub fn new(settings: CasSettings, like: &Outgoing) -> Result<CasUpstream, RootsError> {
        let host = settings.url.host_str().unwrap_or_default();
        let outgoing = like.towards(host, settings.roots.clone(), AT_ONCE)?;
        Ok(CasUpstream { settings, outgoing })
    }

    /// `place` below the server with these parameters.
    fn at(&self, place: &str, pairs: &[(&str, &str)]) -> Url {
        let mut url = self.settings.url.clone();
        let path = format!("{}/{place}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url.query_pairs_mut().extend_pairs(pairs);
        url
    }

    async fn validate(&self, back: &Back<'_>, ticket: &str) -> Result<Verdict, UpstreamError> {
        let place = match self.settings.version {
            CasVersion::Two => "serviceValidate",
            CasVersion::Three => "p3/serviceValidate",
        };
        let mut pairs = vec![("service", back.url.as_str()), ("ticket", ticket)];
        if back.renew {
            pairs.push(("renew", "true"));
        }
        let (status, body) = self.outgoing.fetch(&self.at(place, &pairs)).await?;
        if !status.is_success() {
            return Err(UpstreamError::Status(status.as_u16()));
        }
        Ok(read_validation(&body)?)
    }
}

#[async_trait]
impl Upstream for CasUpstream {
    async fn begin(&self, wish: &Wish<'_>) -> Result<Begun, UpstreamError> {
        let mut pairs = vec![("service", wish.back.as_str())];
        if wish.renew {
            pairs.push(("renew", "true"));
        } else if wish.gateway {
            pairs.push(("gateway", "true"));
        }
        Ok(Begun {
            url: self.at("login", &pairs),
            keep: Vec::new(),
        })
    }

    async fn finish(&self, back: &Back<'_>) -> Result<Came, UpstreamError> {
        let ticket = match back.params.only("ticket") {
            Ok(Some(ticket)) => ticket,
            Ok(None) => return Ok(Came::Nobody),
            Err(flaw) => return Ok(Came::Refused(flaw.to_string())),
        };
        if !is_service_ticket(ticket) {
            return Ok(Came::Refused("no service ticket".to_owned()));
        }
        Ok(match self.validate(back, ticket).await? {
            Verdict::Failure(code) => Came::Refused(code),
            Verdict::Success(validated) => Came::Person(Box::new(stranger(validated, ticket, back.renew))),
        })
    }

    fn sign_out(&self, back: &Url) -> Option<Url> {
        Some(self.at("logout", &[("service", back.as_str())]))
    }

    fn ended(&self, message: &Params) -> Option<String> {
        let text = message.only("logoutRequest").ok().flatten()?;
        session_index(text)
            .ok()
            .filter(|ticket| is_service_ticket(ticket))
    }

    /// Older servers say `SAMLRequest`.
    fn ended_by_browser(&self, message: &Params) -> Option<String> {
        let named = |name| message.only(name).ok().flatten();
        let text = named("logoutRequest").or_else(|| named("SAMLRequest"))?;
        let ticket = session_index(&unwrapped(text).ok()?).ok()?;
        Some(ticket).filter(|ticket| is_service_ticket(ticket))
    }
}

fn stranger(validated: Validated, ticket: &str, renewed: bool) -> Stranger {
    let new_login = validated.values("isFromNewLogin");
    Stranger {
        presented: renewed || matches!(new_login, [only] if only.eq_ignore_ascii_case("true")),
        subject: validated.user,
        attributes: validated.attributes,
        session: Some(ticket.to_owned()),
    }
}

/// A proxy ticket would name a person whom somebody else speaks for.
fn is_service_ticket(text: &str) -> bool {
    text.starts_with("ST-")
        && text.len() <= LONGEST_TICKET
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::OutgoingSettings;

    fn upstream(url: &str) -> CasUpstream {
        let settings = CasSettings {
            url: Url::parse(url).unwrap(),
            version: CasVersion::Three,
            roots: Roots::System,
        };
        let like = Outgoing::new(OutgoingSettings::default()).unwrap();
        CasUpstream::new(settings, &like).unwrap()
    }

    #[tokio::test]
    async fn the_address_to_come_back_to_is_one_parameter_whatever_it_holds() {
        // S2-03
        let back = Url::parse("https://sso.example.org/cas/login/from/a/b?flow=1&x=%26#y").unwrap();
        for (renew, gateway, tail) in [
            (false, false, ""),
            (true, false, "&renew=true"),
            (false, true, "&gateway=true"),
            (true, true, "&renew=true"),
        ] {
            let wish = Wish {
                back: &back,
                renew,
                gateway,
            };
            let begun = upstream("https://cas.example.net/cas/")
                .begin(&wish)
                .await
                .unwrap();
            let pairs: Vec<_> = begun.url.query_pairs().collect();
            assert_eq!(pairs[0], ("service".into(), back.as_str().into()));
            assert!(
                begun
                    .url
                    .as_str()
                    .starts_with("https://cas.example.net/cas/login?service=")
            );
            assert!(begun.url.as_str().ends_with(tail), "{}", begun.url);
        }
        let out = upstream("https://cas.example.net").sign_out(&back).unwrap();
        assert!(
            out.as_str()
                .starts_with("https://cas.example.net/logout?service=https%3A%2F%2Fsso")
        );
    }

    #[tokio::test]
    async fn only_a_single_service_ticket_is_carried_to_the_server() {
        // S2-03, CAS-151
        let upstream = upstream("https://cas.invalid/cas");
        let back = Url::parse("https://sso.example.org/").unwrap();
        for query in [
            "ticket=PT-1",
            "ticket=ST-1&ticket=ST-2",
            "ticket=ST-%0a",
            "ticket=TGT-1",
            "ticket=%ff",
        ] {
            let params = Params::of_query(query.as_bytes());
            let back = Back {
                url: &back,
                params: &params,
                kept: &[],
                renew: false,
            };
            let came = upstream.finish(&back).await.unwrap();
            assert!(matches!(came, Came::Refused(_)), "{query}: {came:?}");
        }
    }
}
