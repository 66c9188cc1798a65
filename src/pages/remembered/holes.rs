//! What of a page passes: values of their own, and the application's address wherever it stands in others; and
//! the page with places for them.

use std::mem;

use crate::pages::engine::escaped;
use crate::pages::{Frame, Page};

/// What an application's address is called in ours.
const REPEATED: [&str; 2] = ["service", "TARGET"];

/// What of a page passes, and what page and frame hold in its place.
pub struct Holes<'a> {
    /// Nobody knows them: what is typed or asked for cannot pass for one.
    stand_ins: &'a [String],
    values: Vec<String>,
    /// How many of the last are pieces of addresses, of which those that are alike are one.
    pieces: usize,
    fields: Vec<String>,
}

enum Field {
    Whole,
    Address,
}

impl<'a> Holes<'a> {
    /// `None` of a page that is not to be remembered, or has more values than there are `stand_ins`.
    pub fn of<P: Page>(page: &mut P, frame: &mut Frame, stand_ins: &'a [String]) -> Option<Holes<'a>> {
        let mut holes = Holes {
            stand_ins,
            values: Vec::new(),
            pieces: 0,
            fields: Vec::new(),
        };
        let mut fields = Some(Vec::new());
        each(page, frame, |field, value| {
            let instead = match field {
                // Whether there is one decides what is shown.
                Field::Whole if value.is_empty() => Some(String::new()),
                Field::Whole => holes.add(value.clone()),
                Field::Address => holes.in_address(value),
            };
            fields = fields.take().zip(instead).map(|(mut fields, instead)| {
                fields.push(instead);
                fields
            });
        })?;
        holes.fields = fields?;
        Some(holes)
    }

    /// Puts what stands in where the values are, or the values back.
    pub fn exchange<P: Page>(&mut self, page: &mut P, frame: &mut Frame) {
        let mut fields = self.fields.iter_mut();
        each(page, frame, |_, here| {
            if let Some(there) = fields.next() {
                mem::swap(here, there);
            }
        });
    }

    fn add(&mut self, value: String) -> Option<String> {
        let stand_in = self.stand_ins.get(self.values.len())?.clone();
        self.values.push(value);
        Some(stand_in)
    }

    fn add_piece(&mut self, piece: &str) -> Option<String> {
        let first = self.values.len() - self.pieces;
        let mut known = self.values.iter().zip(self.stand_ins).skip(first);
        if let Some((_, stand_in)) = known.find(|(value, _)| *value == piece) {
            return Some(stand_in.clone());
        }
        let stand_in = self.add(piece.to_owned())?;
        self.pieces += 1;
        Some(stand_in)
    }

    /// The address with stand-ins for those in its query.
    fn in_address(&mut self, address: &str) -> Option<String> {
        let Some((path, query)) = address.split_once('?') else {
            return Some(address.to_owned());
        };
        let mut instead = format!("{path}?");
        for (place, pair) in query.split('&').enumerate() {
            if place > 0 {
                instead.push('&');
            }
            match pair.split_once('=') {
                Some((name, value)) if REPEATED.contains(&name) && is_plain(value) => {
                    instead.push_str(name);
                    instead.push('=');
                    instead.push_str(&self.add_piece(value)?);
                }
                _ => instead.push_str(pair),
            }
        }
        Some(instead)
    }
}

/// Nothing in it could change what is done with the address around it, nor end it.
fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~:/?+".contains(&byte);
    !value.is_empty() && value.bytes().all(plain)
}

/// `None` of a page that is not to be remembered.
fn each<P: Page>(page: &mut P, frame: &mut Frame, mut visit: impl FnMut(Field, &mut String)) -> Option<()> {
    for value in page.passing()? {
        visit(Field::Whole, value);
    }
    visit(Field::Whole, &mut frame.support_code);
    let of_frame = frame.languages.iter_mut().map(|link| &mut link.url);
    let of_frame = of_frame.chain(&mut frame.change_institution);
    for address in page.addresses().into_iter().chain(of_frame) {
        visit(Field::Address, address);
    }
    Some(())
}

/// A page with places for its passing values.
pub struct Skeleton {
    text: String,
    /// Up to which byte of the text, and which value follows there.
    places: Vec<(usize, usize)>,
}

impl Skeleton {
    /// Of a page that was made with stand-ins.
    pub fn new(page: &str, holes: &Holes<'_>) -> Skeleton {
        let stand_ins = holes.stand_ins.get(..holes.values.len()).unwrap_or_default();
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut text = String::with_capacity(page.len());
        let mut rest = page;
        while let Some((at, value, length)) = next(rest, stand_ins) {
            text.push_str(rest.get(..at).unwrap_or_default());
            places.push((text.len(), value));
            rest = rest.get(at + length..).unwrap_or_default();
        }
        text.push_str(rest);
        text.shrink_to_fit();
        Skeleton { text, places }
    }

    pub fn with(&self, holes: &Holes<'_>) -> String {
        let values: Vec<_> = holes.values.iter().map(|value| escaped(value)).collect();
        let value = |place: &usize| values.get(*place).map_or("", |value| value);
        let added: usize = self.places.iter().map(|(_, place)| value(place).len()).sum();
        let mut page = String::with_capacity(self.text.len() + added);
        let mut from = 0;
        for (to, place) in &self.places {
            page.push_str(self.text.get(from..*to).unwrap_or_default());
            page.push_str(value(place));
            from = *to;
        }
        page.push_str(self.text.get(from..).unwrap_or_default());
        page
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.text.len() + mem::size_of_val(self.places.as_slice())
    }
}

/// The first stand-in: where it begins, its place among them, its length.
fn next(text: &str, stand_ins: &[String]) -> Option<(usize, usize, usize)> {
    let all = stand_ins.iter().enumerate();
    let found = all.filter_map(|(place, it)| Some((text.find(it)?, place, it.len())));
    found.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_address(address: &str) -> (String, Vec<String>) {
        let stand_ins: Vec<String> = (0..4).map(|number| format!("<{number}>")).collect();
        let mut holes = Holes {
            stand_ins: &stand_ins,
            values: vec!["https%3A%2F%2Fa%2F".to_owned()],
            pieces: 0,
            fields: Vec::new(),
        };
        (holes.in_address(address).unwrap(), holes.values.split_off(1))
    }

    #[test]
    fn an_applications_address_passes_wherever_it_stands() {
        let (held, values) =
            in_address("/cas/login?lang=fr&service=https%3A%2F%2Fa%2F&TARGET=b&TARGET=b#x&service=c");
        assert_eq!(
            held,
            "/cas/login?lang=fr&service=<1>&TARGET=<2>&TARGET=b#x&service=<3>"
        );
        assert_eq!(values, ["https%3A%2F%2Fa%2F", "b", "c"]);
    }

    #[test]
    fn what_could_change_the_address_around_it_stays() {
        for kept in [
            "/cas/login",
            "/cas/login?service=",
            "/cas/login?service",
            "/cas/login?Service=a&xservice=b&back=service",
            "/cas/login?service=a'b",
            "/cas/login?service=a\"b&x=service=c",
            "/cas/login?service=é",
            "/cas/login?service=a\tb",
            "/service=a",
        ] {
            assert_eq!(in_address(kept), (kept.to_owned(), Vec::new()));
        }
    }
}
