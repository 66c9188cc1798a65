//! `/help`: the hub of those who are stuck (S4-02).

use http::StatusCode;

use super::link::{kept, place};
use crate::http::answer::{Answer, page};
use crate::http::visit::{Visit, with_query};
use crate::pages::views::help::Help;

/// `GET /help`.
pub async fn show(visit: Visit) -> Answer {
    let institution = place(&visit, None);
    let settings = institution.and_then(|place| visit.catalogue.recovery_of(&place.realm));
    let any = || {
        visit
            .catalogue
            .recovery
            .keys()
            .any(|realm| visit.catalogue.recovery_of(realm).is_some())
    };
    // Without an institution yet, the picker comes between.
    let offered = settings.is_some() || (institution.is_none() && any());
    let mut pairs = kept(&visit, None);
    for name in ["service", "TARGET"] {
        let service = visit.params.agreed(name).ok().flatten();
        pairs.extend(service.map(|service| (name, service.to_owned())));
    }
    let url = |name: &str| with_query(&visit.endpoint(name), &pairs);
    let content = Help {
        password: offered.then(|| url("recover")),
        username: offered.then(|| url("recover/username")),
        activate: settings.and_then(|settings| settings.activation.clone()),
        back: url("login"),
    };
    let mut answer = page(&visit, StatusCode::OK, &content, &visit.frame(institution));
    super::super::login_form::keep_language(&visit, &mut answer);
    answer
}
