//! The container image: what it is told to run, and that it runs as it is told, from a root that nobody can
//! write to. No container engine is asked: the archive's layers are unpacked as one would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{made_one, repository, said};
use crate::figure;
use crate::support::run::succeed;

struct Image {
    /// What an engine is told.
    config: Value,
    root: PathBuf,
    _folder: TempDir,
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn words(value: &Value) -> Vec<String> {
    let all = value.as_array().unwrap();
    all.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// The image, unpacked.
fn image() -> Image {
    let folder = TempDir::new().unwrap();
    let archive = made_one(".container.tar").display().to_string();
    let (into, root) = (folder.path(), folder.path().join("root"));
    fs::create_dir(&root).unwrap();
    said(
        "tar",
        &[
            "--directory",
            &into.display().to_string(),
            "--extract",
            "--file",
            &archive,
        ],
    );
    let manifest = json(&into.join("manifest.json"))[0].clone();
    for layer in words(&manifest["Layers"]) {
        let layer = into.join(layer).display().to_string();
        said(
            "tar",
            &[
                "--directory",
                &root.display().to_string(),
                "--extract",
                "--file",
                &layer,
            ],
        );
    }
    let config = json(&into.join(manifest["Config"].as_str().unwrap()))["config"].clone();
    Image {
        config,
        root,
        _folder: folder,
    }
}

/// Every file of a folder, as paths from it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap().map(|entry| entry.unwrap()) {
            match entry.file_type().unwrap().is_dir() {
                true => open.push(entry.path()),
                false => found.push(entry.path().strip_prefix(folder).unwrap().to_owned()),
            }
        }
    }
    found
}

#[test]
fn the_image_holds_the_program_what_it_is_linked_with_and_no_other() {
    let image = image();
    let (mut programs, mut libraries, mut others, mut size) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for file in files(&image.root) {
        size += fs::metadata(image.root.join(&file)).unwrap().len();
        let path = file.display().to_string();
        if path.starts_with("lib") {
            libraries.push(file.file_name().unwrap().to_string_lossy().into_owned());
        } else if path.contains("bin/") {
            programs.push(path);
        } else if !path.starts_with("usr/share/zoneinfo/") && !path.starts_with("usr/share/doc/") {
            others.push(path);
        }
    }
    assert_eq!(programs, ["usr/bin/mereau"]);
    let known = [
        "libc.so.6",
        "libm.so.6",
        "libgcc_s.so.1",
        "ld-linux-x86-64.so.2",
        "ld-linux-aarch64.so.1",
    ];
    assert!(
        libraries.iter().all(|library| known.contains(&library.as_str())),
        "{libraries:?}"
    );
    others.sort();
    let expected = [
        "etc/group",
        "etc/nsswitch.conf",
        "etc/passwd",
        "etc/ssl/certs/ca-certificates.crt",
    ];
    assert_eq!(others, expected);
    let trusted = fs::read_to_string(image.root.join(expected[3])).unwrap();
    let published = fs::read_dir("/usr/share/ca-certificates/mozilla")
        .unwrap()
        .count();
    let trusted = trusted.matches("BEGIN CERTIFICATE").count();
    assert_eq!(
        trusted, published,
        "what the builder trusts besides is none of the image's affair"
    );
    figure::tell(
        "image",
        &format!("container image: {size} bytes, with time zones and licences"),
    );
}

#[test]
fn the_image_runs_by_number_from_a_root_that_nobody_writes_to_and_says_that_it_is_healthy() {
    let image = image();
    assert_eq!(image.config["User"], "65532:65532");
    assert_eq!(image.config["StopSignal"], "SIGTERM");
    let mut command = words(&image.config["Entrypoint"]);
    command.extend(words(&image.config["Cmd"]));
    assert_eq!(command, ["/usr/bin/mereau", "serve"]);
    let health = words(&image.config["Healthcheck"]["Test"]);
    assert_eq!(health[0], "CMD");
    let work = TempDir::new().unwrap();
    let mut container = Command::new(repository().join("tests/live/package/image"));
    container.arg(&image.root).arg(configuration(work.path()));
    container.arg(image.config["User"].as_str().unwrap());
    container.arg(work.path().join("mounted")).args(&health[1..]);
    let told = succeed(&mut container, "");
    let line = |words: &str| assert!(told.lines().any(|line| line.contains(words)), "{words}: {told}");
    line("Uid:\t65532\t65532\t65532\t65532");
    line("CapEff:\t0000000000000000");
    line("NoNewPrivs:\t1");
    line("root: ro");
    line("healthy: http://127.0.0.1:9464/livez answers 200");
    line("lived and stopped");
}

/// The shipped configuration with an admin address, which a container would have.
fn configuration(folder: &Path) -> PathBuf {
    let conf = folder.join("conf");
    let from = repository().join("conf").display().to_string();
    said("cp", &["-r", &from, &conf.display().to_string()]);
    fs::create_dir(folder.join("mounted")).unwrap();
    let server = conf.join("server.toml");
    let text = fs::read_to_string(&server).unwrap();
    let admin = "\n[admin]\nlisten = \"127.0.0.1:9464\"\nopen = true\n";
    fs::write(server, text + admin).unwrap();
    conf
}
