//! The served process runs out of file descriptors, is flooded, and is killed: it closes whoever has been idle
//! longest, goes on, and begins again as lean as it was.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use http::StatusCode;

use crate::edge_attacks::cpu;
use crate::figure;
use crate::monitoring::{admin, asked, value};
use crate::service::BINARY;
use crate::support::browser::Browser;
use crate::support::child::folder;
use crate::support::redis::Redis;
use crate::support::run::succeed;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::unit::Unit;
use crate::support::{ports, wait};

fn descriptors(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).expect("a process").count()
}

/// Bytes in memory.
pub fn resident(id: u32) -> u64 {
    bytes(id, "VmRSS:")
}

/// The most bytes in memory that it has ever had.
pub fn peak(id: u32) -> u64 {
    bytes(id, "VmHWM:")
}

/// The bytes in memory now, and [`peak`] forgets what was before. For root, or the owner.
pub fn peak_from_now(id: u32) -> u64 {
    fs::write(format!("/proc/{id}/clear_refs"), "5").expect("a process that may be asked");
    peak(id)
}

/// Bytes of its own that it may write to, in memory or not.
fn written(id: u32) -> u64 {
    bytes(id, "VmData:")
}

/// What a flood may take.
const ROOM: u64 = 64 << 20;

fn bytes(id: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes: u64 = kilobytes.expect("a size").trim().parse().expect("a number");
    kilobytes * 1024
}

type Line = BufReader<TcpStream>;

/// A connection on which one request was answered.
fn line(port: u16) -> Line {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(wait::PATIENCE)).expect("an option");
    let mut line = BufReader::new(stream);
    get(&mut line).expect("an answer");
    line
}

fn get(line: &mut Line) -> std::io::Result<()> {
    let request = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\n\r\n";
    line.get_mut().write_all(request)?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if line.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok());
    line.read_exact(&mut vec![0; length.expect("a length")])
}

async fn signs_in(served: &Served) -> StatusCode {
    let mut browser = Browser::new(None);
    let page = browser.open(&served.address("/login", &[])).await;
    let page = browser
        .sign_in(&page, "camille.dupont", "camille-corbeau-7")
        .await;
    page.reply.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_without_file_descriptors_closes_the_longest_idle_and_goes_on() {
    // F-27
    let slapd = Slapd::start(&slapd::Options::default());
    let port = ports::free();
    let sections = admin(port);
    let mut served = Served::start(&Options {
        sections: &sections,
        ..Options::on(&slapd, "memory:")
    });
    assert_eq!(signs_in(&served).await, StatusCode::OK);
    let id = served.id();
    let most = descriptors(id) + 60;
    let limit = format!("--nofile={most}:{most}");
    succeed(
        Command::new("prlimit").args(["--pid", &id.to_string(), &limit]),
        "",
    );

    // Far more than there is room for, each answered before the next one comes.
    let mut lines = VecDeque::new();
    for _ in 0..200 {
        lines.push_back(tokio::task::block_in_place(|| line(served.port())));
    }
    assert!(served.server().has_ended().is_none(), "{}", served.output());
    let said = served.output();
    assert!(said.contains("cannot accept a connection"), "{said}");
    assert!(said.contains("closed the longest idle"), "{said}");
    let open: Vec<bool> = lines.iter_mut().map(|line| get(line).is_ok()).collect();
    assert!(!open[0] && open[199], "the oldest go, the newest stay");
    let first = open.iter().position(|open| *open).expect("some are open");
    // Idle is who was answered whole, which the server may come to know of two neighbours in the other order.
    assert!(
        first > 100 && open[first + 2..].iter().all(|open| *open),
        "{open:?}"
    );

    // As soon as there is room, everything is as before.
    drop(lines);
    wait::until_async("a sign-in", || async {
        (signs_in(&served).await == StatusCode::OK).then_some(())
    })
    .await;
    let page = wait::until_async("the numbers", || async {
        let (status, page) = asked(port, "/metrics").await;
        (status == 200).then_some(page)
    })
    .await;
    assert!(value(&page, "shed_total{what=\"idle\"}") >= Some(100.0), "{page}");
    assert_eq!(value(&page, "panics_total"), Some(0.0));
}

#[test]
fn a_flood_of_long_heads_that_do_not_end_takes_no_more_memory_than_its_connections_may() {
    // F-27
    let slapd = Slapd::start(&slapd::Options::default());
    let mut served = Served::start(&Options {
        sections: "[server.limits]\nmost_connections = 200\n",
        ..Options::on(&slapd, "memory:")
    });
    drop(line(served.port()));
    let before = resident(served.id());
    // Nor is there more to be had: what asks for it ends.
    let most = written(served.id()) + ROOM;
    let limit = format!("--data={most}:{most}");
    let process = served.id().to_string();
    succeed(Command::new("prlimit").args(["--pid", &process, &limit]), "");
    let head = format!("GET /cas/login HTTP/1.1\r\nX: {}", "x".repeat(15_000));
    let mut flood = Vec::new();
    for _ in 0..1000 {
        let mut stream = TcpStream::connect(("127.0.0.1", served.port())).expect("a connection");
        // Who is turned away is told by a reset.
        let _ = stream.write_all(head.as_bytes());
        flood.push(stream);
    }
    let grown = resident(served.id()).saturating_sub(before);
    // 200 connections of some 100 kB each, and what an allocator keeps.
    assert!(grown < ROOM, "{grown} bytes more");
    assert!(served.server().has_ended().is_none(), "{}", served.output());
    drop(flood);
    wait::until("room", || {
        let mut stream = TcpStream::connect(("127.0.0.1", served.port())).ok()?;
        let request = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.starts_with("HTTP/1.1 200").then_some(())
    });
    assert!(served.server().has_ended().is_none());
    figure::tell(
        "flood",
        &format!(
            "1000 half heads of 15 kB at 200 places: {} KiB more in memory",
            grown / 1024
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_again_and_again_loses_nothing_and_begins_as_lean_as_it_was() {
    // F-22
    let (slapd, redis) = (
        Slapd::start(&slapd::Options::default()),
        Redis::start(&["--appendonly", "yes"]),
    );
    let unit = Unit::new(&folder("unit"));
    let tickets = redis.url();
    let served = Served::written(&Options::on(&slapd, &tickets), unit.port());
    let unit = unit.in_folder(served.folder());
    let config = served.folder().join("server.toml");
    let mut browsers: Vec<Browser> = Vec::new();
    let mut began = Vec::new();
    let mut busy: Vec<tokio::task::JoinHandle<StatusCode>> = Vec::new();
    for _ in 0..6 {
        let start = std::time::Instant::now();
        let mut server = unit.start_ready(BINARY, &config);
        let took = start.elapsed();
        // Whatever else the machine does meanwhile.
        let taken = cpu(server.id());
        assert!(taken <= 1.0, "{taken} s of CPU until it was ready");
        began.push((took, descriptors(server.id()), resident(server.id())));
        // Whoever was told that they are signed in are.
        for browser in &mut browsers {
            let page = browser.open(&served.address("/login", &[])).await;
            assert!(
                !page.reply.body.contains("name=\"password\""),
                "{}",
                page.reply.body
            );
        }
        let mut browser = Browser::new(None);
        let page = browser.open(&served.address("/login", &[])).await;
        let page = browser
            .sign_in(&page, "camille.dupont", "camille-corbeau-7")
            .await;
        assert_eq!(page.reply.status, StatusCode::OK);
        browsers.push(browser);
        for task in busy.drain(..) {
            // Cut off, or answered by either of the two; nobody hears anything else.
            if let Ok(status) = task.await {
                assert_eq!(status, StatusCode::OK);
            }
        }
        // In the middle of whatever it is at.
        busy.extend((0..8).map(|_| {
            let mut browser = Browser::new(None);
            let url = served.address("/login", &[]);
            tokio::spawn(async move { browser.open(&url).await.reply.status })
        }));
        server.kill();
    }
    busy.iter().for_each(tokio::task::JoinHandle::abort);
    each_as_lean(&began);
}

/// How long each start took, the descriptors that it has, and its memory in bytes.
fn each_as_lean(began: &[(std::time::Duration, usize, u64)]) {
    let (_, open, size) = began[0];
    for (_, later, grown) in began {
        // Eight connections waited in the socket, and those to Redis and the directory may be there already.
        assert!(*later <= open + 8 + 8, "{began:?}");
        assert!(*grown <= size + (8 << 20), "{began:?}");
    }
    let longest = began.iter().map(|(took, ..)| *took).max().expect("starts");
    let sizes = began.iter().map(|(.., size)| *size).max().expect("starts");
    figure::tell(
        "killed-start",
        &format!(
            "6 starts after SIGKILL: ready after {} ms at most, {} KiB, {open} descriptors",
            longest.as_millis(),
            sizes / 1024
        ),
    );
}
