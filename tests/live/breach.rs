//! The day of a breach on real parts: the command line beside servers that run on one Redis, a directory of
//! more people than a page holds, keys that are rotated under traffic. (A Redis that was restored:
//! `recovery/returned`.)

use std::fs;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, MANAGER_DN, MANAGER_PASSWORD, Slapd, WRITER_DN};
use crate::support::wait;

const CAMILLE: (&str, &str) = ("camille.dupont", "camille-corbeau-7");
const AMINE: (&str, &str) = ("amine.benali", "amine-tulipe-8");

/// Two servers on one Redis, a directory that can be written, an application that hears of sign-outs.
struct Campus {
    nodes: [Served; 2],
    application: Application,
    slapd: Slapd,
    redis: Redis,
    _secrets: tempfile::TempDir,
}

impl Campus {
    fn open(entries: &str) -> Campus {
        let secrets = tempfile::tempdir().unwrap();
        let manager = secrets.path().join("manager.password");
        fs::write(&manager, MANAGER_PASSWORD).unwrap();
        private(&manager);
        let slapd = Slapd::start(&slapd::Options {
            entries,
            ..slapd::Options::default()
        });
        let redis = Redis::start(&["--appendonly", "yes"]);
        let tickets = redis.url();
        let application = Application::plain();
        let services = [("application", service(&application.url(), ""))];
        let realm = format!(
            "[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\nguard = \"generation\"\n\
             bind_dn = \"{WRITER_DN}\"\nbind_password_file = \"../writer.password\"\n\
             manage_dn = \"{MANAGER_DN}\"\nmanage_password_file = \"{}\"\n",
            slapd.url(),
            manager.display()
        );
        let options = Options {
            services: &services,
            realm: &realm,
            sections: "[audit]\nfile = \"audit.jsonl\"\n",
            ..Options::on(&slapd, &tickets)
        };
        let first = Served::start(&options);
        let second = Served::beside(&first, &options);
        Campus {
            nodes: [first, second],
            application,
            slapd,
            redis,
            _secrets: secrets,
        }
    }

    fn service(&self) -> String {
        format!("{}/app", self.application.url())
    }

    fn login(&self, node: usize) -> String {
        self.nodes[node].address("/login", &[("service", &self.service())])
    }

    /// Where a sign-in leads.
    async fn sign_in(&self, node: usize, browser: &mut Browser, who: (&str, &str)) -> Page {
        let page = browser.open(&self.login(node)).await;
        browser.sign_in(&page, who.0, who.1).await
    }

    async fn is_in(&self, node: usize, browser: &mut Browser) -> bool {
        let page = browser.get(&self.login(node)).await;
        !page.reply.body.contains("type=\"password\"")
    }

    async fn validate(&self, node: usize, ticket: &str) -> String {
        self.validate_at(node, &self.service(), ticket).await
    }

    async fn validate_at(&self, node: usize, service: &str, ticket: &str) -> String {
        let parameters = [("service", service), ("ticket", ticket)];
        let url = self.nodes[node].address("/p3/serviceValidate", &parameters);
        Browser::new(None).get(&url).await.reply.body
    }

    /// Runs a command on the first node's configuration.
    fn mereau(&self, words: &[&str]) -> (String, String, Option<i32>) {
        mereau(&self.nodes[0], words)
    }

    fn told(&self) -> usize {
        let asked = self.application.asked();
        asked
            .iter()
            .filter(|one| one.body.contains("logoutRequest"))
            .count()
    }
}

fn mereau(node: &Served, words: &[&str]) -> (String, String, Option<i32>) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_mereau"))
        .args(words)
        .args(["--config"])
        .arg(node.folder().join("server.toml"))
        .current_dir(node.folder())
        .output()
        .expect("mereau");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

fn ticket(page: &Page) -> Option<String> {
    let found = page.url.query_pairs().find(|(name, _)| name == "ticket");
    found.map(|(_, ticket)| ticket.into_owned())
}

fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// More people than two pages of a listing hold.
fn crowd(count: usize) -> String {
    let one = |number: usize| {
        format!(
            "dn: uid=vole.{number:04},{}\nobjectClass: inetOrgPerson\nuid: vole.{number:04}\ncn: V\nsn: V\n\
             employeeType: stolen\n\n",
            slapd::PEOPLE
        )
    };
    (0..count).map(one).collect()
}

const WHY: [&str; 4] = ["--reason", "dossier 114", "--agent", "astreinte"];

fn with_why<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [words, &WHY].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_on_every_node_by_person_by_filter_and_by_realm() {
    // CAS-200, SEC-54
    let campus = Campus::open("");
    let [mut one, mut other] = [Browser::new(None), Browser::new(None)];
    let spent = ticket(&campus.sign_in(0, &mut one, CAMILLE).await).expect("a ticket");
    assert!(campus.validate(1, &spent).await.contains("<cas:user>"));
    campus.sign_in(1, &mut other, AMINE).await;
    let (out, err, code) = campus.mereau(&["sessions", "list", "--person", CAMILLE.0]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("1 session\n") && out.contains("visited application"),
        "{out}"
    );
    let (out, err, code) = campus.mereau(&with_why(&["sessions", "end", "--person", CAMILLE.0]));
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("1 session ended, 1 message to applications"),
        "{out}"
    );
    assert!(!campus.is_in(0, &mut one).await && campus.is_in(0, &mut other).await);
    wait::until("the application to be told", || {
        (campus.told() == 1).then_some(())
    });

    campus.sign_in(0, &mut one, CAMILLE).await;
    let staff = [
        "sessions",
        "end",
        "--realm",
        "campus",
        "--filter",
        "(eduPersonAffiliation=staff)",
    ];
    let (out, _, code) = campus.mereau(&[&with_why(&staff)[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0));
    assert!(out.contains("1 session would end"), "{out}");
    let (out, _, code) = campus.mereau(&with_why(&staff));
    assert_eq!(code, Some(0));
    assert!(out.contains("1 had sessions; 1 session ended"), "{out}");
    assert!(campus.is_in(1, &mut one).await && !campus.is_in(1, &mut other).await);

    campus.sign_in(1, &mut other, AMINE).await;
    let unused = ticket(&campus.sign_in(0, &mut Browser::new(None), CAMILLE).await).unwrap();
    let (out, err, code) = campus.mereau(&with_why(&["sessions", "end", "--realm", "campus"]));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("every session has ended"), "{out}");
    for browser in [&mut one, &mut other] {
        assert!(!campus.is_in(0, browser).await && !campus.is_in(1, browser).await);
    }
    assert!(campus.validate(1, &unused).await.contains("INVALID_TICKET"));
    campus.sign_in(0, &mut one, CAMILLE).await;
    assert!(campus.is_in(1, &mut one).await, "and the realm goes on");
    let audit = fs::read_to_string(campus.nodes[0].folder().join("audit.jsonl")).unwrap();
    let ended = audit
        .lines()
        .filter(|line| line.contains("sessions-ended") && line.contains("dossier 114"));
    assert_eq!(ended.count(), 3);
    assert_eq!(campus.mereau(&["audit", "verify"]).2, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn thousands_must_change_and_a_run_that_was_cut_off_goes_on() {
    // SEC-54
    const MANY: usize = 1_200;
    let mut campus = Campus::open(&crowd(MANY));
    let mut browser = Browser::new(None);
    campus.sign_in(0, &mut browser, CAMILLE).await;
    let whom = "(|(employeeType=stolen)(uid=camille.dupont))";
    let list = |name: &str| campus.nodes[0].folder().join(name).display().to_string();
    let (first, second) = (list("first.csv"), list("second.csv"));
    let base = [
        "people",
        "must-change",
        "--realm",
        "campus",
        "--rate",
        "1000",
        "--filter",
        whom,
    ];
    let run = |more: &[&str]| campus.mereau(&[&with_why(&base)[..], more].concat());
    let (out, err, code) = run(&["--dry-run"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains(&format!("{} people of realm campus would", MANY + 1)),
        "{out}"
    );
    // Cut off in the middle by a directory that dies.
    let marking = {
        let config = campus.nodes[0].folder().join("server.toml");
        let words: Vec<String> = [&with_why(&base)[..], &["--list", &first]]
            .concat()
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
        let folder = campus.nodes[0].folder().to_owned();
        std::thread::spawn(move || {
            let run = Command::new(env!("CARGO_BIN_EXE_mereau"))
                .args(words)
                .arg("--config")
                .arg(config)
                .current_dir(folder)
                .output();
            run.expect("mereau").status.code()
        })
    };
    let marked =
        |file: &str| fs::read_to_string(file).map_or(0, |text| text.lines().count().saturating_sub(1));
    wait::until("some to be marked", || (marked(&first) > 100).then_some(()));
    campus.slapd.kill();
    assert_eq!(marking.join().unwrap(), Some(1));
    campus.slapd.restart();
    let before = marked(&first);
    assert!(before < MANY + 1);
    let run = |more: &[&str]| campus.mereau(&[&with_why(&base)[..], more].concat());
    let (out, err, code) = run(&["--list", &second]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("since must change already"), "{out}");
    assert!(!campus.is_in(0, &mut browser).await);
    let page = campus.sign_in(1, &mut Browser::new(None), CAMILLE).await;
    assert!(ticket(&page).is_none(), "{}", page.url);
    assert!(
        campus
            .slapd
            .entry(&format!("uid=vole.1199,{}", slapd::PEOPLE))
            .contains("pwdReset: TRUE")
    );
    // Both lists lead back.
    for file in [&first, &second] {
        let undo = [
            "people",
            "must-change",
            "--realm",
            "campus",
            "--rate",
            "1000",
            "--undo",
            file,
        ];
        let (out, err, code) = campus.mereau(&with_why(&undo));
        assert_eq!(code, Some(0), "{out} {err}");
    }
    let (out, _, _) = run(&["--dry-run"]);
    assert!(
        out.contains(&format!("{} people of realm campus would", MANY + 1)),
        "{out}"
    );
    let page = campus.sign_in(1, &mut Browser::new(None), CAMILLE).await;
    assert!(ticket(&page).is_some(), "{}", page.reply.body);
}

/// What traffic came to.
#[derive(Default)]
struct Traffic {
    stop: AtomicBool,
    good: AtomicUsize,
    bad: std::sync::Mutex<Vec<String>>,
}

/// People who sign in on one node, go to an application, and are asked for on the other, again and again; one of
/// them on a session from before everything.
async fn traffic(campus: Arc<Campus>, told: Arc<Traffic>, node: usize) {
    let mut lasting = Browser::new(None);
    campus.sign_in(node, &mut lasting, AMINE).await;
    let mut round = 0;
    while !told.stop.load(Ordering::SeqCst) {
        let mut browser = Browser::new(None);
        let page = campus.sign_in(node, &mut browser, CAMILLE).await;
        round += 1;
        // Elsewhere in the application each time: the same place again and again would be taken for a loop.
        let place = format!("{}/{node}/{round}", campus.service());
        let again = campus.nodes[1 - node].address("/login", &[("service", &place)]);
        let again = lasting.open(&again).await;
        let at = campus.service();
        for (what, page, who, place) in [
            ("sign-in", page, CAMILLE.0, at.as_str()),
            ("session", again, AMINE.0, place.as_str()),
        ] {
            // Told to come back by a machine that is too busy with tests: no key has a part in that.
            if page.reply.status == 503 {
                continue;
            }
            let answer = match ticket(&page) {
                Some(ticket) => campus.validate_at(1 - node, place, &ticket).await,
                None => format!("no ticket: {} {}", page.reply.status, page.reply.text_of("h1")),
            };
            match answer.contains(who) {
                true => {
                    told.good.fetch_add(1, Ordering::SeqCst);
                }
                false => told.bad.lock().unwrap().push(format!("{what}: {answer}")),
            }
        }
    }
}

/// Copies what `keys rotate` made of the first node to the second, and has both read it.
fn spread(campus: &Campus, key: Option<&str>) {
    let [from, to] = [campus.nodes[0].folder(), campus.nodes[1].folder()];
    if let Some(key) = key {
        fs::copy(from.join(key), to.join(key)).unwrap();
    }
    let read = |folder: &std::path::Path| fs::read_to_string(folder.join("server.toml")).unwrap();
    let is_key = |line: &&str| line.starts_with("files = ") || line.starts_with("names = ");
    let section: Vec<String> = read(from).lines().filter(is_key).map(str::to_owned).collect();
    let mut lines: Vec<String> = read(to)
        .lines()
        .filter(|line| !is_key(line))
        .map(str::to_owned)
        .collect();
    let at = lines.iter().position(|line| line == "[keys]").unwrap() + 1;
    lines.splice(at..at, section);
    fs::write(to.join("server.toml"), lines.join("\n") + "\n").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_on_two_nodes_under_traffic_and_nobody_notices() {
    // T-95
    let campus = Arc::new(Campus::open(""));
    let told = Arc::new(Traffic::default());
    let workers: Vec<_> = [0, 1]
        .map(|node| tokio::spawn(traffic(campus.clone(), told.clone(), node)))
        .into();
    let flows = async |more: usize| {
        let before = told.good.load(Ordering::SeqCst);
        wait::until_async("traffic", || {
            let enough = told.good.load(Ordering::SeqCst) >= before + more;
            let broken = !told.bad.lock().unwrap().is_empty();
            async move { (enough || broken).then_some(()) }
        })
        .await;
    };
    flows(8).await;
    for (reloads, (step, key)) in (1..).zip([
        (&["keys", "rotate"][..], Some("1.key")),
        (&["keys", "rotate", "--activate"], None),
        (&["keys", "rotate"], Some("2.key")),
        (&["keys", "rotate", "--activate"], None),
    ]) {
        let (out, err, code) = campus.mereau(&with_why(step));
        assert_eq!(code, Some(0), "{out} {err}");
        spread(&campus, key);
        for node in &campus.nodes {
            hang_up(node);
            wait::until("a reload", || {
                (node.output().matches("config_reloaded").count() == reloads).then_some(())
            });
            // One node ahead of the other, as it is in life.
            flows(4).await;
        }
    }
    told.stop.store(true, Ordering::SeqCst);
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(*told.bad.lock().unwrap(), Vec::<String>::new());
    let text = fs::read_to_string(campus.nodes[1].folder().join("server.toml")).unwrap();
    assert!(
        text.contains("files = [\"2.key\", \"1.key\"]\nnames = \"ring.key\""),
        "{text}"
    );
    assert!(campus.redis.cli(&["ping"]).contains("PONG"));
}

fn hang_up(node: &Served) {
    let id = node.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-HUP", &id])
            .status()
            .unwrap()
            .success()
    );
}
