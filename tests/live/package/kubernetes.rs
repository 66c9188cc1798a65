//! The Kubernetes files, as kubectl makes them into objects. No cluster was there to take them: what is
//! shown is their structure, and that what they name is in the program and in the image.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{repository, said};
use crate::support::run::{run, succeed};

fn folder() -> String {
    repository().join("packaging/kubernetes").display().to_string()
}

/// The objects, as kubectl would send them.
fn objects() -> Vec<Value> {
    let yaml = said("kubectl", &["kustomize", &folder()]);
    let program = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)";
    // Debian's own: python3-yaml.
    let read = succeed(Command::new("/usr/bin/python3").args(["-c", program]), &yaml);
    serde_json::from_str(&read).unwrap()
}

fn one<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let mut found = objects.iter().filter(|object| object["kind"] == kind);
    let one = found.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(found.next().is_none(), "more than one {kind}");
    one
}

#[test]
fn three_servers_are_kept_apart_unprivileged_and_fenced() {
    let objects = objects();
    let deployment = one(&objects, "Deployment");
    assert_eq!(deployment["spec"]["replicas"], 3);
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    let pod = &deployment["spec"]["template"]["spec"];
    let apart = &pod["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"];
    assert_eq!(
        apart[0]["podAffinityTerm"]["topologyKey"],
        "kubernetes.io/hostname"
    );
    for selector in [
        &apart[0]["podAffinityTerm"]["labelSelector"]["matchLabels"],
        &deployment["spec"]["selector"]["matchLabels"],
        &one(&objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        &one(&objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        &one(&objects, "Service")["spec"]["selector"],
    ] {
        assert_eq!(selector, labels);
    }
    assert_eq!(one(&objects, "PodDisruptionBudget")["spec"]["minAvailable"], 2);
    assert_eq!(
        one(&objects, "NetworkPolicy")["spec"]["policyTypes"],
        json!(["Ingress", "Egress"])
    );
    let user = fs::read_to_string(repository().join("packaging/container/Containerfile")).unwrap();
    let user = user
        .lines()
        .find_map(|line| line.strip_prefix("USER "))
        .unwrap()
        .to_owned();
    let pods = &pod["securityContext"];
    assert_eq!(format!("{}:{}", pods["runAsUser"], pods["runAsGroup"]), user);
    assert_eq!(pods["runAsNonRoot"], true);
    let container = &pod["containers"][0];
    let own = &container["securityContext"];
    assert_eq!(own["readOnlyRootFilesystem"], true);
    assert_eq!(own["allowPrivilegeEscalation"], false);
    assert_eq!(own["capabilities"]["drop"], json!(["ALL"]));
    let image = container["image"].as_str().unwrap();
    assert!(
        image.ends_with(concat!("/mereau:", env!("CARGO_PKG_VERSION"))),
        "{image}"
    );
}

#[test]
fn liveness_asks_nobody_and_readiness_does() {
    let objects = objects();
    let container = &one(&objects, "Deployment")["spec"]["template"]["spec"]["containers"][0];
    let asks = |probe: &str| {
        let get = &container[probe]["httpGet"];
        assert_eq!(get["port"], "admin", "{probe}");
        get["path"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (asks("livenessProbe"), asks("startupProbe")),
        ("/livez".into(), "/livez".into())
    );
    assert_eq!(asks("readinessProbe"), "/readyz");
    // Both are what the program's own question uses, which other tests ask of a server that runs.
    let source = fs::read_to_string(repository().join("src/cli/health.rs")).unwrap();
    assert!(source.contains("\"livez\"") && source.contains("\"readyz\""));
    let ports = &container["ports"];
    let server: toml::Table = toml::from_str(&configured(&objects, "mereau-server", "server.toml")).unwrap();
    for (name, port, listen) in [
        ("http", &ports[0], &server["server"]["listen"]),
        ("admin", &ports[1], &server["admin"]["listen"]),
    ] {
        assert_eq!(port["name"], name);
        assert_eq!(
            listen.as_str(),
            Some(format!("0.0.0.0:{}", port["containerPort"]).as_str())
        );
    }
}

/// A file of a configuration map.
fn configured(objects: &[Value], map: &str, file: &str) -> String {
    let maps = objects.iter().filter(|object| object["kind"] == "ConfigMap");
    let mut named = maps.filter(|object| object["metadata"]["name"].as_str().unwrap().starts_with(map));
    named.next().unwrap()["data"][file].as_str().unwrap().to_owned()
}

#[test]
fn the_mounted_configuration_is_good_with_secrets_as_the_cluster_hands_them_over() {
    let objects = objects();
    let pod = &one(&objects, "Deployment")["spec"]["template"]["spec"];
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let root = TempDir::new().unwrap();
    let etc = root.path().join("etc/mereau");
    for folder in ["realms", "services"] {
        fs::create_dir_all(etc.join(folder)).unwrap();
    }
    for volume in pod["volumes"].as_array().unwrap() {
        let Some(map) = volume["configMap"]["name"].as_str() else {
            continue;
        };
        let map = objects
            .iter()
            .find(|object| object["metadata"]["name"] == map)
            .unwrap();
        for mount in mounts.iter().filter(|mount| mount["name"] == volume["name"]) {
            let path = root
                .path()
                .join(mount["mountPath"].as_str().unwrap().trim_start_matches('/'));
            match mount["subPath"].as_str() {
                Some(file) => fs::write(path, map["data"][file].as_str().unwrap()).unwrap(),
                None => map["data"].as_object().unwrap().iter().for_each(|(name, text)| {
                    fs::write(path.join(name), text.as_str().unwrap()).unwrap();
                }),
            }
        }
    }
    let secrets = root.path().join("run/secrets/mereau");
    fs::create_dir_all(&secrets).unwrap();
    let volume = pod["volumes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|volume| volume["name"] == "secrets");
    let mode = volume.unwrap()["secret"]["defaultMode"].as_u64().unwrap();
    let hand_over = |name: &str, text: &str| {
        let path = secrets.join(format!("secrets_{name}"));
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(u32::try_from(mode).unwrap())).unwrap();
    };
    hand_over("ring.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    for name in ["redis.password", "ldap.password", "admin.token"] {
        hand_over(name, "by-chance-0123456789\n");
    }
    check(&etc, &secrets);
}

fn check(etc: &Path, secrets: &Path) {
    let mut check = Command::new(env!("CARGO_BIN_EXE_mereau"));
    check.arg("check").arg("--config").arg(etc.join("server.toml"));
    check.env("CREDENTIALS_DIRECTORY", secrets);
    let output = run(&mut check, "");
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(
        told.starts_with("good: 1 realm, 1 institution, 1 service"),
        "{told}"
    );
}
