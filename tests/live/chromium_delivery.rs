//! Tickets that are posted (CAS-26), in a real Chromium: by the page's script, by its button where
//! scripts do not run, and past the policy of the page, also right behind the sign-in form.

use fantoccini::key::Key;

use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

/// The tickets that were posted to the application's start page.
fn posted(application: &Application) -> Vec<String> {
    let asked = application.asked().into_iter();
    let posts = asked.filter(|asked| asked.method == http::Method::POST && asked.target == "/start?a=%C3%A9");
    posts
        .map(|post| {
            let mut fields = url::form_urlencoded::parse(post.body.as_bytes());
            let (name, ticket) = fields.next().expect("a field");
            assert_eq!((&*name, fields.next()), ("ticket", None));
            ticket.into_owned()
        })
        .collect()
}

async fn delivers(scripts: bool) {
    let authority = Authority::new();
    let application = Application::plain();
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let served = Served::start(&Options {
        authority: Some(&authority),
        services: &[("application", service(&application.url(), ""))],
        ..Options::on(&slapd, &tickets)
    });
    let start = format!("{}/start?a=%C3%A9", application.url());
    let login = served.address("/login", &[("service", &start), ("method", "POST")]);
    let window = Chromium::start(Window {
        scripts,
        ..Window::default()
    })
    .await;
    for round in 1..=2 {
        // The first time behind the form, the second time at once.
        window.client.goto(&login).await.unwrap();
        if round == 1 {
            window.sign_in("camille.dupont", "camille-corbeau-7").await;
        }
        if !scripts {
            let button = window.found("main form button[type=submit]").await;
            assert!(button.is_displayed().await.unwrap());
            assert!(posted(&application).len() < round, "nobody pressed it yet");
            let enter = char::from(Key::Enter).to_string();
            button.send_keys(&enter).await.unwrap();
        }
        window.arrive(&start).await;
        let tickets = wait::until("the post", || {
            let tickets = posted(&application);
            (tickets.len() == round).then_some(tickets)
        });
        let asked = [("service", start.as_str()), ("ticket", &tickets[round - 1])];
        let checked = served.address("/serviceValidate", &asked);
        let answer = Browser::new(Some(&authority)).get(&checked).await.reply.body;
        assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
        let complaints = window.complaints().await;
        let of_policy = complaints.iter().filter(|said| said.contains("Security Policy"));
        assert_eq!(of_policy.collect::<Vec<_>>(), Vec::<&String>::new());
    }
    window.close().await;
}

#[tokio::test]
async fn chromium_posts_the_ticket_by_itself() {
    // CAS-26, CAS-28, T-36
    delivers(true).await;
}

#[tokio::test]
async fn chromium_posts_the_ticket_by_a_button_where_no_script_runs() {
    // CAS-26, CAS-28
    delivers(false).await;
}
