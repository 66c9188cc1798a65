//! Request bodies are read whole before a handler runs. So a handler never sees half a form or an
//! unreadable one, and no body can arrive too slowly or too large for it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::{Instant, timeout_at};

/// Bytes of a form that holds a password, and more: one that grew would be moved, and leave them where it
/// was (SEC-90).
const FORM: usize = 4_096;

/// How large and how slow a request body may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes; more is 413 (T-07).
    pub largest: usize,
    /// For the whole body; more is 408 (T-03).
    pub whole: Duration,
    /// Before the rate counts.
    pub grace: Duration,
    /// Bytes per second after the grace; fewer is 408 (T-03).
    pub slowest: u32,
}

impl Default for BodyLimits {
    fn default() -> BodyLimits {
        BodyLimits {
            largest: 64 * 1024,
            whole: Duration::from_secs(15),
            grace: Duration::from_secs(2),
            slowest: 1024,
        }
    }
}

impl BodyLimits {
    /// When a body of which `received` bytes have come must have sent more.
    fn due(&self, began: Instant, received: usize) -> Instant {
        let earned = received as f64 / f64::from(self.slowest.max(1));
        began + (self.grace + Duration::from_secs_f64(earned)).min(self.whole)
    }
}

/// The body, or the status to refuse it with: 408 too slow, 413 too large, 400 broken (T-08).
pub(super) async fn read<B>(body: B, headers: &HeaderMap, limits: &BodyLimits) -> Result<Bytes, StatusCode>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if announced(headers) > limits.largest as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut body = body;
    let announced = usize::try_from(announced(headers)).unwrap_or(limits.largest);
    let mut whole = BytesMut::with_capacity(announced.max(FORM));
    let began = Instant::now();
    loop {
        let due = limits.due(began, whole.len());
        let Ok(frame) = timeout_at(due, body.frame()).await else {
            return Err(StatusCode::REQUEST_TIMEOUT);
        };
        match frame {
            None => return Ok(whole.freeze()),
            Some(Err(_)) => return Err(StatusCode::BAD_REQUEST),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                if whole.len() + data.len() > limits.largest {
                    return Err(StatusCode::PAYLOAD_TOO_LARGE);
                }
                whole.extend_from_slice(&data);
            }
        }
    }
}

/// What `Content-Length` says, so that a client that waits for `100 Continue` is refused before it
/// sends anything.
fn announced(headers: &HeaderMap) -> u64 {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_earns_time_by_arriving_up_to_the_whole() {
        // T-03
        let limits = BodyLimits::default();
        let began = Instant::now();
        let after = |received| limits.due(began, received) - began;
        assert_eq!(after(0), Duration::from_secs(2));
        assert_eq!(after(1024), Duration::from_secs(3));
        assert_eq!(after(64 * 1024), Duration::from_secs(15));
    }

    #[tokio::test]
    async fn a_body_is_whole_or_refused() {
        // T-07
        let limits = BodyLimits {
            largest: 4,
            ..BodyLimits::default()
        };
        let full = |text: &'static str| http_body_util::Full::new(Bytes::from_static(text.as_bytes()));
        let headers = HeaderMap::new();
        assert_eq!(read(full("abcd"), &headers, &limits).await.unwrap(), "abcd");
        assert_eq!(read(full(""), &headers, &limits).await.unwrap(), "");
        let refused = read(full("abcde"), &headers, &limits).await;
        assert_eq!(refused.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
    }
}
