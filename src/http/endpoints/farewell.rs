//! The sign-outs that a browser may look at again: which applications have been told, which could not
//! be. The browser holds their names sealed (they open nothing), the store holds what became of them.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use futures_util::future::join_all;
use http::HeaderMap;

use crate::base::clock::Timestamp;
use crate::base::names::{Locale, ServiceId};
use crate::base::texts::Texts;
use crate::flows::logout::BrowserNotice;
use crate::http::visit::Visit;
use crate::pages::views::session::{Application, ApplicationTold};
use crate::tickets::{FAREWELL_LIFE, FarewellId, Told};

const CONTEXT: &[u8] = b"sign-outs of a browser v1";

/// Sign-outs that a browser remembers: at most two for each session it may hold, one before and one after
/// its end.
const MOST: usize = 10;

/// Applications that the browser itself tells from one page; a person rarely opens as many.
pub const MOST_FRAMES: usize = 30;

/// For so long the page offers to look again: the short pauses between two tries are over then, and the
/// long ones nobody sits out.
const WORTH_LOOKING: Duration = Duration::from_secs(14 * 60);

/// What the browser remembers.
pub struct Farewell {
    of: Vec<FarewellId>,
    since: Timestamp,
}

impl Farewell {
    /// What this browser brought; nothing when it is old, or not ours.
    pub fn of(visit: &Visit) -> Farewell {
        let now = visit.now();
        let brought = visit.cookies().goodbye().and_then(|sealed| opened(visit, sealed));
        brought
            .filter(|brought| now.since(brought.since) <= FAREWELL_LIFE)
            .unwrap_or(Farewell {
                of: Vec::new(),
                since: now,
            })
    }

    /// Of what has just ended, and nothing else: the one who was here before may have been another person.
    pub fn begun(visit: &Visit, of: &[FarewellId]) -> Farewell {
        Farewell {
            of: of.iter().copied().take(MOST).collect(),
            since: visit.now(),
        }
    }

    /// Has the browser remember it, and forget what it remembered.
    pub fn keep(&self, visit: &Visit, headers: &mut HeaderMap) {
        if self.of.is_empty() && visit.cookies().goodbye().is_none() {
            return;
        }
        let ports = &visit.app.ports;
        let mut plain = self.since.0.to_be_bytes().to_vec();
        self.of.iter().for_each(|one| plain.extend_from_slice(&one.0));
        let sealed = ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain);
        visit
            .scope()
            .set_goodbye(headers, &BASE64URL_NOPAD.encode(&sealed));
    }

    /// Each application once, with the worst that happened to its messages, and whether any is still
    /// being told. A store that cannot tell leaves the list short: the sign-out is done all the same.
    pub async fn applications(
        &self,
        visit: &Visit,
        by_browser: &[BrowserNotice],
        language: &Locale,
    ) -> (Vec<Application>, bool) {
        let farewells = &visit.app.ports.farewells;
        let known = join_all(self.of.iter().map(|of| farewells.lines(of))).await;
        let lines = known.into_iter().flat_map(|lines| {
            lines.unwrap_or_else(|error| {
                tracing::debug!(%error, "what became of logout messages is not known");
                Vec::new()
            })
        });
        let mut all: Vec<(ServiceId, ApplicationTold)> = Vec::new();
        let told = lines.map(|line| (line.service, told(line.told)));
        let browsers = by_browser
            .iter()
            .take(MOST_FRAMES)
            .map(|notice| (notice.service.clone(), ApplicationTold::ByBrowser));
        for (service, told) in told.chain(browsers) {
            match all.iter_mut().find(|(known, _)| *known == service) {
                Some((_, before)) => *before = worse(*before, told),
                None => all.push((service, told)),
            }
        }
        let age = visit.now().since(self.since);
        let underway = age <= WORTH_LOOKING && all.iter().any(|(_, told)| *told == ApplicationTold::Underway);
        let services = &visit.catalogue.services;
        let named = all.into_iter().filter_map(|(id, told)| {
            let service = services.by_id(&id)?;
            let name = name_in(&service.name, language, &id);
            Some(Application { name, told })
        });
        (named.collect(), underway)
    }
}

/// The name of a service for a person; its id when it has none.
pub fn name_in(name: &Texts, language: &Locale, id: &ServiceId) -> String {
    name.get(language).unwrap_or(id.as_str()).to_owned()
}

fn told(told: Told) -> ApplicationTold {
    match told {
        Told::Underway => ApplicationTold::Underway,
        Told::Yes => ApplicationTold::Yes,
        Told::No => ApplicationTold::No,
    }
}

/// Something open counts before something done.
fn worse(one: ApplicationTold, other: ApplicationTold) -> ApplicationTold {
    let weight = |told| match told {
        ApplicationTold::Underway => 3,
        ApplicationTold::No => 2,
        ApplicationTold::ByBrowser => 1,
        ApplicationTold::Yes => 0,
    };
    if weight(other) > weight(one) { other } else { one }
}

fn opened(visit: &Visit, sealed: &str) -> Option<Farewell> {
    let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
    let plain = visit.app.ports.keys.open(CONTEXT, &sealed)?;
    let (since, of) = plain.split_first_chunk::<8>()?;
    let of = of.as_chunks::<16>().0.iter().map(|id| FarewellId(*id));
    Some(Farewell {
        since: Timestamp(u64::from_be_bytes(*since)),
        of: of.take(MOST).collect(),
    })
}
