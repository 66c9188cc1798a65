//! What a theme's files may not hold because browsers, under our policy, would not run or load it, or
//! because it would undo the escaping: told before anybody misses it. A look at lines, no parser.

use super::check::ThemeProblem;
use super::files::Layer;

/// What is looked for, why it is wrong, what to write.
struct Rule {
    found: fn(&str) -> bool,
    wrong: &'static str,
    mend: &'static str,
}

const STYLE_INSIDE: &str = "a style inside a page is never applied";

const TEMPLATE: [Rule; 6] = [
    Rule {
        found: |line| line.contains("<script") && !line.contains("src="),
        wrong: "a script inside a page is never run",
        mend: "put it in assets/ and write <script defer src=\"{{ asset_url(frame.base, 'mine.js') }}\"></script>",
    },
    Rule {
        found: |line| line.contains("<style") || has_attribute(line, |name| name == "style"),
        wrong: STYLE_INSIDE,
        mend: "a class here and a rule for it in assets/mereau.css",
    },
    Rule {
        found: |line| has_attribute(line, |name| name.len() > 4 && name.starts_with("on")),
        wrong: "a handler inside a page is never run",
        mend: "a script in assets/ that adds the listener",
    },
    Rule {
        found: |line| loads_from_elsewhere(line) || in_css(line),
        wrong: "nothing is loaded from elsewhere",
        mend: "put the file in assets/ and write asset_url(frame.base, 'its name')",
    },
    Rule {
        found: |line| filters(line).any(|filter| filter == "safe"),
        wrong: "“safe” lets whatever is in the value run in the page",
        mend: "the value without it; |strong for bold, |safe_url for addresses",
    },
    Rule {
        found: raw_address,
        wrong: "an address is written as it came, and may be a script",
        mend: "{{ the address|safe_url }}",
    },
];

const STYLE: [Rule; 1] = [Rule {
    found: |line| in_css(line),
    wrong: "nothing is loaded from elsewhere",
    mend: "put the file in assets/ and name it as it is: url(\"font.woff2\")",
}];

const PICTURE: [Rule; 2] = [
    Rule {
        found: |line| line.contains("<script") || has_attribute(line, |name| name.starts_with("on")),
        wrong: "a picture that runs something is refused by browsers",
        mend: "save it again without scripts",
    },
    Rule {
        found: |line| {
            let linked = [
                "href=\"http",
                "href='http",
                "href=\"//",
                "<!ENTITY",
                "<foreignObject",
            ];
            linked.iter().any(|mark| line.contains(mark)) || in_css(line)
        },
        wrong: "a picture that loads something is shown without it",
        mend: "save it again with everything inside",
    },
];

const SCRIPT: [Rule; 1] = [Rule {
    found: |line| line.contains("eval(") || line.contains("new Function("),
    wrong: "a text that is run as a script is refused by browsers",
    mend: "the script itself",
}];

const TEXT: [Rule; 1] = [Rule {
    found: |line| {
        let text = line.trim_start();
        !text.starts_with('#') && text.split('<').skip(1).any(begins_tag)
    },
    wrong: "markup in a text is shown as it is",
    mend: "the words alone",
}];

/// What is wrong in one file, by its path inside the theme.
pub fn look(path: &str, layer: &Layer) -> Vec<ThemeProblem> {
    let rules: &[Rule] = match path.rsplit_once('.') {
        Some((_, "html")) => &TEMPLATE,
        Some((_, "css")) => &STYLE,
        Some((_, "svg")) => &PICTURE,
        Some((_, "js")) => &SCRIPT,
        Some((_, "ftl")) => &TEXT,
        _ => return Vec::new(),
    };
    let Ok(text) = layer.text() else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (at, line) in text.lines().enumerate() {
        // Mail programs know no style sheet.
        let meant = |rule: &&Rule| !(path.starts_with("mails/") && rule.wrong == STYLE_INSIDE);
        let broken = rules.iter().filter(meant).filter(|rule| (rule.found)(line));
        problems.extend(broken.map(|rule| ThemeProblem {
            file: layer.origin.clone(),
            line: at + 1,
            what: rule.wrong.to_owned(),
            mend: rule.mend.to_owned(),
        }));
    }
    problems
}

/// Whether a tag on this line has an attribute with such a name.
fn has_attribute(line: &str, named: fn(&str) -> bool) -> bool {
    let before_equals = line.split('=').rev().skip(1);
    let names = before_equals.filter_map(|text| text.rsplit(|c: char| c.is_whitespace()).next());
    let tag = line.contains('<') || line.contains('>');
    tag && names
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase()))
        .any(named)
}

fn loads_from_elsewhere(line: &str) -> bool {
    let loads = [
        "<script", "<link", "<img", "<iframe", "<object", "<embed", "<video", "<audio",
    ];
    let elsewhere = ["=\"http", "='http", "=\"//", "='//"];
    loads.iter().any(|tag| line.contains(tag)) && elsewhere.iter().any(|mark| line.contains(mark))
}

fn in_css(line: &str) -> bool {
    let tight: String = line.chars().filter(|c| !matches!(c, ' ' | '"' | '\'')).collect();
    ["@import", "url(http", "url(//", "url(javascript"]
        .iter()
        .any(|mark| tight.contains(mark))
}

/// The filters of the expressions on a line.
fn filters(line: &str) -> impl Iterator<Item = &str> {
    line.split('|')
        .skip(1)
        .map(|rest| {
            rest.trim_start()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
        })
        .filter_map(|mut words| words.next())
}

fn raw_address(line: &str) -> bool {
    ["href=\"{{", "action=\"{{", "src=\"{{"].iter().any(|place| {
        line.split(place).skip(1).any(|rest| {
            let expression = rest.split("}}").next().unwrap_or_default();
            let known = ["safe_url", "mail_url", "phone_url", "asset_url("];
            !known.iter().any(|filter| expression.contains(filter))
        })
    })
}

fn begins_tag(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn wrong(path: &str, text: &str) -> Vec<usize> {
        let layer = Layer {
            origin: path.to_owned(),
            bytes: Cow::Owned(text.as_bytes().to_vec()),
        };
        look(path, &layer)
            .into_iter()
            .map(|problem| problem.line)
            .collect()
    }

    #[test]
    fn what_browsers_would_refuse_is_found_with_its_line() {
        for (path, bad) in [
            ("pages/a.html", "<script>alert(1)</script>"),
            ("pages/a.html", "<style>p { color: red }</style>"),
            ("pages/a.html", "<p class=\"x\" style=\"color:red\">"),
            ("pages/a.html", "<button type=\"button\" onclick=\"x()\">"),
            (
                "pages/a.html",
                "<script src=\"https://cdn.example/x.js\"></script>",
            ),
            (
                "pages/a.html",
                "<img src=\"//elsewhere.example/pixel.gif\" alt=\"\">",
            ),
            ("pages/a.html", "<p>{{ page.message|safe }}</p>"),
            ("pages/a.html", "<a href=\"{{ page.url }}\">"),
            ("assets/a.css", "@import \"x.css\";"),
            (
                "assets/a.css",
                "p { background: url( 'https://x.example/a.png' ) }",
            ),
            ("assets/a.svg", "<svg onload=\"x()\"></svg>"),
            ("assets/a.svg", "<image href=\"https://x.example/a.png\"/>"),
            ("assets/a.js", "eval('1')"),
            ("texts/fr.ftl", "sign-in = <b>Entrer</b>"),
        ] {
            assert_eq!(wrong(path, &format!("\n{bad}\n")), [2], "{path}: {bad}");
        }
    }

    #[test]
    fn what_is_allowed_is_not_found() {
        for (path, good) in [
            (
                "pages/a.html",
                "<a href=\"{{ page.url|safe_url }}\" lang=\"{{ x }}\">style = on</a>",
            ),
            (
                "pages/a.html",
                "<link rel=\"icon\" href=\"{{ asset_url(frame.base, 'favicon.svg') }}\">",
            ),
            (
                "pages/a.html",
                "{% set one = 1 %}<p>{{ t('a', one=one|strong) }}</p>",
            ),
            ("pages/a.html", "<a href=\"https://www.example.org/\">"),
            ("assets/a.css", "p { src: url(\"font.woff2\") }"),
            (
                "assets/a.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\"><path fill=\"url(#a)\"/></svg>",
            ),
            ("texts/fr.ftl", "# <b>\na = 1 < 2"),
            ("assets/a.png", "<script>"),
        ] {
            assert_eq!(wrong(path, good), Vec::<usize>::new(), "{path}: {good}");
        }
    }
}
