//! Who tells the service that a session is over.

use super::{Check, ServiceSettings};
use crate::services::service::LogoutBy;

impl Check {
    pub(super) fn logout_by(&mut self, settings: &ServiceSettings) -> LogoutBy {
        match settings.logout_by.as_deref() {
            None | Some("server") => LogoutBy::Server,
            Some("browser") => LogoutBy::Browser,
            Some(other) => {
                self.problem("logout_by", format!("“{other}” is neither server nor browser"));
                LogoutBy::Server
            }
        }
    }
}
