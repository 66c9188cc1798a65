//! For how long people may be kept signed in, from `[remember_me]` of their realm.

use std::time::Duration;

use crate::config::problem::Problems;
use crate::config::sections::{RealmFile, RememberSection};
use crate::config::source::At;
use crate::directory::Filter;
use crate::flows::login::RememberMe;

/// `None` where the box is not offered.
pub fn build(file: &RealmFile, problems: &mut Problems) -> Option<RememberMe> {
    let section = &file.remember_me;
    let never = filter(&section.never, problems);
    if !section.offered.value {
        return None;
    }
    // That it is a filter at all is said once, where recovery reads it.
    let protected = file.recovery.protected.as_ref();
    let protected = protected.filter(|text| Filter::parse(text).is_ok());
    let protected = protected.and_then(|_| filter(&file.recovery.protected, problems));
    longest(section, file.lifetimes.longest.value, problems);
    Some(RememberMe {
        longest: section.longest.value,
        idle: idle(section, problems),
        never: never.into_iter().chain(protected).collect(),
    })
}

/// CAS-203
fn longest(section: &RememberSection, usual: Duration, problems: &mut Problems) {
    let span = section.longest.value;
    if !(RememberMe::SHORTEST..=RememberMe::LONGEST).contains(&span) {
        problems.add(
            &section.longest.place,
            "people are kept signed in for 1 to 90 days",
            "\"30 d\"",
        );
    } else if span <= usual {
        problems.add(
            &section.longest.place,
            "every session of this realm lives as long as that already",
            "a span of time above “longest” of [lifetimes]",
        );
    }
}

fn idle(section: &RememberSection, problems: &mut Problems) -> Duration {
    let Some(idle) = section.idle.value else {
        return section.longest.value;
    };
    if idle.is_zero() || idle > section.longest.value {
        problems.add(
            &section.idle.place,
            "a session cannot be unused longer than it may live at all, nor no time",
            "an idle time that is not above “longest”, or nothing",
        );
    }
    idle
}

/// What cannot be answered here would let everybody pass (CAS-206).
fn filter(written: &At<Option<String>>, problems: &mut Problems) -> Option<Filter> {
    let mend = "a filter, as \"(memberOf=cn=admins,ou=groups,dc=valmore,dc=example)\"";
    match Filter::parse(written.value.as_ref()?) {
        Ok(filter) if filter.is_evaluable() => Some(filter),
        Ok(_) => {
            let wrong = "only the directory could answer this filter, and it is not asked here";
            problems.add(&written.place, wrong, mend);
            None
        }
        Err(flaw) => {
            problems.add(&written.place, format!("this is not a filter: {flaw}"), mend);
            None
        }
    }
}
