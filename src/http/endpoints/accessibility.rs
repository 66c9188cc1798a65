//! The accessibility statement that French law asks of public services, for a realm that has none on
//! its own site. Filled in from the configuration; it claims nothing that is not written there.

use http::StatusCode;

use crate::http::answer::{Answer, page, trouble};
use crate::http::visit::Visit;
use crate::pages::views::accessibility::AccessibilityStatement;
use crate::pages::views::trouble::TroubleKind;
use crate::protocol::login_request::LoginRequest;
use crate::realms::Resolution;

pub async fn show(visit: Visit) -> Answer {
    let request = LoginRequest::read(&visit.params).unwrap_or_default();
    let whose = visit.resolve(&request, None, &Default::default());
    let institution = match whose.resolution {
        Resolution::Institution(found, _) => Some(found),
        _ => None,
    };
    let realm = visit.realm_of(institution);
    let frame = visit.frame(institution);
    let (Some(realm), Some(statement)) = (realm, &frame.legal.accessibility) else {
        return trouble(&visit, StatusCode::NOT_FOUND, TroubleKind::NotFound, None);
    };
    let content = AccessibilityStatement {
        level: statement.level,
        address: visit.app.settings.public_url.to_string(),
        rate: realm.legal.conformity_rate,
        gaps: realm.legal.gaps.get(&frame.language).map(str::to_owned),
        day: realm.legal.stated_on.and_then(|day| visit.noon_of(realm, day)),
    };
    page(&visit, StatusCode::OK, &content, &frame)
}
