//! SAML 1.1 as CAS speaks it (CAS-209 to CAS-226): a ticket comes as the artifact of a SOAP request, the
//! answer goes as an assertion. Its security is that of the connection: nothing is signed.

mod request;
mod response;

pub use request::{LONGEST_REQUEST, SamlRequest};
pub use response::{Envelope, KnownBy, write};
