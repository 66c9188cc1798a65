//! The signed-out page in a real browser, with and without scripts, on a desk and on a small telephone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;

use super::{LOGIN, PASSWORD, application};
use crate::support::application::{Answer, Application};
use crate::support::browser::Browser;
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

struct Campus {
    served: Served,
    well: Application,
    refusing: Application,
    /// Comes back to life when the test says so.
    failing: Application,
    mended: Arc<AtomicBool>,
    framed: Application,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open() -> Campus {
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let tickets = redis.url();
        let well = application(|_| Answer::Status(200));
        let refusing = application(|_| Answer::Status(403));
        let mended = Arc::new(AtomicBool::new(false));
        let works = mended.clone();
        let failing = application(move |_| match works.load(Ordering::SeqCst) {
            true => Answer::Status(200),
            false => Answer::Status(500),
        });
        let framed = application(|_| Answer::Status(200));
        let named = |application: &Application, fr: &str, en: &str, more: &str| {
            let names = format!("name = {{ fr = \"{fr}\", en = \"{en}\" }}");
            let all = service(&application.url(), more);
            let rest = all.split_once('\n').unwrap().1.to_owned();
            format!("{names}\n{rest}")
        };
        let services = [
            ("notes", named(&well, "Carnet de notes", "Grades", "")),
            (
                "courrier",
                named(&refusing, "Messagerie de l’université", "Mail", ""),
            ),
            (
                "biblio",
                named(&failing, "Bibliothèque universitaire", "Library", ""),
            ),
            (
                "agenda",
                named(&framed, "Emploi du temps", "Timetable", "logout_by = \"browser\""),
            ),
        ];
        // Short pauses, so that what fails is tried again all the while that the page is looked at.
        let sections = format!("logout_pauses = {:?}\n", ["1 s"; 20]);
        let options = Options {
            services: &services,
            sections: &sections,
            ..Options::on(&slapd, &tickets)
        };
        Campus {
            served: Served::start(&options),
            well,
            refusing,
            failing,
            mended,
            framed,
            _redis: redis,
            _slapd: slapd,
        }
    }

    /// Opens each application in the window, with a ticket that it validates, and signs out.
    async fn come_and_go(&self, window: &Chromium) {
        for application in [&self.well, &self.refusing, &self.failing, &self.framed] {
            let url = format!("{}/app", application.url());
            let login = self.served.address("/login", &[("service", &url)]);
            window.client.goto(&login).await.unwrap();
            if application.url() == self.well.url() {
                window.sign_in(LOGIN, PASSWORD).await;
            }
            window.arrive(&format!("{url}?ticket=ST-")).await;
            let at = window.url().await;
            let ticket = at.split_once("ticket=").unwrap().1.to_owned();
            let parameters = [("service", url.as_str()), ("ticket", ticket.as_str())];
            let validation = self.served.address("/serviceValidate", &parameters);
            let answer = Browser::new(None).get(&validation).await.reply.body;
            assert!(answer.contains("authenticationSuccess"), "{answer}");
        }
        let out = self.served.address("/logout", &[]);
        window.client.goto(&out).await.unwrap();
    }

    /// Messages that the browser has brought.
    fn framed(&self) -> usize {
        let asked = self.framed.asked();
        let brought = asked
            .iter()
            .filter(|asked| asked.method == Method::GET && asked.target.contains("logoutRequest="));
        brought.count()
    }
}

#[tokio::test]
async fn the_list_follows_by_itself_and_the_browser_tells_who_wants_it_so() {
    // CAS-190, CAS-192, CAS-198, CAS-201
    let campus = Campus::open();
    let window = Chromium::start(Window::default()).await;
    campus.come_and_go(&window).await;
    window.found("#farewell li.underway").await;
    window.keep_picture("signed-out-first-1280-fr").await;
    wait::until("the message in a frame", || (campus.framed() == 1).then_some(()));
    window.found("#farewell li.yes").await;
    window.found("#farewell li.no").await;
    let at = window.url().await;
    assert!(
        at.trim_end_matches('?').ends_with("/logout"),
        "the page was left for {at}"
    );
    assert!(!window.overflows().await);
    assert_eq!(window.violations().await, Vec::<String>::new());
    window.keep_picture("signed-out-later-1280-fr").await;
    campus.mended.store(true, Ordering::SeqCst);
    wait::until_async("the end of the list", || async {
        let text = window.text("#farewell ul").await;
        (!text.contains("fermeture en cours")).then_some(())
    })
    .await;
    assert_eq!(window.complaints().await, Vec::<String>::new());
    window.keep_picture("signed-out-end-1280-fr").await;
    assert_eq!(campus.framed(), 1, "once");
    window.close().await;
}

#[tokio::test]
async fn without_scripts_a_link_looks_again_and_a_telephone_shows_it_whole() {
    // CAS-190, CAS-198
    let campus = Campus::open();
    let window = Chromium::start(Window {
        language: "en",
        width: 320,
        height: 640,
        scripts: false,
    })
    .await;
    campus.come_and_go(&window).await;
    window.found("#farewell li.underway").await;
    window.keep_picture("signed-out-first-320-en").await;
    wait::until_async("somebody told", || async {
        window.follow("#farewell a").await;
        window.sees("#farewell li.yes").await.then_some(())
    })
    .await;
    assert!(window.url().await.ends_with("/logout/told"));
    assert!(!window.overflows().await);
    window.keep_picture("signed-out-later-320-en").await;
    campus.mended.store(true, Ordering::SeqCst);
    wait::until_async("the end of the list", || async {
        match window.sees("#farewell a").await {
            true => {
                window.follow("#farewell a").await;
                None
            }
            false => Some(()),
        }
    })
    .await;
    let text = window.text("#farewell ul").await;
    assert!(
        text.contains("Grades") && text.contains("perhaps still signed in"),
        "{text}"
    );
    window.keep_picture("signed-out-end-320-en").await;
    window.close().await;
}
