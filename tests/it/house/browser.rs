//! A small browser: cookies, forms, no scripts. It follows no redirect by itself.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;

use super::{House, encoded};
pub use crate::reply::{Form, Reply};

pub struct Browser<'a> {
    house: &'a House,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    /// The host it asks for.
    pub host: String,
    /// Sent with every request.
    pub headers: Vec<(&'static str, String)>,
    /// Answers instead of a new one of the house for each request: for tests of many requests.
    pub lasting: Option<mereau::http::Service>,
}

impl<'a> Browser<'a> {
    pub fn new(house: &'a House) -> Browser<'a> {
        Browser {
            house,
            cookies: BTreeMap::new(),
            address: IpAddr::from([192, 0, 2, 7]),
            host: "sso.example.org".to_owned(),
            headers: Vec::new(),
            lasting: None,
        }
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn head(&mut self, path: &str) -> Reply {
        self.send(Method::HEAD, path, None).await
    }

    pub async fn submit(&mut self, form: &Form) -> Reply {
        self.send(Method::POST, &form.action, Some(form.encoded())).await
    }

    pub async fn send(&mut self, method: Method, path: &str, form: Option<String>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header(COOKIE, pairs.collect::<Vec<_>>().join("; "));
        }
        if form.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(form.unwrap_or_default())).unwrap();
        let answer = match &self.lasting {
            Some(service) => House::ask(service.clone(), request, self.address).await,
            None => self.house.send(request, self.address).await,
        };
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        self.keep_cookies(&parts.headers);
        let body = String::from_utf8(body).unwrap();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Opens the login page and signs in on it.
    pub async fn sign_in(&mut self, path: &str, person: (&str, &str)) -> Reply {
        let form = self.get(path).await.form();
        self.submit(&form.with("username", person.0).with("password", person.1))
            .await
    }

    /// The value of the session cookie of `realm`.
    pub fn tgc(&self, realm: &str) -> Option<&String> {
        self.cookies.get(&format!("__Secure-TGC-{realm}"))
    }

    /// Asks for a ticket by single sign-on.
    pub async fn ticket_for(&mut self, service: &str) -> String {
        self.get(&login_path(service)).await.ticket()
    }
}

pub fn login_path(service: &str) -> String {
    format!("/cas/login?service={}", encoded(service))
}
