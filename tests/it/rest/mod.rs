//! `/v1`: programs that sign people in, through the real router.

mod refusals;
mod strangers;
mod tickets;

use std::net::IpAddr;

use axum::body::Body;
use data_encoding::BASE64;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use http_body_util::BodyExt;
use mereau::base::key_digest::KeyDigest;
use mereau::base::names::{ProgramName, RealmId, ServiceId};
use mereau::flows::rest::Program;

use crate::house::{House, Plan, Reply, build};

const KEY: &str = "6f0e3c5f6b8f4c1b9d1a52c3f0a7e1d4";
const OTHER_KEY: &str = "another key of another program";

fn program(name: &str, key: &str) -> Program {
    Program {
        name: ProgramName::new(name).unwrap(),
        key: KeyDigest::of(key),
        networks: vec!["198.51.100.0/24".parse().unwrap()],
        realms: vec![RealmId::new("campus").unwrap()],
        services: Vec::new(),
        a_minute: 1000,
        for_browsers: false,
    }
}

/// The campus with two programs: `batch`, and `narrow`, which has one service.
async fn house() -> House {
    house_with(|_| {}).await
}

async fn house_with(adjust: impl Fn(&mut Program)) -> House {
    let mut rest = vec![
        program("batch", KEY),
        Program {
            services: vec![ServiceId::new("app").unwrap()],
            ..program("narrow", OTHER_KEY)
        },
    ];
    adjust(&mut rest[0]);
    build(Plan {
        one_institution: true,
        rest,
        ..Plan::default()
    })
    .await
}

/// A program at work.
struct Client<'a> {
    house: &'a House,
    name: &'static str,
    key: &'static str,
    address: IpAddr,
    headers: Vec<(&'static str, &'static str)>,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl<'a> Client<'a> {
    fn of(house: &'a House) -> Client<'a> {
        Client {
            house,
            name: "batch",
            key: KEY,
            address: IpAddr::from([198, 51, 100, 7]),
            headers: vec![("content-type", FORM)],
        }
    }

    fn narrow(house: &'a House) -> Client<'a> {
        Client {
            name: "narrow",
            key: OTHER_KEY,
            ..Client::of(house)
        }
    }

    async fn send(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send_raw(method, path, body).await
    }

    async fn send_raw(&self, method: Method, path: &str, body: String) -> Reply {
        let shown = BASE64.encode(format!("{}:{}", self.name, self.key).as_bytes());
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "sso.example.org")
            .header(AUTHORIZATION, format!("Basic {shown}"));
        for (name, value) in &self.headers {
            let only_with_body = *name == CONTENT_TYPE.as_str() && body.is_empty();
            if !only_with_body {
                request = request.header(*name, *value);
            }
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, body) = self.house.send(request, self.address).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(Method::POST, path, fields).await
    }

    async fn opens(&self, person: (&str, &str)) -> Reply {
        let fields = [("username", person.0), ("password", person.1)];
        self.post("/cas/v1/tickets", &fields).await
    }

    /// The path of a new session.
    async fn session(&self, person: (&str, &str)) -> String {
        let opened = self.opens(person).await;
        assert_eq!(opened.status, 201, "{}", opened.body);
        let place = opened.location().strip_prefix("https://sso.example.org");
        place.expect("an absolute address").to_owned()
    }

    async fn ticket(&self, session: &str, service: &str) -> String {
        let given = self.post(session, &[("service", service)]).await;
        assert_eq!(given.status, 200, "{}", given.body);
        given.body
    }
}

fn tgt_of(session: &str) -> &str {
    session.rsplit('/').next().unwrap()
}

fn exceptions(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.header("content-type"), "application/json;charset=UTF-8");
    let told: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    let names = told["authentication_exceptions"].as_array().unwrap();
    names
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}
