//! Each fault of the cable, on one connection with both ends in the test's hands.

use std::io::ErrorKind;

#[allow(unused_imports, reason = "benchmarks include this file and run no tests")]
use futures_util::FutureExt;

use super::*;

/// A cable and the two ends of one connection over it: the client's and the server's.
async fn open() -> (Chaos, TcpStream, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let chaos = Chaos::to(listener.local_addr().unwrap().port()).await;
    let client = TcpStream::connect(("127.0.0.1", chaos.port())).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (chaos, client, server)
}

/// Sends on one end and reads as much at the other.
async fn pass(from: &mut TcpStream, to: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    from.write_all(bytes).await.unwrap();
    let mut read = vec![0; bytes.len()];
    to.read_exact(&mut read).await.unwrap();
    read
}

async fn end(of: &mut TcpStream) -> Result<Vec<u8>, ErrorKind> {
    let mut rest = Vec::new();
    let read = of.read_to_end(&mut rest).await;
    read.map(|_| rest).map_err(|error| error.kind())
}

#[tokio::test]
async fn what_is_held_one_way_waits_and_the_other_way_goes_on() {
    let (chaos, mut client, mut server) = open().await;
    assert_eq!(pass(&mut client, &mut server, b"before").await, b"before");
    chaos.set(Way::ToServer, Fault::Hold);
    client.write_all(b"held").await.unwrap();
    for _ in 0..50 {
        assert_eq!(pass(&mut server, &mut client, b"back").await, b"back");
    }
    let mut read = [0; 4];
    assert!(server.read(&mut read).now_or_never().is_none());
    chaos.release();
    server.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"held");
    drop(client);
    assert_eq!(end(&mut server).await, Ok(vec![]));
}

#[tokio::test]
async fn latency_and_rate_delay_without_loss_and_end_when_they_are_taken_back() {
    let (chaos, mut client, mut server) = open().await;
    let late = Duration::from_millis(120);
    chaos.set(Way::ToClient, Fault::Latency(late));
    chaos.set(Way::ToClient, Fault::Jitter(late));
    let start = Instant::now();
    assert_eq!(pass(&mut server, &mut client, b"late").await, b"late");
    assert!(start.elapsed() >= late);
    // In the line already, and it passes as soon as nothing keeps it there.
    chaos.set(Way::ToClient, Fault::Latency(Duration::from_secs(3_600)));
    server.write_all(b"freed").await.unwrap();
    let mut read = [0; 5];
    assert!(client.read(&mut read).now_or_never().is_none());
    chaos.heal();
    client.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"freed");

    chaos.set(Way::ToServer, Fault::Rate(500));
    let start = Instant::now();
    assert_eq!(pass(&mut client, &mut server, &[7; 100]).await, [7; 100]);
    // The last ones pass before their time is up.
    assert!(start.elapsed() >= Duration::from_millis(150));
    chaos.set(Way::ToServer, Fault::Rate(1));
    client.write_all(&[8; 10_000]).await.unwrap();
    chaos.heal();
    let mut read = vec![0; 10_000];
    server.read_exact(&mut read).await.unwrap();
    assert_eq!(read, [8; 10_000]);
}

#[tokio::test]
async fn a_black_hole_takes_connections_and_answers_none() {
    let (chaos, mut client, mut server) = open().await;
    chaos.blackhole();
    let mut late = TcpStream::connect(("127.0.0.1", chaos.port())).await.unwrap();
    for stream in [&mut client, &mut late] {
        stream.write_all(b"anybody?").await.unwrap();
    }
    server.write_all(b"nobody").await.unwrap();
    let mut read = [0; 8];
    for _ in 0..50 {
        tokio::task::yield_now().await;
        assert!(client.read(&mut read).now_or_never().is_none());
        assert!(late.read(&mut read).now_or_never().is_none());
        assert!(server.read(&mut read).now_or_never().is_none());
    }
    chaos.heal();
    assert!(late.read(&mut read).now_or_never().is_none());
    drop(client);
    assert_eq!(
        end(&mut server).await.map(|read| read.len()),
        Ok(0),
        "it heard nothing"
    );
    assert_eq!(chaos.taken(), 2);
}

#[tokio::test]
async fn a_reset_is_one_at_both_ends() {
    let (chaos, mut client, mut server) = open().await;
    assert_eq!(pass(&mut client, &mut server, b"open").await, b"open");
    chaos.reset();
    assert_eq!(end(&mut client).await, Err(ErrorKind::ConnectionReset));
    assert_eq!(end(&mut server).await, Err(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_half_closed_connection_goes_on_the_other_way() {
    for way in [Way::ToClient, Way::ToServer] {
        let (chaos, client, server) = open().await;
        let (mut told, mut other) = match way {
            Way::ToClient => (client, server),
            _ => (server, client),
        };
        assert_eq!(pass(&mut other, &mut told, b"open").await, b"open");
        chaos.half_close(way);
        assert_eq!(end(&mut told).await, Ok(vec![]));
        assert_eq!(pass(&mut told, &mut other, b"still").await, b"still");
        drop(told);
        assert_eq!(end(&mut other).await, Ok(vec![]));
    }
}

#[tokio::test]
async fn slices_come_one_by_one() {
    let (chaos, mut client, mut server) = open().await;
    chaos.set(Way::ToServer, Fault::Slices);
    chaos.set(Way::ToServer, Fault::Rate(1_000));
    client.write_all(&[9; 64]).await.unwrap();
    let (mut bytes, mut reads, mut read) = (0, 0, [0; 64]);
    while bytes < 64 {
        bytes += server.read(&mut read).await.unwrap();
        reads += 1;
    }
    assert!(reads > 1, "64 bytes in one piece");
    let conduct = Conduct {
        sliced: true,
        rate: Some(10_000),
        ..Conduct::default()
    };
    assert_eq!(conduct.piece(0), 1);
}

#[tokio::test]
async fn the_same_seed_spoils_the_same_bytes_in_the_same_way() {
    let (chaos, mut client, mut server) = open().await;
    let sent = vec![0x55; 1_000];
    let mut spoilt = Vec::new();
    for seed in [1, 1, 2] {
        chaos.set(Way::ToServer, Fault::Spoil { seed, one_in: 10 });
        spoilt.push(pass(&mut client, &mut server, &sent).await);
    }
    assert_eq!(spoilt[0], spoilt[1]);
    assert_ne!(spoilt[0], spoilt[2]);
    let changed = spoilt[0].iter().filter(|byte| **byte != 0x55).count();
    assert!((50..200).contains(&changed), "{changed} of 1000");
    assert_eq!(pass(&mut server, &mut client, &sent).await, sent, "one way only");
    chaos.heal();
    assert_eq!(pass(&mut client, &mut server, &sent).await, sent);
}

#[tokio::test]
async fn a_connection_is_cut_after_just_so_many_bytes() {
    let (chaos, mut client, mut server) = open().await;
    assert_eq!(
        pass(&mut client, &mut server, b"these do not count").await.len(),
        18
    );
    chaos.set(Way::ToServer, Fault::CutAfter(10));
    client.write_all(b"0123456789abcdef").await.unwrap();
    assert_eq!(end(&mut server).await, Ok(b"0123456789".to_vec()));
    assert_eq!(end(&mut client).await, Ok(vec![]));
}
