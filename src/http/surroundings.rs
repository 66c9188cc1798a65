//! What surrounds a page by the word of its realm: what is announced, and what the law has pages say.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::visit::{Visit, encoded};
use crate::base::clock::Timestamp;
use crate::base::names::Locale;
use crate::pages::{Accessibility, Banner, Conformity, Legal};
use crate::realms::{self, Institution, Realm};

impl Visit {
    /// The announcement of this hour.
    pub(super) fn banner(
        &self,
        institution: Option<&Institution>,
        realm: Option<&Realm>,
        language: &Locale,
    ) -> Option<Banner> {
        let realm = realm?;
        let banner = institution.map_or(realm.banner.as_ref(), |institution| institution.banner(realm))?;
        let now = i64::try_from(self.app.ports.clock.now().0).ok()?;
        let now = jiff::Timestamp::from_millisecond(now).ok()?;
        let now = now.to_zoned(self.zone()).datetime();
        banner.is_shown(now).then_some(())?;
        Some(Banner {
            text: banner.text.get(language)?.to_owned(),
            until: banner.until.and_then(|until| self.moment(until)),
        })
    }

    /// Links that a public service must show. A realm without a statement of its own has ours.
    pub(super) fn legal(&self, institution: Option<&Institution>, realm: Option<&Realm>) -> Legal {
        let Some(realm) = realm else {
            return Legal::default();
        };
        let level = match realm.legal.conformity {
            realms::Conformity::Full => Conformity::Full,
            realms::Conformity::Partial => Conformity::Partial,
            realms::Conformity::None => Conformity::None,
        };
        let ours = || {
            let base = &self.app.settings.base;
            match institution {
                Some(institution) => format!("{base}/t/{}/accessibility", encoded(institution.id.as_str())),
                None => format!("{base}/accessibility"),
            }
        };
        let url = realm.legal.accessibility.clone().unwrap_or_else(ours);
        Legal {
            accessibility: Some(Accessibility { url, level }),
            notice: realm.legal.legal_notice.clone(),
            privacy: realm.legal.privacy.clone(),
        }
    }

    /// Noon of a day here.
    pub(super) fn noon_of(&self, day: Date) -> Option<Timestamp> {
        self.moment(day.at(12, 0, 0, 0))
    }

    fn moment(&self, wall: DateTime) -> Option<Timestamp> {
        let here: Zoned = wall.to_zoned(self.zone()).ok()?;
        u64::try_from(here.timestamp().as_millisecond())
            .ok()
            .map(Timestamp)
    }

    fn zone(&self) -> TimeZone {
        TimeZone::get(&self.app.settings.time_zone).unwrap_or(TimeZone::UTC)
    }
}
