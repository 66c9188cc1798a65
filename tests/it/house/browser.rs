//! A small browser: cookies, forms, no scripts. It follows no redirect by itself.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use scraper::{Html, Selector};

use super::{House, encoded};

pub struct Browser<'a> {
    house: &'a House,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    /// Sent with every request.
    pub headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// A form of a page, to be filled in.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub fn new(house: &'a House) -> Browser<'a> {
        Browser {
            house,
            cookies: BTreeMap::new(),
            address: IpAddr::from([192, 0, 2, 7]),
            headers: Vec::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn head(&mut self, path: &str) -> Reply {
        self.send(Method::HEAD, path, None).await
    }

    pub async fn submit(&mut self, form: &Form) -> Reply {
        let pairs = form
            .fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.send(Method::POST, &form.action, Some(body)).await
    }

    pub async fn send(&mut self, method: Method, path: &str, form: Option<String>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "sso.example.org");
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
        let answer = self.house.send(request, self.address).await;
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

impl Reply {
    /// The first form of the page that is not the language menu.
    pub fn form(&self) -> Form {
        let page = Html::parse_document(&self.body);
        let forms = Selector::parse("form[method=post]").unwrap();
        let inputs = Selector::parse("input[name], button[name]").unwrap();
        let form = page
            .select(&forms)
            .next()
            .unwrap_or_else(|| panic!("no form in {}", self.body));
        let fields = form.select(&inputs).filter(|input| {
            let kind = input.attr("type").unwrap_or_default();
            !matches!(kind, "checkbox" | "radio") || input.attr("checked").is_some()
        });
        let text = |input: scraper::ElementRef<'_>, name| input.attr(name).unwrap_or_default().to_owned();
        let fields = fields
            .map(|input| (text(input, "name"), text(input, "value")))
            .collect();
        Form {
            action: form.attr("action").unwrap().to_owned(),
            fields,
        }
    }

    pub fn has_form(&self) -> bool {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse("input[name=password]").unwrap())
            .next()
            .is_some()
    }

    pub fn text_of(&self, selector: &str) -> String {
        let page = Html::parse_document(&self.body);
        let found = page.select(&Selector::parse(selector).unwrap()).next();
        let text = found
            .map(|element| element.text().collect::<String>())
            .unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Every address that the page would go to or load.
    pub fn addresses(&self) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let all = Selector::parse("[href], [src], [action], [formaction], [content]").unwrap();
        let names = ["href", "src", "action", "formaction", "content"];
        let found = page
            .select(&all)
            .flat_map(|element| names.map(|name| element.attr(name)));
        found.flatten().map(str::to_owned).collect()
    }

    pub fn location(&self) -> &str {
        self.headers
            .get(LOCATION)
            .unwrap_or_else(|| panic!("{} {}", self.status, self.body))
            .to_str()
            .unwrap()
    }

    /// The ticket of the redirect.
    pub fn ticket(&self) -> String {
        let url = url::Url::parse(self.location()).unwrap();
        let ticket = url.query_pairs().find(|(name, _)| name == "ticket");
        ticket
            .unwrap_or_else(|| panic!("no ticket in {url}"))
            .1
            .into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Form {
    /// The form with `name` set, added when the form lacks it.
    pub fn with(mut self, name: &str, value: &str) -> Form {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Form {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}
