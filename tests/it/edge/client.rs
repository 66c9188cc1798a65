//! A client that sends bytes as they are and reads answers one by one: what no decent client
//! library can be made to send.

use std::collections::HashMap;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::PATIENCE;

pub struct Client<S = TcpStream> {
    pub stream: S,
    read: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    /// The value of a line `name=value` of the echo.
    pub fn told(&self, name: &str) -> &str {
        let line = self.body.lines().find(|line| line.starts_with(name));
        line.unwrap().split_once('=').unwrap().1
    }

    pub fn first_line(&self) -> &str {
        self.body.lines().next().unwrap_or_default()
    }
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        Client::on(TcpStream::connect(address).await.unwrap())
    }

    /// One request on a connection of its own.
    pub async fn ask(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Answer {
        let mut client = Client::connect(address).await;
        client.send(bytes).await;
        client.answer().await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn on(stream: S) -> Client<S> {
        Client {
            stream,
            read: Vec::new(),
        }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next answer; its body by `Content-Length`.
    pub async fn answer(&mut self) -> Answer {
        self.answer_to("GET").await
    }

    pub async fn answer_to(&mut self, method: &str) -> Answer {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more().await > 0, "closed without an answer");
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: HashMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let length = if method == "HEAD" { 0 } else { length };
        while self.read.len() < length {
            assert!(self.more().await > 0, "closed within an answer");
        }
        let body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        Answer {
            status,
            headers,
            body,
        }
    }

    /// Waits for the server to close and returns what it had still said.
    pub async fn closed(&mut self) -> Vec<u8> {
        while self.more().await > 0 {}
        std::mem::take(&mut self.read)
    }

    async fn more(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        // A reset is a close too.
        let count = read.expect("the server neither answers nor closes").unwrap_or(0);
        self.read.extend_from_slice(&buffer[..count]);
        count
    }
}
