//! `/sessions`: what lives of one person's sessions, and their end, for who shows the token. The flow does it,
//! and the audit says who did and why.
//!
//! GET `?person=LOGIN[&realm=R]` lists; POST of a form with `person`, `reason`, and `realm` and `agent` where
//! they are wanted, ends all of them. Both answer JSON.

use axum::body::Body;
use axum::extract::Request;
use http::{Method, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::app::App;
use crate::base::names::{RealmId, Username};
use crate::flows::breach::{ByAgent, Meant, Whom, end_sessions, sessions_of, whom};
use crate::flows::{Catalogue, FlowError};
use crate::http::answer::{log_incident, text};
use crate::tickets::Connection;

/// Letters of a reason, and of a name.
const LONGEST: usize = 300;

/// What stands in the audit for who names nobody.
const NAMELESS: &str = "admin";

/// What was asked for, or why it makes no sense.
type Asked<T> = Result<T, (StatusCode, String)>;

pub(super) async fn answer(app: &App, request: Request) -> Response<Body> {
    let ends = request.method() == Method::POST;
    let fields = match ends {
        true => match request.into_body().collect().await {
            Ok(body) => body.to_bytes().to_vec(),
            Err(_) => return problem(StatusCode::BAD_REQUEST, "the form cannot be read"),
        },
        false => request.uri().query().unwrap_or_default().as_bytes().to_vec(),
    };
    let done = match Fields::read(&fields, ends) {
        Ok(fields) => do_it(app, &fields).await,
        Err(wrong) => Ok(Err(wrong)),
    };
    match done {
        Ok(Ok(value)) => said(StatusCode::OK, &value),
        Ok(Err((status, wrong))) => problem(status, &wrong),
        Err(error) => {
            log_incident(&error);
            problem(StatusCode::SERVICE_UNAVAILABLE, trouble(&error))
        }
    }
}

const NO_ROOM: &str = "there is no room for it at the moment: try again";

/// What did not do its part, for who runs it.
fn trouble(error: &FlowError) -> &'static str {
    if error.is_crowd() {
        return NO_ROOM;
    }
    match error {
        FlowError::Unrecorded => {
            "the audit cannot be written, and no session is ended that it would not tell of: look at its file \
             and its disk"
        }
        FlowError::Directory { .. } => "the directory does not answer: try again",
        FlowError::Store(_) => "the ticket store does not answer: try again",
        FlowError::NoRealm(_) => "the realm is not configured any more",
        FlowError::Crowded(_) => NO_ROOM,
        FlowError::Outbox(_) => "a letter could not be kept for sending: try again",
    }
}

/// What was sent.
struct Fields {
    person: Username,
    realm: Option<String>,
    /// Why, and who: of who ends sessions.
    end: Option<(String, String)>,
}

impl Fields {
    fn read(bytes: &[u8], ends: bool) -> Asked<Fields> {
        let bad = |wrong: String| (StatusCode::BAD_REQUEST, wrong);
        let (mut person, mut realm, mut reason, mut agent) = (None, None, None, None);
        for (name, value) in url::form_urlencoded::parse(bytes) {
            let field = match &*name {
                "person" => &mut person,
                "realm" => &mut realm,
                "reason" if ends => &mut reason,
                "agent" if ends => &mut agent,
                _ => return Err(bad("a field that is not known here".to_owned())),
            };
            if field.replace(value.into_owned()).is_some() {
                return Err(bad(format!("{name} twice")));
            }
        }
        let person = person.ok_or_else(|| bad("person: whose sessions, by login".to_owned()))?;
        let person = Username::typed(&person).map_err(|_| bad("person: this is no login".to_owned()))?;
        let end = match ends {
            false => None,
            true => {
                let reason = reason.ok_or_else(|| bad("reason: why they are ended".to_owned()))?;
                let reason = line(&reason).ok_or_else(|| bad("reason: one line of text".to_owned()))?;
                let agent = agent.unwrap_or_else(|| NAMELESS.to_owned());
                let agent = line(&agent).ok_or_else(|| bad("agent: a name".to_owned()))?;
                Some((reason, agent))
            }
        };
        Ok(Fields { person, realm, end })
    }
}

/// One line of something.
fn line(text: &str) -> Option<String> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

async fn do_it(app: &App, fields: &Fields) -> Result<Asked<Value>, FlowError> {
    let catalogue = app.catalogue();
    let realm = match &fields.realm {
        None => None,
        Some(name) => match RealmId::new(name).filter(|id| catalogue.realms.contains_key(id)) {
            Some(realm) => Some(realm),
            None => return Ok(Err((StatusCode::NOT_FOUND, "there is no such realm".to_owned()))),
        },
    };
    let meant = match whom(&catalogue, &fields.person, realm.as_ref()).await? {
        Whom::One(meant) => meant,
        Whom::Nobody => return Ok(Err((StatusCode::NOT_FOUND, "nobody has this login".to_owned()))),
        Whom::Several(entries) => {
            let realms: Vec<&str> = entries.iter().map(|(realm, _)| realm.as_str()).collect();
            let wrong = format!(
                "several entries have this login, in {}: say realm",
                realms.join(", ")
            );
            return Ok(Err((StatusCode::CONFLICT, wrong)));
        }
    };
    let done = match &fields.end {
        None => listed(app, &meant).await,
        Some((reason, agent)) => {
            let by = ByAgent {
                name: agent,
                reason,
                method: "admin",
            };
            ended(app, &catalogue, &meant, &by).await
        }
    };
    done.map(Ok)
}

async fn listed(app: &App, meant: &Meant) -> Result<Value, FlowError> {
    let held = sessions_of(&app.ports, &meant.account).await?;
    let sessions: Vec<Value> = held.listed.iter().map(session).collect();
    Ok(json!({
        "person": meant.login,
        "realm": meant.account.realm.as_str(),
        "sessions": sessions,
        "perhaps_more": held.perhaps_more,
    }))
}

/// Nothing by which it could be taken over.
fn session(held: &Connection) -> Value {
    let session = &held.view.session;
    json!({
        "since": session.signed_in_at.to_rfc3339(),
        "last_used": held.view.last_used.to_rfc3339(),
        "until": session.hard_expiry.to_rfc3339(),
        "institution": session.institution.as_str(),
        "remembered": session.remembered,
        "visited": held.visited(),
    })
}

async fn ended(
    app: &App,
    catalogue: &Catalogue,
    meant: &Meant,
    by: &ByAgent<'_>,
) -> Result<Value, FlowError> {
    let ended = end_sessions(&app.ports, catalogue, &meant.account, by).await?;
    Ok(json!({
        "person": meant.login,
        "realm": meant.account.realm.as_str(),
        "ended": ended.sessions,
        "applications_told": ended.told,
        "applications_not_told": ended.untold,
        "perhaps_more": ended.perhaps_more,
    }))
}

fn said(status: StatusCode, value: &Value) -> Response<Body> {
    text(status, "application/json", format!("{value}\n"))
}

fn problem(status: StatusCode, wrong: &str) -> Response<Body> {
    said(status, &json!({ "problem": wrong }))
}
