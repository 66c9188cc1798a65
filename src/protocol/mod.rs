//! CAS 1, 2 and 3 on the wire, pure: ticket ids, service URLs, requests, responses, the logout
//! message. No I/O, no clock, no store.

mod byte_set;
pub mod client;
pub mod login_request;
pub mod logout_request;
pub mod params;
pub mod proxy_request;
pub mod response;
pub mod saml;
pub mod service_url;
pub mod single_logout;
pub mod ticket_id;
mod tree;
pub mod validation_request;

pub use login_request::{LoginFlaw, LoginRequest, ResponseMethod};
pub use logout_request::LogoutRequest;
pub use params::{ParamFlaw, Params};
pub use proxy_request::{ProxyFailure, ProxyRequest};
pub use response::{Answer, Outcome, ReleasedAttribute, ReleasedUser, Technical, ValidationSuccess, Wire};
pub use service_url::{Matching, Scheme, ServiceUrl, ServiceUrlFlaw};
pub use single_logout::LogoutMessage;
pub use ticket_id::{Bucket, TicketId, TicketKind};
pub use validation_request::{Endpoint, Format, ValidationFailure, ValidationRequest, Version};
