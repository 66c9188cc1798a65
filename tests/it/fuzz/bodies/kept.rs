//! What the server wrote itself and reads back from the store or from a browser: records of every
//! layout, and what is sealed.

use std::sync::OnceLock;

use data_encoding::BASE64URL_NOPAD;
use mereau::base::entropy::SeededEntropy;
use mereau::base::keys::KeyRing;
use mereau::base::names::RealmId;
use mereau::flows::recovery::Flow;
use mereau::http::device::Device;
use mereau::tickets::redis::readable_as;
use mereau::tickets::{AccountRecord, DeviceEpoch, ProxyGrant, ResetTicket, ServiceTicket, Session, Visit};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// First byte: which record. What can be read is written as what reads the same; anything else is absent.
pub fn ticket_records(data: &[u8]) {
    let Some((which, record)) = data.split_first() else {
        return;
    };
    match which % 6 {
        0 => reads_the_same::<Session>(record),
        1 => reads_the_same::<ServiceTicket>(record),
        2 => reads_the_same::<AccountRecord>(record),
        3 => reads_the_same::<ResetTicket>(record),
        4 => reads_the_same::<ProxyGrant>(record),
        _ => reads_the_same::<Visit>(record),
    }
}

/// A value as it lies in Redis, of each version: one that we do not know is nothing, and one is never read as a
/// session of another person than its head names.
pub fn ticket_layouts(data: &[u8]) {
    let Some((_, rest)) = data.split_first() else {
        assert!(readable_as(data).is_empty());
        return;
    };
    for version in 0..=u8::MAX {
        let value = [&[version], rest].concat();
        let readable = readable_as(&value);
        match version {
            1 => {}
            2 => assert!(
                readable.iter().all(|name| ["ticket", "visit"].contains(name)),
                "{readable:?}"
            ),
            _ => assert!(readable.is_empty(), "{version}: {readable:?}"),
        }
        if readable.contains(&"session") {
            // In the account's name.
            let mut other = value.clone();
            other[55] ^= 1;
            assert!(!readable_as(&other).contains(&"session"));
        }
    }
}

fn reads_the_same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(read) = postcard::from_bytes::<T>(bytes) else {
        return;
    };
    let written = postcard::to_stdvec(&read).expect("a record can be written down");
    assert_eq!(postcard::from_bytes::<T>(&written).as_ref(), Ok(&read));
}

/// What a browser brings back: nothing opens but what was sealed here, for this; and whatever was, is read
/// or is nothing.
pub fn sealed_state(data: &[u8]) {
    static SEALED: OnceLock<(KeyRing, Vec<u8>)> = OnceLock::new();
    let entropy = SeededEntropy::new(8);
    let (keys, ours) = SEALED.get_or_init(|| {
        let keys = KeyRing::ephemeral(&entropy);
        let sealed = keys.seal(&entropy, b"a context", b"what was sealed");
        (keys, sealed)
    });
    assert_eq!(
        keys.open(b"a context", ours).as_deref(),
        Some(&b"what was sealed"[..])
    );
    assert!(keys.open(b"another", ours).is_none());
    // Ours with some bits the other way round, and cut or made longer.
    let mut flipped = ours.clone();
    flipped
        .iter_mut()
        .zip(data)
        .for_each(|(byte, other)| *byte ^= other);
    let opened = keys.open(b"a context", &flipped);
    assert_eq!(opened.is_some(), flipped == *ours);
    // A fuzzer that watches comparisons comes upon ours itself.
    assert_eq!(keys.open(b"a context", data).is_some(), data == ours.as_slice());
    let cookie = String::from_utf8_lossy(data);
    assert!(Device::open(keys, &cookie).is_none());
    // What stands inside a seal is ours, of whatever version.
    let inside = keys.seal(&entropy, b"known device, of an epoch", data);
    if let Some(mut device) = Device::open(keys, &BASE64URL_NOPAD.encode(&inside)) {
        let realm = RealmId::new("campus").unwrap();
        let epoch = DeviceEpoch([7; 8]);
        device.remember(keys, &realm, "anne", epoch);
        let again = Device::open(keys, &device.seal(keys, &entropy)).expect("our own");
        let known = again.known_to(keys, &realm, "anne").expect("just remembered");
        assert_eq!(known.epoch, epoch);
    }
    if let Ok(flow) = serde_json::from_slice::<Flow>(data) {
        let written = serde_json::to_vec(&flow).unwrap();
        assert_eq!(serde_json::from_slice::<Flow>(&written).unwrap(), flow);
        assert!(flow.stage.lifetime().as_secs() <= 86_400);
    }
}
