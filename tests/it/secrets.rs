//! That what is secret cannot be printed and is wiped when it is let go: by the word of the compiler, and
//! by a look at every type that can be printed.

use std::fmt::{Debug, Display};
use std::fs;
use std::path::Path;

use mereau::base::keys::{KeyRing, RootKey};
use mereau::base::secret::{Password, Secret};
use mereau::flows::login::Credentials;
use mereau::flows::recovery::{Choice, CodeTyped};
use mereau::guard::captcha::Given;
use mereau::messages::{AccountBlock, Composed, Content, Letter, Link, Notice, Way};
use mereau::protocol::params::Params;
use mereau::protocol::ticket_id::TicketId;
use mereau::tickets::{PendingToken, ResetCode, ResetToken};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Does not compile for a type that has the trait: two ways to the same function would fit.
macro_rules! lacks {
    ($trait:path: $($type:ty),+ $(,)?) => {
        const _: fn() = || {
            trait OneWay<Way> {
                fn go() {}
            }
            struct Printed;
            impl<T: ?Sized> OneWay<()> for T {}
            impl<T: ?Sized + $trait> OneWay<Printed> for T {}
            $(<$type as OneWay<_>>::go();)+
        };
    };
}

lacks!(Debug: Password, Secret, ResetToken, ResetCode, PendingToken, TicketId, RootKey, KeyRing);
lacks!(Debug: Link, Notice, AccountBlock, Way, Composed, Content, Letter<'static>);
lacks!(Debug: Params, Credentials<'static>, Choice<'static>, CodeTyped<'static>, Given<'static>);
lacks!(Display: Password, Secret, ResetToken, ResetCode, PendingToken, TicketId, Link);
lacks!(serde::Serialize: Password, Secret, ResetToken, ResetCode, PendingToken, TicketId, RootKey);

fn is_wiped_when_dropped<T: ZeroizeOnDrop>() {}

#[test]
fn what_is_secret_is_wiped_when_it_is_let_go() {
    // SEC-90. What memory holds afterwards safe Rust cannot read: the types promise it, and wiping works.
    is_wiped_when_dropped::<Password>();
    is_wiped_when_dropped::<Secret>();
    is_wiped_when_dropped::<ResetToken>();
    is_wiped_when_dropped::<ResetCode>();
    is_wiped_when_dropped::<PendingToken>();
    is_wiped_when_dropped::<TicketId>();
    let mut password = Password::typed("canari-7Hq2").ok().unwrap();
    password.zeroize();
    assert_eq!(password.as_typed(), "");
    let mut secret = Secret::new("canari-7Hq2".to_owned());
    secret.zeroize();
    assert_eq!(secret.expose(), "");
    let mut code = ResetCode::parse("CANARY22").unwrap();
    code.zeroize();
    assert_eq!(code.expose(), "");
}

/// Names of fields that hold what people type or are handed.
const SECRET: [&str; 8] = [
    "password", "new", "current", "code", "token", "secret", "answer", "link",
];

/// Where such a field is text of another kind: addresses of pages, codes for the service desk.
const PAGES: &str = "src/pages/";

/// The fields of types that can be printed, as `type: field`.
fn printable(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("#[derive(") {
        let (_, item) = rest.split_at(at);
        let (derived, item) = item.split_once(")]").unwrap_or((item, ""));
        rest = item;
        let end = item
            .find("\n}")
            .unwrap_or(item.len())
            .min(item.find(";\n").unwrap_or(item.len()));
        if derived.contains("Debug") {
            let lines = item[..end].lines().map(str::trim);
            let fields = lines.filter_map(|line| line.trim_start_matches("pub ").split_once(": "));
            found.extend(fields.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
        }
    }
    found
}

#[test]
fn no_type_that_can_be_printed_holds_a_secret_as_plain_text() {
    // SEC-11, SEC-90. One that holds a secret as such does not compile with Debug; what the program
    // itself says was typed by nobody.
    let is_text = |kind: &str| {
        let kind = kind.replace("&'static str", "");
        ["str", "String", "[u8]", "Vec<u8>"]
            .iter()
            .any(|text| kind.contains(text))
    };
    let mut seen = 0;
    for file in sources() {
        for (name, kind) in printable(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            let suspect = SECRET.contains(&name.as_str()) && is_text(&kind);
            assert!(!suspect || file.contains(PAGES), "{file}: {name}: {kind}");
        }
    }
    assert!(seen > 500, "only {seen} fields were looked at");
    let bad = "#[derive(Debug, Clone)]\npub struct Typed<'a> {\n    pub code: &'a str,\n}\n";
    assert_eq!(printable(bad), [("code".to_owned(), "&'a str,".to_owned())]);
}

fn sources() -> Vec<String> {
    let (mut open, mut found) = (
        vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")],
        Vec::new(),
    );
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_page_about_a_link_that_opens_nothing_does_not_repeat_it() {
    // SEC-11, T-79
    const TOKEN: &str = "Xq3mB7cVn0pLkJhGfDsAzQwErTyUiOpLkJhGfDsAzx01A";
    let house = crate::recovery::recovering().await;
    for way in ["r", "nowhere", "r/more"] {
        let path = format!("/cas/{way}/{TOKEN}");
        let page = house.browser().get(&path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.body.contains(&TOKEN[..16]), "{path}: {}", page.body);
        // Its language menu leads to the same page all the same.
        let english = page.addresses().into_iter().find(|address| address == "?lang=en");
        let english = english.unwrap_or_else(|| panic!("{:?}", page.addresses()));
        let page = house.browser().get(&format!("{path}{english}")).await;
        assert!(page.body.contains("<html lang=\"en\""), "{}", page.body);
    }
}
