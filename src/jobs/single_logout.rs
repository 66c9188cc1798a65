//! Telling applications that a session has ended, in the background (CAS-190, CAS-198). It does not
//! decide whom to tell nor what.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Jobs;
use crate::flows::{LogoutNotice, LogoutNotices};
use crate::outgoing::{Outgoing, OutgoingError};

/// One message for one application.
pub struct Delivery {
    /// The registered name of the application, for the log.
    pub service: String,
    pub url: Url,
    /// The form as it goes out, `logoutRequest` first (CAS-193). Holds a ticket: never logged.
    pub form: String,
}

/// When to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleLogoutSettings {
    /// The pause before each further try; as many tries follow the first (CAS-198).
    pub pauses: Vec<Duration>,
}

impl Default for SingleLogoutSettings {
    fn default() -> SingleLogoutSettings {
        SingleLogoutSettings {
            pauses: vec![Duration::from_secs(1), Duration::from_secs(5)],
        }
    }
}

/// Delivers logout messages.
#[derive(Clone)]
pub struct SingleLogout {
    jobs: Jobs,
    outgoing: Arc<Outgoing>,
    pauses: Arc<[Duration]>,
}

impl SingleLogout {
    pub fn new(jobs: Jobs, outgoing: Arc<Outgoing>, settings: SingleLogoutSettings) -> SingleLogout {
        SingleLogout {
            jobs,
            outgoing,
            pauses: settings.pauses.into(),
        }
    }

    /// Hands every delivery to the background and returns at once. Each is a job of its own, so that
    /// one dead application delays no other.
    pub fn send(&self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let service = delivery.service.clone();
            let (outgoing, pauses) = (Arc::clone(&self.outgoing), Arc::clone(&self.pauses));
            let stopping = self.jobs.stopping();
            let job = async move { deliver(&outgoing, delivery, &pauses, stopping).await };
            if self.jobs.submit(job).is_err() {
                tracing::warn!(service, "logout not delivered: too much background work");
            }
        }
    }
}

impl LogoutNotices for SingleLogout {
    fn post(&self, notices: Vec<LogoutNotice>) {
        let deliveries = notices.into_iter().filter_map(|notice| {
            let url = Url::parse(&notice.url).ok()?;
            Some(Delivery {
                service: notice.service.to_string(),
                url,
                form: notice.body,
            })
        });
        self.send(deliveries.collect());
    }
}

async fn deliver(outgoing: &Outgoing, delivery: Delivery, pauses: &[Duration], stopping: CancellationToken) {
    let Delivery { service, url, form } = delivery;
    let mut pauses = pauses.iter();
    let mut tries = 1;
    loop {
        let outcome = outgoing.post_form(&url, form.clone()).await;
        let pause = if worth_another(&outcome) {
            pauses.next()
        } else {
            None
        };
        let Some(pause) = pause else {
            return report(&service, outcome, tries);
        };
        tracing::debug!(service, tries, "logout not delivered yet");
        // A stop shortens the pause, not the number of tries.
        tokio::select! {
            () = tokio::time::sleep(*pause) => {}
            () = stopping.cancelled() => {}
        }
        tries += 1;
    }
}

/// A refusal by the application stands; its absence, or a fault of its own, may pass.
fn worth_another(outcome: &Result<StatusCode, OutgoingError>) -> bool {
    match outcome {
        Ok(status) => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
        Err(error) => error.may_pass(),
    }
}

fn report(service: &str, outcome: Result<StatusCode, OutgoingError>, tries: u32) {
    match outcome {
        Ok(status) if status.is_client_error() || status.is_server_error() => {
            tracing::warn!(
                service,
                status = status.as_u16(),
                tries,
                "logout refused by the application"
            );
        }
        // A redirection counts as taken: applications often answer so after logging out.
        Ok(status) => tracing::info!(service, status = status.as_u16(), tries, "logout delivered"),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(service, %error, cause, tries, "logout not delivered");
        }
    }
}
