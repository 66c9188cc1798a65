//! A very small browser for servers on loopback: cookies, forms, no redirects followed by itself.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use scraper::{Html, Selector};

pub struct Reply {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// One browser; cookies are kept per port, as it talks to two servers of one host.
#[derive(Default)]
pub struct Browser {
    cookies: BTreeMap<(u16, String), String>,
}

impl Browser {
    pub fn get(&mut self, port: u16, path: &str) -> Reply {
        self.ask(port, "GET", path, None)
    }

    pub fn post(&mut self, port: u16, path: &str, fields: &[(String, String)]) -> Reply {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        self.ask(port, "POST", path, Some(&form))
    }

    /// Fills in the sign-in form of `page` and sends it.
    pub fn sign_in(&mut self, port: u16, page: &Reply, login: &str, password: &str) -> Reply {
        let (action, mut fields) = form(&page.body);
        fields.push(("username".into(), login.into()));
        fields.push(("password".into(), password.into()));
        self.post(port, &action, &fields)
    }

    /// The server of one port is now at another: its cookies go there.
    pub fn moved(&mut self, from: u16, to: u16) {
        let cookies = std::mem::take(&mut self.cookies);
        let moved = cookies.into_iter().map(|((port, name), value)| {
            let port = if port == from { to } else { port };
            ((port, name), value)
        });
        self.cookies = moved.collect();
    }

    /// Every cookie value held.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    fn ask(&mut self, port: u16, method: &str, path: &str, form: Option<&str>) -> Reply {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| *of == port)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let body = form.unwrap_or_default();
        let kind = form.map_or("", |_| "Content-Type: application/x-www-form-urlencoded\r\n");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nCookie: {}\r\n{kind}\
             Content-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        self.keep(port, head);
        Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            location: header(head, "location").next().map(str::to_owned),
            body: body.to_owned(),
        }
    }

    fn keep(&mut self, port: u16, head: &str) {
        for cookie in header(head, "set-cookie") {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (port, name.to_owned());
            if value.is_empty() || cookie.to_lowercase().contains("max-age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
    }
}

fn header<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    head.lines().filter_map(move |line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Path and query of a URL on this host.
pub fn local(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", url.path())
}

/// Where the page's first form goes, and its hidden fields.
pub fn form(page: &str) -> (String, Vec<(String, String)>) {
    let page = Html::parse_document(page);
    let first = Selector::parse("form[method=post]").unwrap();
    let hidden = Selector::parse("input[type=hidden]").unwrap();
    let form = page.select(&first).next().expect("a form");
    let fields = form.select(&hidden).map(|field| {
        let of = |name| field.value().attr(name).unwrap_or_default().to_owned();
        (of("name"), of("value"))
    });
    (form.value().attr("action").unwrap().to_owned(), fields.collect())
}
