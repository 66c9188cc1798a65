//! Whether a text is an SVG picture made of nothing but shapes: a list of what may stand in it, never
//! of what may not. Nothing is cleaned: a file with anything else is refused, with its line.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::LogoFlaw;

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Elements inside each other, and in all.
const DEEPEST: usize = 16;
const MOST: usize = 500;

/// No `use`, which can multiply what it shows; no text, whose font is another on every device.
const ELEMENTS: [&str; 16] = [
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "title",
    "desc",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
];

const SHAPE: [&str; 26] = [
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "width",
    "height",
    "points",
    "transform",
    "viewBox",
    "preserveAspectRatio",
    "offset",
    "gradientUnits",
    "gradientTransform",
    "spreadMethod",
    "clipPathUnits",
    "version",
];

const LOOK: [&str; 23] = [
    "fill",
    "fill-rule",
    "fill-opacity",
    "clip-rule",
    "clip-path",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-opacity",
    "opacity",
    "color",
    "stop-color",
    "stop-opacity",
    "display",
    "visibility",
    "paint-order",
    "vector-effect",
    "shape-rendering",
    "overflow",
];

const OTHER: [&str; 7] = [
    "id",
    "style",
    "role",
    "aria-label",
    "aria-hidden",
    "focusable",
    "xml:space",
];

/// What may be called in a value; `url` only for a part of the picture itself.
const CALLS: [&str; 11] = [
    "url",
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "matrix",
    "translate",
    "scale",
    "rotate",
    "skewX",
    "skewY",
];

const PLAIN: &str = "a picture of shapes only, without links, text or style sheets: in Inkscape \
                     “Optimised SVG” with texts turned into paths; or a PNG";

pub(super) fn look_through(bytes: &[u8]) -> Result<(), LogoFlaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| neither())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = NsReader::from_str(text);
    let mut reading = Reading::default();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let line = 1 + text.get(..at).unwrap_or(text).matches('\n').count();
        let Ok((namespace, event)) = reader.read_resolved_event() else {
            return Err(flaw(line, "this is not well-formed XML"));
        };
        let looked = match event {
            Event::Start(start) => reading.enter(&start, &namespace).map(|()| reading.depth += 1),
            Event::Empty(start) => reading.enter(&start, &namespace),
            Event::End(_) => {
                reading.depth = reading.depth.saturating_sub(1);
                Ok(())
            }
            Event::Text(_) | Event::Comment(_) | Event::GeneralRef(_) => Ok(()),
            Event::Decl(_) if reading.count == 0 => Ok(()),
            Event::DocType(_) => Err("a document type may not stand here".to_owned()),
            Event::Eof if reading.count > 0 => return Ok(()),
            Event::Eof => return Err(neither()),
            _ => Err("an instruction or raw text may not stand here".to_owned()),
        };
        looked.map_err(|wrong| flaw(line, wrong))?;
    }
}

#[derive(Default)]
struct Reading {
    depth: usize,
    count: usize,
}

impl Reading {
    fn enter(&mut self, start: &BytesStart<'_>, namespace: &ResolveResult<'_>) -> Result<(), String> {
        let name = start.local_name();
        let name = name.as_ref();
        let is_svg = matches!(namespace, ResolveResult::Bound(found) if found.0 == NAMESPACE);
        let is_place = (self.count == 0) == (name == "svg") && (self.count == 0) == (self.depth == 0);
        self.count += 1;
        if !is_svg || !is_place || !ELEMENTS.contains(&name) {
            return Err(format!("<{}> may not stand here", name.escape_debug()));
        }
        if self.count > MOST || self.depth > DEEPEST {
            return Err(format!("it has more than {MOST} parts or {DEEPEST} levels"));
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| "this is not well-formed XML".to_owned())?;
            let key = attribute.key.0;
            let value = quick_xml::escape::unescape(&attribute.value);
            let value: Cow<'_, str> = value.map_err(|_| "an entity may not stand here".to_owned())?;
            // A declared prefix does nothing: no element and no attribute may have one.
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let known = [&SHAPE[..], &LOOK, &OTHER].iter().any(|list| list.contains(&key));
            if !known || !may_be(key, &value) {
                return Err(format!("{}=\"…\" may not stand here", key.escape_debug()));
            }
        }
        Ok(())
    }
}

fn may_be(key: &str, value: &str) -> bool {
    match key {
        "style" => value.split(';').all(|rule| {
            let (property, value) = rule.split_once(':').unwrap_or((rule, ""));
            rule.trim().is_empty() || LOOK.contains(&property.trim()) && is_plain(value)
        }),
        "id" => is_id(value),
        // Read out at most, and only where the picture stands alone.
        "aria-label" => !value.chars().any(char::is_control),
        _ => is_plain(value),
    }
}

/// Numbers, words, colours and the calls above: no escape that would hide one, no address.
fn is_plain(value: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "#%.,+-()_".contains(c);
    let mut parts = value.split('(');
    let mut before = parts.next().unwrap_or_default();
    value.chars().all(sign)
        && parts.all(|inside| {
            let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
            before = inside;
            let call = name.unwrap_or_default();
            CALLS.contains(&call) && (call != "url" || is_own_part(inside))
        })
}

/// `#name)` and what follows.
fn is_own_part(inside: &str) -> bool {
    let named = inside.strip_prefix('#').and_then(|rest| rest.split_once(')'));
    named.is_some_and(|(name, _)| is_id(name))
}

fn is_id(text: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(sign)
}

fn flaw(line: usize, wrong: impl Into<String>) -> LogoFlaw {
    LogoFlaw {
        line: Some(line),
        wrong: wrong.into(),
        mend: PLAIN,
    }
}

fn neither() -> LogoFlaw {
    LogoFlaw::whole(
        "it is neither a PNG nor an SVG picture",
        "a PNG or a plain SVG of at most 10 kB",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Logo;

    fn svg(inside: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">\n{inside}\n</svg>")
    }

    #[test]
    fn shapes_with_gradients_and_style_are_taken() {
        // S2-07
        for inside in [
            "<title>Lycée</title><circle cx=\"16\" cy=\"16\" r=\"16\" fill=\"#b5673a\"/>",
            "<defs><linearGradient id=\"a\"><stop offset=\"0\" style=\"stop-color:#fff;stop-opacity:1\"/></linearGradient>\
             </defs><!-- x --><g transform=\"translate(1, 2) rotate(-3)\"><path fill=\"url(#a)\" d=\"M0 0h3z\"/></g>",
            "<rect style=\"fill: url(#a); stroke:rgb(1,2,3)\" width=\"100%\" height=\"1.5e1\"/>",
        ] {
            let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", svg(inside));
            let logo = Logo::read(text.as_bytes()).unwrap();
            assert_eq!(logo.content_type(), "image/svg+xml");
        }
        for ours in [
            "themes/default/assets/logo.svg",
            "themes/rosa-bonheur/assets/logo.svg",
        ] {
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(ours);
            Logo::read(&std::fs::read(file).unwrap()).unwrap();
        }
    }

    #[test]
    fn anything_that_could_act_load_or_multiply_is_refused_with_its_line() {
        // S2-07, CAS-29
        for hostile in [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<foreignObject><p xmlns=\"http://www.w3.org/1999/xhtml\">x</p></foreignObject>",
            "<a href=\"https://evil.example/\"><path d=\"M0 0\"/></a>",
            "<image href=\"https://evil.example/x.png\"/>",
            "<use href=\"#x\"/>",
            "<style>@import url(//evil.example/x.css);</style>",
            "<animate attributeName=\"href\" values=\"javascript:alert(1)\"/>",
            "<set attributeName=\"onclick\" to=\"x\"/>",
            "<filter id=\"f\"/>",
            "<text>x</text>",
            "<svg onload=\"alert(1)\"/>",
            "<path onclick=\"alert(1)\" d=\"M0 0\"/>",
            "<path href=\"javascript:alert(1)\"/>",
            "<path xlink:href=\"#a\"/>",
            "<path xmlns:x=\"http://www.w3.org/1999/xlink\" x:href=\"//evil.example\"/>",
            "<x:script xmlns:x=\"http://www.w3.org/2000/svg\">alert(1)</x:script>",
            "<script xmlns=\"http://www.w3.org/1999/xhtml\">alert(1)</script>",
            "<path xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            "<path fill=\"url(https://evil.example/#a)\"/>",
            "<path fill=\"url( #a)\"/>",
            "<path fill=\"URL(//evil.example)\"/>",
            "<path fill=\"\\75rl(//evil.example)\"/>",
            "<path fill=\"&#117;rl(//evil.example)\"/>",
            "<path style=\"fill:url(//evil.example)\"/>",
            "<path style=\"background:url(#a)\"/>",
            "<path style=\"fill:red;behavior:x\"/>",
            "<path style=\"fill:image(x)\"/>",
            "<path id=\"a b\"/>",
            "<path fill=\"&evil;\"/>",
            "<![CDATA[<script>]]>",
            "<?xml-stylesheet href=\"x\"?>",
            "<path",
        ] {
            let flaw = Logo::read(svg(hostile).as_bytes()).expect_err(hostile);
            assert_eq!(flaw.line, Some(2), "{hostile}: {flaw:?}");
        }
        let many = "<g/>".repeat(600);
        let deep = format!("{}{}", "<g>".repeat(20), "</g>".repeat(20));
        let entity = format!("<!DOCTYPE svg [<!ENTITY a \"b\">]>{}", svg(""));
        let two = format!("{0}{0}", svg(""));
        for whole in [svg(&many), svg(&deep), entity, two] {
            assert!(Logo::read(whole.as_bytes()).is_err(), "{whole}");
        }
        for neither in ["", "GIF89a", "<html></html>", "<svg/>", "x"] {
            assert!(Logo::read(neither.as_bytes()).is_err(), "{neither}");
        }
        assert!(Logo::read(&[0xff, 0xd8, 0xff]).is_err());
    }
}
