//! The demonstration, by clicking.

use tempfile::TempDir;

use super::process::{Server, port_after};
use super::web::{Browser, Reply, local};

pub const PASSWORD: &str = "bonjour-valmore";

/// A demonstration on ports of its own.
pub struct Demo {
    pub server: Server,
    pub temporary: TempDir,
    pub cas: u16,
    pub application: u16,
}

impl Demo {
    pub fn start(environment: &[(&str, &str)]) -> Demo {
        let temporary = TempDir::new().unwrap();
        let folder = temporary.path().display().to_string();
        let mut all = vec![("TMPDIR", folder.as_str())];
        all.extend(environment);
        let server = Server::start(&["demo", "--listen", "127.0.0.1:0"], &all);
        let printed = server.out.until("the end of the welcome", |text| {
            text.contains("Ctrl-C").then(|| text.to_owned())
        });
        let first = port_after(&printed, "http://localhost:").unwrap();
        let rest = printed.split_once(&first.to_string()).unwrap().1;
        Demo {
            application: first,
            cas: port_after(rest, "http://localhost:").unwrap(),
            server,
            temporary,
        }
    }

    /// From the application's private page to the sign-in page of an institution.
    pub fn come_in(&self, browser: &mut Browser, institution: &str) -> Reply {
        let sent = browser.get(self.application, "/private");
        let login = sent.location.expect("a way to sign in");
        assert!(
            login.starts_with(&format!("http://localhost:{}/cas/login?", self.cas)),
            "{login}"
        );
        browser.get(self.cas, &format!("{}&tenant={institution}", local(&login)))
    }

    /// Ctrl-C; the process ends well and its temporary folder is empty.
    pub fn stop(mut self) {
        self.server.signal("INT");
        let status = self.server.wait();
        assert_eq!(status.code(), Some(0), "{}", self.server.err.so_far());
        let left: Vec<_> = std::fs::read_dir(self.temporary.path()).unwrap().collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

#[test]
fn the_whole_round_can_be_seen_by_clicking_and_ctrl_c_leaves_nothing() {
    let demo = Demo::start(&[]);
    let mut browser = Browser::default();
    let page = demo.come_in(&mut browser, "valmore");
    assert!(page.status == 200 && page.body.contains("Université de Valmoré"));
    let signed_in = browser.sign_in(demo.cas, &page, "cdurand", PASSWORD);
    assert_eq!(signed_in.status, 303, "{}", signed_in.body);
    let back = browser.get(demo.application, &local(&signed_in.location.unwrap()));
    assert!(back.status < 400, "{}", back.body);
    let shown = browser.get(demo.application, "/private");
    assert_eq!(shown.status, 200);
    for told in [
        "camille.durand",
        "Camille Durand",
        "camille.durand@univ-valmore.example",
    ] {
        assert!(shown.body.contains(told), "{told} is not in {}", shown.body);
    }
    let out = browser.get(demo.cas, "/cas/logout");
    assert!(out.status == 200, "{}", out.body);
    // The application hears of it in the background.
    while browser.get(demo.application, "/private").status == 200 {
        std::thread::yield_now();
    }
    demo.stop();
}

#[test]
fn every_account_that_cannot_sign_in_is_told_so_and_only_with_the_right_password() {
    let demo = Demo::start(&[]);
    let refused = [
        ("valmore", "hugo.martin"),
        ("valmore", "lea.garnier"),
        ("valmore", "tom.bernard"),
        ("rosa-bonheur", "enzo.blanc"),
        ("jean-zay", "ali.haddad"),
    ];
    for (institution, login) in refused {
        let mut browser = Browser::default();
        let page = demo.come_in(&mut browser, institution);
        let wrong = browser.sign_in(demo.cas, &page, login, "not-the-password");
        assert_eq!(wrong.status, 401, "{login}");
        let right = browser.sign_in(demo.cas, &wrong, login, PASSWORD);
        assert!((400..500).contains(&right.status), "{login}: {}", right.status);
        assert!(wrong.body != right.body && right.location.is_none(), "{login}");
    }
    // A right password that is not to be used any longer leads to the choice of another one.
    for (institution, login) in [
        ("valmore", "ines.rousseau"),
        ("valmore", "noe.petit"),
        ("rosa-bonheur", "paul.girard"),
    ] {
        let mut browser = Browser::default();
        let page = demo.come_in(&mut browser, institution);
        let right = browser.sign_in(demo.cas, &page, login, PASSWORD);
        let to = right.location.unwrap_or_default();
        assert!(to.contains("/login/change?"), "{login}: {to}");
    }
    for (institution, login) in [
        ("valmore", "youssef.benali"),
        ("valmore", "elise.lefevre-noel"),
        ("valmore", "jade.moreau"),
        ("rosa-bonheur", "nina.faure"),
        ("rosa-bonheur", "marc.faure"),
        ("olympe-de-gouges", "awa.diallo"),
        ("aime-cesaire", "louis.perrin"),
    ] {
        let mut browser = Browser::default();
        let page = demo.come_in(&mut browser, institution);
        let signed_in = browser.sign_in(demo.cas, &page, login, PASSWORD);
        assert_eq!(signed_in.status, 303, "{login}: {}", signed_in.body);
    }
    demo.stop();
}

#[test]
fn two_demonstrations_live_side_by_side() {
    let (one, two) = (Demo::start(&[]), Demo::start(&[]));
    let mut ports = vec![one.cas, one.application, two.cas, two.application];
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 4);
    for demo in [&one, &two] {
        let list = Browser::default().get(demo.cas, "/cas/login");
        assert!(list.body.contains("Olympe-de-Gouges"), "{}", list.body);
    }
    one.stop();
    two.stop();
}
