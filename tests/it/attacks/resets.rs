//! Links that were used, looked at, outlived or asked for too often.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use mereau::base::clock::{Clock, HandClock};
use mereau::messages::Notice;

use crate::house::recovery::usual_recovery;
use crate::house::{AMINE, CAMILLE, House, Plan, Reply, START, build};
use crate::recovery::{
    NEW, asks, choose, letters_for, link_for, masked, open, path_of, recovering, signs_in,
};

const OTHER: &str = "une deuxième phrase sans effet";

fn writes(house: &House) -> usize {
    house.campus.writes.load(Ordering::SeqCst)
}

#[tokio::test]
async fn every_request_of_a_reset_sent_once_more_writes_nothing_more() {
    // T-72
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let (_, link, code) = letters[0].links()[0].clone();
    let link = path_of(&link);
    let mut browser = house.browser();
    // As a proxy in between would have kept them: each request with the cookies it was sent with.
    let mut kept = vec![(browser.cookies.clone(), Method::GET, link.clone(), None)];
    let page = open(&mut browser, &link).await;
    let refused = page.form().with("new", "court");
    kept.push((
        browser.cookies.clone(),
        Method::POST,
        refused.action.clone(),
        Some(refused.encoded()),
    ));
    let again = browser.submit(&refused).await;
    let form = again.form().with("new", NEW);
    kept.push((
        browser.cookies.clone(),
        Method::POST,
        form.action.clone(),
        Some(form.encoded()),
    ));
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(writes(&house), 1);
    for _ in 0..3 {
        for (cookies, method, path, body) in &kept {
            let mut replayer = house.browser();
            replayer.cookies = cookies.clone();
            let reply = replayer.send(method.clone(), path, body.clone()).await;
            assert!(reply.status.as_u16() < 500, "{path}: {}", reply.status);
        }
        // The same with another password in the place of the first.
        let (cookies, method, path, body) = &kept[2];
        let swapped = body.as_ref().unwrap().replace("quatre", "cinq");
        let mut replayer = house.browser();
        replayer.cookies = cookies.clone();
        replayer.send(method.clone(), path, Some(swapped)).await;
        let mut browser = house.browser();
        let form = browser.get("/cas/recover/code").await.form();
        let form = form.with("identifier", CAMILLE.0).with("code", &code);
        assert!(!browser.submit(&form).await.has_form_for_new());
        assert_eq!(writes(&house), 1);
        house.clock.advance(Duration::from_secs(1800));
    }
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

/// What programs send that look at a link before its reader does.
const LOOKS: [&[(&str, &str)]; 6] = [
    &[],
    &[("sec-purpose", "prefetch")],
    &[("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")],
    &[("x-moz", "prefetch")],
    &[("x-purpose", "preview")],
    &[("range", "bytes=0-0")],
];

#[tokio::test]
async fn no_look_at_any_mailed_link_uses_it_up() {
    // T-73
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let link = path_of(&letters[0].links()[0].1);
    let Notice::ResetLinks { revoke, .. } = &letters[0].notice else {
        panic!("{}", letters[0].notice.name());
    };
    let revoke = path_of(revoke.expose());
    let mut replies: Vec<Reply> = Vec::new();
    for number in 0..100 {
        let mut scanner = house.browser();
        for (name, value) in LOOKS[number % LOOKS.len()] {
            scanner.headers.push((name, (*value).to_owned()));
        }
        for at in [&link, &revoke] {
            scanner.send(Method::HEAD, at, None).await;
            scanner.send(Method::OPTIONS, at, None).await;
            let reply = scanner.get(at).await;
            if reply.status == 303 {
                // Even the form behind it.
                let form = scanner.get(reply.location()).await;
                assert!(form.has_form_for_new(), "look {number}");
                scanner.head(reply.location()).await;
            }
            replies.push(reply);
        }
    }
    let statuses = |at: usize| replies.iter().skip(at).step_by(2).map(|reply| reply.status);
    assert!(statuses(0).all(|status| status == 303) && statuses(1).all(|status| status == 200));
    assert_eq!(writes(&house), 0);
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

/// A node on `store`, whose clock differs.
async fn node(store: Option<&House>, clock: &Arc<HandClock>) -> House {
    build(Plan {
        one_institution: true,
        recovery: Some(usual_recovery()),
        store_clock: Some(clock.clone()),
        beside: store.map(|house| house.store.clone()),
        ..Plan::default()
    })
    .await
}

#[tokio::test]
async fn a_second_after_its_day_a_link_is_refused_on_every_node_whatever_its_clock_says() {
    // T-74
    const HOURS: Duration = Duration::from_secs(2 * 3600);
    let time = Arc::new(HandClock::at(START));
    let on_time = node(None, &time).await;
    let (fast, slow) = (
        node(Some(&on_time), &time).await,
        node(Some(&on_time), &time).await,
    );
    fast.clock.advance(HOURS);
    slow.clock.set_back(HOURS);
    let nodes = [&on_time, &fast, &slow];
    let letters = letters_for(&on_time, CAMILLE.0).await;
    let (_, link, code) = letters[0].links()[0].clone();
    let link = path_of(&link);
    let pass = |span: Duration| {
        time.advance(span);
        nodes.iter().for_each(|node| node.clock.advance(span));
    };
    // Forms that were opened in time are too late as well.
    pass(Duration::from_secs(86_400 - 1));
    let mut open_forms = Vec::new();
    for node in nodes {
        let mut browser = node.browser();
        let page = open(&mut browser, &link).await;
        assert_eq!(page.status, 200, "{}", page.body);
        open_forms.push((browser, page));
    }
    pass(Duration::from_secs(2));
    for node in nodes {
        let reply = node.browser().get(&link).await;
        assert_eq!(reply.status, 410);
        let mut browser = node.browser();
        let form = browser.get("/cas/recover/code").await.form();
        let form = form.with("identifier", CAMILLE.0).with("code", &code);
        assert_eq!(browser.submit(&form).await.status, 401);
    }
    for (mut browser, page) in open_forms {
        let late = choose(&mut browser, &page, NEW).await;
        assert_eq!(late.status, 410, "{}", late.body);
    }
    assert!(nodes.iter().all(|node| writes(node) == 0));
}

#[tokio::test]
async fn a_success_ends_the_older_and_the_newer_links_with_their_codes_and_open_forms() {
    // T-75
    for used in 0..3 {
        let house = recovering().await;
        let mut sent = Vec::new();
        for _ in 0..3 {
            let letters = letters_for(&house, CAMILLE.0).await;
            let (_, link, code) = letters[0].links()[0].clone();
            let mut browser = house.browser();
            let page = open(&mut browser, &path_of(&link)).await;
            assert_eq!(page.status, 200);
            sent.push((path_of(&link), code, browser, page));
            house.clock.advance(Duration::from_secs(130));
        }
        let (_, _, mut browser, page) = sent.remove(used);
        assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
        for (link, code, mut browser, page) in sent {
            assert_eq!(house.browser().get(&link).await.status, 410);
            assert_eq!(choose(&mut browser, &page, OTHER).await.status, 410);
            let mut browser = house.browser();
            let form = browser.get("/cas/recover/code").await.form();
            let form = form.with("identifier", CAMILLE.0).with("code", &code);
            assert_eq!(browser.submit(&form).await.status, 401);
        }
        assert_eq!(writes(&house), 1, "link {used}");
        assert!(signs_in(&house, CAMILLE.0, NEW).await);
        // A new request starts afresh.
        house.clock.advance(Duration::from_secs(3600));
        house.letters.take();
        let link = link_for(&house, CAMILLE.0).await;
        assert_eq!(house.browser().get(&link).await.status, 303);
    }
}

#[tokio::test]
async fn whoever_asks_without_end_gets_few_links_and_one_answer() {
    // T-76
    let house = recovering().await;
    let (mut answers, mut links, mut moments) = (Vec::new(), Vec::new(), Vec::new());
    let mut minute = 0;
    // Twelve requests in the first ten minutes, then one an hour for a day and a half.
    for step in [50u64; 12].into_iter().chain([3600; 36]) {
        let mut browser = house.browser();
        browser.address = std::net::IpAddr::from([
            10,
            7,
            u8::try_from(minute / 250).unwrap(),
            u8::try_from(minute % 250).unwrap(),
        ]);
        minute += 1;
        let reply = asks(&mut browser, CAMILLE.0).await;
        let page = browser.get(reply.location()).await;
        // Moments are told by the page as hours and minutes.
        let digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
        answers.push((
            reply.status,
            digits(&masked(reply.location())),
            digits(&masked(&page.body)),
        ));
        house.work().await;
        for letter in house.letters.take() {
            links.extend(letter.links().into_iter().map(|(_, link, _)| path_of(&link)));
            moments.push(house.clock.now().0);
        }
        let mut live = 0;
        let mut looker = house.browser();
        looker.address = std::net::IpAddr::from([
            10,
            8,
            u8::try_from(minute / 250).unwrap(),
            u8::try_from(minute % 250).unwrap(),
        ]);
        for link in &links {
            live += usize::from(looker.get(link).await.status == 303);
        }
        assert!(live <= 3, "{live} links live at once");
        house.clock.advance(Duration::from_secs(step));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let within = |span: u64| {
        let count = |from: &u64| {
            moments
                .iter()
                .filter(|at| (*from..from + span).contains(at))
                .count()
        };
        moments.iter().map(count).max().unwrap_or(0)
    };
    // Twelve requests came in the first ten minutes, fifty seconds apart: three were worth a letter.
    let first = moments.iter().filter(|at| **at < moments[0] + 600_000).count();
    assert_eq!(first, 3, "{moments:?}");
    assert_eq!(within(600_000), 3, "in any ten minutes");
    assert_eq!(within(3_600_000), 3, "in any hour");
    assert_eq!(within(86_400_000), 6, "in any day");
    assert!(
        moments.windows(2).all(|pair| pair[1] - pair[0] >= 120_000),
        "{moments:?}"
    );
    // Nobody else's budget was touched.
    assert_eq!(letters_for(&house, AMINE.0).await.len(), 1);
}
