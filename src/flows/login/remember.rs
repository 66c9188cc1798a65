//! “Keep me signed in on this device” (CAS-203 to CAS-207): how long a new session lives, and for whom it
//! is never a long one. What the box says is decided here alone, whoever drew it.

use std::time::Duration;

use super::open::Opening;
use crate::base::clock::Timestamp;
use crate::directory::{Filter, Person, Standing};
use crate::flows::{Catalogue, FlowError};

/// What a realm offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberMe {
    /// A session ends then, however much it is used: at most [`RememberMe::LONGEST`].
    pub longest: Duration,
    /// One unused this long ends.
    pub idle: Duration,
    /// People whose sessions are never long ones, whatever they tick (CAS-206).
    pub never: Vec<Filter>,
}

impl RememberMe {
    /// CAS-203: three months.
    pub const LONGEST: Duration = Duration::from_secs(90 * 86_400);
    pub const SHORTEST: Duration = Duration::from_secs(86_400);

    /// Whole days, for people.
    pub fn days(&self) -> u32 {
        u32::try_from(self.longest.as_secs() / 86_400).unwrap_or(u32::MAX)
    }

    fn is_for(&self, person: &Person) -> bool {
        let is_usual = person.state.standing == Standing::Active;
        is_usual && !self.never.iter().any(|filter| filter.matches(&person.attributes))
    }
}

/// Whether a new session is to be a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remember {
    No,
    /// As long as the one that it replaces in this browser would have gone on.
    AsBefore,
    /// The box is ticked.
    Asked,
}

/// How long a session lives.
pub(super) struct Terms {
    pub idle: Duration,
    pub longest: Duration,
    pub remembered: bool,
}

/// The terms of a session that is opened for `person` now.
pub(super) fn terms(
    catalogue: &Catalogue,
    opening: &Opening<'_>,
    person: &Person,
    now: Timestamp,
) -> Result<Terms, FlowError> {
    let realm = catalogue.realm(&opening.institution.realm)?;
    let usual = Terms {
        idle: realm.lifetimes.idle,
        longest: realm.lifetimes.longest,
        remembered: false,
    };
    let Some(offered) = catalogue.remember.get(&realm.id) else {
        return Ok(usual);
    };
    let longest = match opening.remember {
        Remember::No => return Ok(usual),
        Remember::Asked => offered.longest,
        Remember::AsBefore => match left(opening, person, now) {
            Some(left) => left.min(offered.longest),
            None => return Ok(usual),
        },
    };
    if longest <= usual.longest {
        return Ok(usual);
    }
    if !offered.is_for(person) {
        tracing::info!(realm = %realm.id, reason = "NEVER_REMEMBERED", "a session is a usual one all the same");
        return Ok(usual);
    }
    Ok(Terms {
        idle: offered.idle.min(longest),
        longest,
        remembered: true,
    })
}

/// What is left of the long session that this browser holds, of the same person: giving the password once
/// more takes nothing of it away and adds nothing to it.
fn left(opening: &Opening<'_>, person: &Person, now: Timestamp) -> Option<Duration> {
    let former = &opening.session?.view.session;
    let same = former.account.person == person.key && former.account.realm == opening.institution.realm;
    (same && former.remembered).then(|| former.hard_expiry.since(now))
}
