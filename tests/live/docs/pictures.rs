//! The pictures of the book and of the README are of the pages as they are: made again from what the program
//! renders, they show the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::built;
use crate::support::run::succeed;

/// How far two pictures of a page may be apart where machines have different fonts: the mean of all places, of
/// 255, once they are a twelfth of their size.
const MOST_APART: f64 = 12.0;

#[test]
fn every_picture_shows_its_page_as_it_is() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let made = TempDir::new().unwrap();
    for script in ["make", "book"] {
        let mut command = Command::new(kept.join(script));
        command
            .arg(built::binary())
            .arg(made.path())
            .env("CHROMIUM_FLAGS", "--no-sandbox --disable-quic");
        succeed(&mut command, "");
    }
    assert_eq!(pictures(made.path()), pictures(&kept));
    let open = |folder: &Path, name: &str| image::open(folder.join(name)).unwrap().to_luma8();
    // Pages that are others are further apart than fonts bring them.
    let [one, other] = ["sign-in-fr-phone.png", "picker-fr-phone.png"].map(|name| open(&kept, name));
    assert!(apart(&one, &other) > MOST_APART);
    for name in pictures(&kept) {
        let [one, other] = [&kept, made.path()].map(|folder| open(folder, &name));
        assert_eq!(one.dimensions(), other.dimensions(), "{name}");
        assert!(shades(&other) > 16, "{name} shows nothing");
        let apart = apart(&one, &other);
        assert!(
            apart < MOST_APART,
            "{name} shows a page that was: {apart:.1}; make it again"
        );
    }
}

fn pictures(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(".png"))
        .collect()
}

fn shades(picture: &image::GrayImage) -> usize {
    picture
        .pixels()
        .map(|pixel| pixel.0[0])
        .collect::<BTreeSet<u8>>()
        .len()
}

fn apart(one: &image::GrayImage, other: &image::GrayImage) -> f64 {
    let small = |picture: &image::GrayImage| {
        let (width, height) = picture.dimensions();
        image::imageops::thumbnail(picture, width / 12, height / 12)
    };
    let (one, other) = (small(one), small(other));
    let places = one.pixels().zip(other.pixels());
    let apart: Vec<f64> = places
        .map(|(one, other)| f64::from(one.0[0].abs_diff(other.0[0])))
        .collect();
    apart.iter().sum::<f64>() / apart.len() as f64
}
