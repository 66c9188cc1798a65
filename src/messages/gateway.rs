//! The post for text messages: an HTTP gateway, described by templates of its URL, headers and body.
//! What goes into a template is escaped for its place, so a text can add nothing to a request.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::letter::{Composed, Content, Destination};
use super::post::{Post, PostError, Sent};
use crate::base::secret::Secret;
use crate::outgoing::{Call, Outgoing, OutgoingError};

/// A gateway. In templates `{to}` is the number as `+33612345678`, `{digits}` the same without its
/// plus, `{text}` the message, `{sender}` the brand and `{secret}` the gateway's secret.
#[derive(Clone)]
pub struct GatewaySettings {
    pub url: String,
    pub method: Method,
    /// Names and templates of values.
    pub headers: Vec<(HeaderName, String)>,
    pub body: String,
    pub format: BodyFormat,
    pub secret: Option<Secret>,
}

/// How a body is written, and so how values in it are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// `to={to}&text={text}`
    Form,
    /// `{"to": "{to}", "text": "{text}"}`
    Json,
}

pub struct Gateway {
    settings: GatewaySettings,
    outgoing: Outgoing,
}

impl Gateway {
    /// `outgoing` may reach the gateway's host and is nobody else's.
    pub fn new(settings: GatewaySettings, outgoing: Outgoing) -> Gateway {
        Gateway { settings, outgoing }
    }

    /// Goes to the gateway's door, with TLS, and says nothing there: for `doctor`.
    pub async fn reach(&self) -> Result<(), PostError> {
        let nobody = Values {
            to: "+330",
            text: "",
            sender: "",
            secret: "",
        };
        let (url, _) = self.call(&nobody)?;
        match self.outgoing.reach(&url).await {
            Ok(()) => Ok(()),
            Err(OutgoingError::Late { .. }) => Err(PostError::TimedOut),
            Err(error) => Err(PostError::Unreachable(error.to_string())),
        }
    }

    fn call(&self, values: &Values<'_>) -> Result<(Url, Call), PostError> {
        let settings = &self.settings;
        let unfit = |what: &str| PostError::Unreachable(format!("the gateway’s {what} is not one"));
        let url = Url::parse(&filled(&settings.url, values, in_url)).map_err(|_| unfit("URL"))?;
        let mut headers = vec![(header::CONTENT_TYPE, settings.format.content_type())];
        for (name, template) in &settings.headers {
            let mut value =
                HeaderValue::from_str(&filled(template, values, in_header)).map_err(|_| unfit("header"))?;
            value.set_sensitive(true);
            headers.push((name.clone(), value));
        }
        let escape = match settings.format {
            BodyFormat::Form => in_url,
            BodyFormat::Json => in_json,
        };
        Ok((
            url,
            Call {
                method: settings.method.clone(),
                headers,
                body: Bytes::from(filled(&settings.body, values, escape)),
            },
        ))
    }
}

#[async_trait]
impl Post for Gateway {
    async fn send(&self, composed: &Composed) -> Result<Sent, PostError> {
        let (Destination::Sms(to), Content::Sms { text }) = (&composed.to, &composed.content) else {
            return Err(PostError::Refused("not a text message".to_owned()));
        };
        let values = Values {
            to: to.international(),
            text,
            sender: &composed.from.brand,
            secret: self.settings.secret.as_ref().map_or("", Secret::expose),
        };
        let (url, call) = self.call(&values)?;
        match self.outgoing.submit(&url, call).await {
            Ok(status) => judged(status),
            Err(OutgoingError::Late { .. }) => Err(PostError::TimedOut),
            Err(error) => Err(PostError::Unreachable(error.to_string())),
        }
    }
}

/// A wrong secret is the operator's mistake and no message's, so it may pass.
fn judged(status: StatusCode) -> Result<Sent, PostError> {
    let code = status.as_u16().to_string();
    match code.as_bytes().first() {
        Some(b'2') => Ok(Sent { receipt: Some(code) }),
        Some(b'4') if !matches!(status.as_u16(), 401 | 403 | 404 | 408 | 425 | 429) => {
            Err(PostError::Refused(code))
        }
        _ => Err(PostError::Later(code)),
    }
}

impl BodyFormat {
    fn content_type(self) -> HeaderValue {
        match self {
            BodyFormat::Form => HeaderValue::from_static("application/x-www-form-urlencoded"),
            BodyFormat::Json => HeaderValue::from_static("application/json"),
        }
    }
}

/// What templates are filled with.
pub struct Values<'a> {
    pub to: &'a str,
    pub text: &'a str,
    pub sender: &'a str,
    pub secret: &'a str,
}

/// The template with its values, in one pass: a value that looks like a placeholder stays as it is.
fn filled(template: &str, values: &Values<'_>, escape: fn(&str) -> String) -> String {
    let known = [
        ("{to}", values.to),
        ("{digits}", values.to.trim_start_matches('+')),
        ("{text}", values.text),
        ("{sender}", values.sender),
        ("{secret}", values.secret),
    ];
    let mut out = String::with_capacity(template.len() + values.text.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match known.iter().find(|(name, _)| from.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(&escape(value));
                rest = from.get(name.len()..).unwrap_or_default();
            }
            None => {
                out.push('{');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// Whether a template is well formed once it is filled; for the configuration.
pub fn check_body(body: &str, format: BodyFormat) -> bool {
    let values = Values {
        to: "+33100000000",
        text: "a \"b\" & c\n",
        sender: "X",
        secret: "s",
    };
    match format {
        BodyFormat::Form => true,
        BodyFormat::Json => {
            serde_json::from_str::<serde_json::Value>(&filled(body, &values, in_json)).is_ok()
        }
    }
}

fn in_url(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn in_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn in_header(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> = Values {
        to: "+33612345678",
        text: "LEIA : code \"1\" & {secret}\n@x \"#1\"",
        sender: "L&A",
        secret: "s3",
    };

    #[test]
    fn a_text_adds_nothing_to_the_request() {
        // SEC-39
        let form = filled("to={digits}&text={text}&from={sender}", &VALUES, in_url);
        assert_eq!(
            form,
            "to=33612345678&text=LEIA%20%3A%20code%20%221%22%20%26%20%7Bsecret%7D%0A%40x%20%22%231%22&from=L%26A"
        );
        let json = filled("{\"to\": \"{to}\", \"text\": \"{text}\"}", &VALUES, in_json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["text"], VALUES.text);
        assert_eq!(filled("Bearer {secret}", &VALUES, in_header), "Bearer s3");
    }

    #[test]
    fn a_json_template_must_be_json() {
        assert!(check_body(
            "{\"to\": \"{to}\", \"text\": \"{text}\"}",
            BodyFormat::Json
        ));
        assert!(!check_body("{\"to\": {to}, \"text\": {text}}", BodyFormat::Json));
    }

    #[test]
    fn a_status_tells_whether_to_try_again() {
        let judge = |code| judged(StatusCode::from_u16(code).unwrap());
        assert!(judge(202).is_ok());
        assert!(matches!(judge(400), Err(PostError::Refused(_))));
        for passing in [302, 401, 403, 429, 500, 503] {
            assert!(judge(passing).is_err_and(|error| error.may_pass()), "{passing}");
        }
    }
}
