//! Values by their labels, a bounded number of them. Who finds his labels waits for nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};

use super::MOST_LABELS;

/// Between the values of several labels; in none of them.
const APART: char = '\u{1f}';

/// One value for each that the labels have taken.
pub(super) struct Labelled<T> {
    values: RwLock<BTreeMap<String, T>>,
}

impl<T> Labelled<T> {
    pub fn new() -> Labelled<T> {
        Labelled {
            values: RwLock::default(),
        }
    }

    /// What `read` makes of the value of these labels; it is made with `new` when they are new. Where there
    /// are too many first labels already, of `other`.
    pub fn of<R>(&self, labels: &[&str], new: impl FnOnce() -> T, read: impl FnOnce(&T) -> R) -> R {
        match labels {
            [] => self.at("", new, read),
            [label] => self.at(label, new, read),
            several => self.at(&several.join(&APART.to_string()), new, read),
        }
    }

    fn at<R>(&self, key: &str, new: impl FnOnce() -> T, read: impl FnOnce(&T) -> R) -> R {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = values.get(key) {
            return read(value);
        }
        drop(values);
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let (first, rest) = key.split_once(APART).unwrap_or((key, ""));
        let crowded = {
            let firsts: BTreeSet<&str> = values.keys().filter_map(|key| key.split(APART).next()).collect();
            firsts.len() >= MOST_LABELS && !firsts.contains(first)
        };
        let key = match crowded {
            false => key.to_owned(),
            true if rest.is_empty() => "other".to_owned(),
            true => format!("other{APART}{rest}"),
        };
        read(values.entry(key).or_insert_with(new))
    }

    /// What `read` makes of the value of these labels, where there is one.
    pub fn look<R>(&self, labels: &[&str], read: impl FnOnce(&T) -> R) -> Option<R> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values.get(&labels.join(&APART.to_string())).map(read)
    }

    /// Shows every value with its labels.
    pub fn each(&self, mut show: impl FnMut(&[&str], &T)) {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in values.iter() {
            let labels: Vec<&str> = match key.is_empty() {
                true => Vec::new(),
                false => key.split(APART).collect(),
            };
            show(&labels, value);
        }
    }
}
