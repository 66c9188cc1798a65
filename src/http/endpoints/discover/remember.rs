//! Remembered choices: `POST /discover/choose` remembers and goes on, `POST /discover/forget`
//! forgets and comes back. A form from another site changes nothing.

use super::{Goal, Trip, go};
use crate::base::names::InstitutionId;
use crate::http::answer::Answer;
use crate::http::endpoints::login::same_site;
use crate::http::recent::Recent;
use crate::http::visit::Visit;

pub async fn choose(visit: Visit) -> Answer {
    let trip = match Trip::read(&visit, Goal::SignIn) {
        Ok(trip) => trip,
        Err(answer) => return *answer,
    };
    let asked = tenant(&visit);
    let Some(institution) = trip.shelf().named(asked) else {
        // Told by the picker as any unknown institution is.
        return go(&visit, true, &trip.picker_url(Some(asked)));
    };
    let mut answer = go(&visit, true, &trip.url_of(institution.id.as_str()));
    let always = visit.params.switch("always");
    if (always || visit.params.switch("remember")) && same_site(&visit) {
        let mut recent = visit.recent();
        if always {
            recent.always_use(&institution.id);
        } else {
            recent.remember(&institution.id);
        }
        keep(&visit, &recent, &mut answer);
    }
    answer
}

pub async fn forget(visit: Visit) -> Answer {
    let trip = match Trip::read(&visit, Goal::SignIn) {
        Ok(trip) => trip,
        Err(answer) => return *answer,
    };
    let mut answer = go(&visit, true, &trip.picker_url(None));
    if same_site(&visit)
        && let Some(id) = InstitutionId::new(tenant(&visit))
    {
        let mut recent = visit.recent();
        recent.forget(&id);
        keep(&visit, &recent, &mut answer);
    }
    answer
}

fn tenant(visit: &Visit) -> &str {
    visit.params.first("tenant").ok().flatten().unwrap_or_default()
}

fn keep(visit: &Visit, recent: &Recent, answer: &mut Answer) {
    let ports = &visit.app.ports;
    let sealed = recent.seal(&ports.keys, ports.entropy.as_ref());
    visit.scope().set_recent(answer.headers_mut(), sealed.as_deref());
}
