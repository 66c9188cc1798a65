//! A proxy that does TLS before the served binary: Debian's nginx or haproxy with the sample from
//! conf/proxies, in which only ports, paths and the certificate are others.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use super::certificates::Authority;
use super::child::{Server, folder};
use super::{ports, wait};

/// A running proxy.
pub struct Front {
    _server: Server,
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Nginx,
    Haproxy,
}

impl Front {
    /// Starts it on `port`, before the server on `behind`. `None` when somebody else has the port.
    pub fn start(kind: Kind, port: u16, behind: u16, authority: &Authority) -> Option<Front> {
        let folder = folder("front");
        authority.issue_into(&folder, &["localhost"]);
        let (program, arguments) = match kind {
            Kind::Nginx => ("nginx", nginx(&folder, port, behind)),
            Kind::Haproxy => ("haproxy", haproxy(&folder, port, behind)),
        };
        let mut server = Server::start(program, &arguments, &folder.join("printed.log"));
        let ready = wait::until(program, || match server.has_ended() {
            Some(_) => Some(false),
            None => TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(true),
        });
        let front = Front {
            _server: server,
            folder,
        };
        let taken = ["Address already in use", "cannot bind"];
        let printed = front.logs();
        assert!(
            ready || taken.iter().any(|words| printed.contains(words)),
            "{printed}"
        );
        ready.then_some(front)
    }

    /// Everything it wrote about requests and itself.
    pub fn logs(&self) -> String {
        let files = fs::read_dir(&self.folder).expect("the folder").flatten();
        let logs = files.filter(|file| file.path().extension().is_some_and(|end| end == "log"));
        logs.map(|file| fs::read(file.path()).expect("a log"))
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .collect()
    }
}

/// The sample with each of the pairs replaced; all of them stand in it.
fn sample(text: &str, replaced: &[(&str, String)]) -> String {
    replaced.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old} is not in the sample");
        text.replace(old, new)
    })
}

/// nginx reads the sample from inside a file of its own, as Debian's does.
fn nginx(folder: &Path, port: u16, behind: u16) -> Vec<String> {
    let at = folder.display();
    let names = "/etc/letsencrypt/live/cas.example.org";
    let text = sample(
        include_str!("../../../conf/proxies/nginx.conf"),
        &[
            ("server 127.0.0.1:8080;", format!("server 127.0.0.1:{behind};")),
            ("listen 80;", format!("listen 127.0.0.1:{};", ports::free())),
            ("listen [::]:80;", format!("listen 127.0.0.2:{};", ports::free())),
            ("listen 443 ", format!("listen 127.0.0.1:{port} ")),
            ("listen [::]:443 ", format!("listen 127.0.0.2:{port} ")),
            (&format!("{names}/fullchain.pem"), format!("{at}/server.pem")),
            (&format!("{names}/privkey.pem"), format!("{at}/server.key")),
            ("/var/log/nginx/", format!("{at}/")),
        ],
    );
    fs::write(folder.join("sample.conf"), text).expect("the sample");
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {at}/{what};\n"))
        .concat();
    // One process, so that it ends with the test.
    let main = format!(
        "daemon off; master_process off; pid {at}/pid; error_log {at}/main.log info;\n\
         events {{}}\nhttp {{\n{places}access_log off;\ninclude {at}/sample.conf;\n}}\n"
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, main).expect("a configuration");
    let (file, early) = (file.display().to_string(), format!("{at}/early.log"));
    ["-c", &file, "-e", &early].map(str::to_owned).to_vec()
}

fn haproxy(folder: &Path, port: u16, behind: u16) -> Vec<String> {
    let at = folder.display();
    let [certificate, key] =
        ["server.pem", "server.key"].map(|name| fs::read_to_string(folder.join(name)).expect("a file"));
    fs::write(folder.join("both.pem"), certificate + &key).expect("the certificate");
    let text = sample(
        include_str!("../../../conf/proxies/haproxy.cfg"),
        &[
            (
                "server one 127.0.0.1:8080",
                format!("server one 127.0.0.1:{behind}"),
            ),
            ("bind :80", format!("bind 127.0.0.1:{}", ports::free())),
            ("bind :443", format!("bind 127.0.0.1:{port}")),
            ("/etc/haproxy/cas.example.org.pem", format!("{at}/both.pem")),
            ("log /dev/log ", "log stdout format raw ".to_owned()),
        ],
    );
    let file = folder.join("haproxy.cfg");
    fs::write(&file, text).expect("a configuration");
    ["-db", "-f", &file.display().to_string()]
        .map(str::to_owned)
        .to_vec()
}
