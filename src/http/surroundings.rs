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
        let now = now.to_zoned(zone(self.zone_name(Some(realm)))).datetime();
        banner.is_shown(now).then_some(())?;
        Some(Banner {
            text: banner.text.get(language)?.to_owned(),
            until: banner.until.and_then(|until| self.moment(realm, until)),
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

    /// Noon of a day where the realm is.
    pub(super) fn noon_of(&self, realm: &Realm, day: Date) -> Option<Timestamp> {
        self.moment(realm, day.at(12, 0, 0, 0))
    }

    /// IANA name of the zone that pages of a realm show times in.
    pub(super) fn zone_name<'a>(&'a self, realm: Option<&'a Realm>) -> &'a str {
        let own = realm.and_then(|realm| realm.time_zone.as_deref());
        own.unwrap_or(&self.app.settings.time_zone)
    }

    /// When clocks on the realm's walls show this.
    fn moment(&self, realm: &Realm, wall: DateTime) -> Option<Timestamp> {
        let here: Zoned = wall.to_zoned(zone(self.zone_name(Some(realm)))).ok()?;
        u64::try_from(here.timestamp().as_millisecond())
            .ok()
            .map(Timestamp)
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}
