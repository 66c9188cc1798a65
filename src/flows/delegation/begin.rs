//! Going to the other server.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use super::state::{Sealing, Stage, State, new_id};
use super::{Errand, Link};
use crate::base::names::UpstreamId;
use crate::flows::login::{UnknownService, known, open_to};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::realms::Institution;
use crate::upstreams::Wish;
use data_encoding::BASE64;

/// A wish to sign in by another server's word.
pub struct Begin<'a> {
    pub institution: &'a Institution,
    pub upstream: &'a UpstreamId,
    pub errand: &'a Errand,
    /// Our address for browsers that come back from there, without a query.
    pub back: &'a Url,
    /// Where the browser is.
    pub address: IpAddr,
}

/// What the browser is told.
pub enum Begun {
    /// Go to `url`; keep `state` under `id`.
    Away {
        url: String,
        id: String,
        state: String,
    },
    Unknown(UnknownService),
    /// The institution does not sign people in by this server.
    NotOffered,
    /// The service's address is too long to be carried there and back.
    TooLong,
    /// Too many such from the browser's network; when there is room again.
    Crowded(Duration),
    /// The other server cannot be asked now.
    Silent,
}

pub async fn begin(ports: &Ports, catalogue: &Catalogue, begin: &Begin<'_>) -> Result<Begun, FlowError> {
    let realm = catalogue.realm(&begin.institution.realm)?;
    if let Some(url) = &begin.errand.service {
        let admitted = known(&catalogue.services, url, ports.clock.now())
            .and_then(|service| open_to(&service, &realm.id));
        if let Err(unknown) = admitted {
            return Ok(Begun::Unknown(unknown));
        }
    }
    let offered = realm.delegation(&begin.institution.id, begin.upstream);
    let Some(upstream) = offered.and_then(|_| catalogue.upstream(&realm.id, begin.upstream)) else {
        return Ok(Begun::NotOffered);
    };
    let id = new_id(ports);
    let back = with_flow(begin.back, &id);
    let wish = Wish {
        back: &back,
        renew: begin.errand.renew,
        gateway: begin.errand.gateway,
    };
    let begun = match upstream.begin(&wish).await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::warn!(realm = %realm.id, upstream = %begin.upstream, %error, "another server cannot be asked to sign somebody in");
            return Ok(Begun::Silent);
        }
    };
    let link = Link {
        realm: realm.id.clone(),
        upstream: begin.upstream.clone(),
    };
    let stage = Stage::Away(BASE64.encode(&begun.keep));
    let state = State::new(&link, begin.errand, ports.clock.now(), stage);
    Ok(match state.seal(ports, id, Some(begin.address)).await? {
        Sealing::TooLong => Begun::TooLong,
        Sealing::Crowded(wait) => Begun::Crowded(wait),
        Sealing::Done(sealed) => Begun::Away {
            url: begun.url.into(),
            id: sealed.id,
            state: sealed.value,
        },
    })
}

/// The address that a browser comes back to: the same for going and for asking who came.
pub(super) fn with_flow(back: &Url, id: &str) -> Url {
    let mut url = back.clone();
    url.set_query(Some(&format!("flow={id}")));
    url
}
