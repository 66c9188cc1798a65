//! What a browser makes of an answer: its page, its forms, where it sends to. Shared by the browsers
//! of the suites, whatever they reach the server by.
#![allow(dead_code, reason = "no suite looks at everything")]

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use scraper::{Html, Selector};

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

impl Reply {
    /// The first form of the page that is not the language menu.
    pub fn form(&self) -> Form {
        let first = self.forms().into_iter().next();
        first.unwrap_or_else(|| panic!("no form in {}", self.body))
    }

    /// Every form that is posted, as it is sent by who only presses its button.
    pub fn forms(&self) -> Vec<Form> {
        let page = Html::parse_document(&self.body);
        let forms = Selector::parse("form[method=post]").unwrap();
        let inputs = Selector::parse("input[name], button[name]").unwrap();
        let read = |form| Reply::form_of(form, &inputs);
        page.select(&forms).map(read).collect()
    }

    fn form_of(form: scraper::ElementRef<'_>, inputs: &Selector) -> Form {
        let fields = form.select(inputs).filter(|input| {
            let kind = input.attr("type").unwrap_or_default();
            // Not the button that is pressed in a test, unless it says so.
            input.attr("name") != Some("by") && !matches!(kind, "checkbox" | "radio")
                || input.attr("checked").is_some()
        });
        let text = |input: scraper::ElementRef<'_>, name| input.attr(name).unwrap_or_default().to_owned();
        let fields = fields
            .map(|input| (text(input, "name"), text(input, "value")))
            .collect();
        Form {
            action: form.attr("action").unwrap_or_default().to_owned(),
            fields,
        }
    }

    pub fn has_form(&self) -> bool {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse("input[name=password]").unwrap())
            .next()
            .is_some()
    }

    /// Whether it is a page on which a new password is chosen.
    pub fn has_form_for_new(&self) -> bool {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse("input[name=new]").unwrap())
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

    /// The flow that the redirect or the page's own form names.
    pub fn location_flow(&self) -> String {
        let place = match self.headers.get(LOCATION) {
            Some(place) => place.to_str().unwrap().to_owned(),
            None => {
                let flow = Selector::parse("input[name=flow]").unwrap();
                let page = Html::parse_document(&self.body);
                let found = page.select(&flow).next().expect("a flow");
                return found.attr("value").unwrap_or_default().to_owned();
            }
        };
        let (_, query) = place.split_once('?').unwrap_or_default();
        let query = query.split('#').next().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let flow = pairs.find(|(name, _)| name == "flow");
        flow.map(|(_, value)| value.into_owned()).unwrap_or_default()
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

    /// Whether it says to come back within that many seconds, drawn anew each time.
    pub fn comes_back_in(&self, seconds: std::ops::RangeInclusive<u64>) -> bool {
        self.header("retry-after")
            .parse()
            .is_ok_and(|after| seconds.contains(&after))
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

    /// The fields as they are posted.
    pub fn encoded(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(&self.fields).finish()
    }
}
