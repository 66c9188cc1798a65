//! The post of a demonstration: letters stay in memory, to be read on a page. Nothing leaves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::letter::Composed;
use super::post::{KeptLetters, Post, PostError, Sent};

/// Letters kept; older ones go.
const MOST: usize = 100;

#[derive(Default)]
pub struct Tray {
    letters: Mutex<VecDeque<Arc<Composed>>>,
}

impl Tray {
    /// The latest first.
    pub fn letters(&self) -> Vec<Arc<Composed>> {
        let letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.iter().rev().cloned().collect()
    }

    /// The letter with this id.
    pub fn letter(&self, id: &str) -> Option<Arc<Composed>> {
        let letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters
            .iter()
            .find(|letter| letter.message_id.as_str() == id)
            .cloned()
    }
}

impl KeptLetters for Tray {
    fn letters(&self) -> Vec<Arc<Composed>> {
        Tray::letters(self)
    }
}

#[async_trait]
impl Post for Tray {
    async fn send(&self, composed: &Composed) -> Result<Sent, PostError> {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.retain(|letter| letter.message_id != composed.message_id);
        letters.push_back(Arc::new(composed.clone()));
        while letters.len() > MOST {
            letters.pop_front();
        }
        Ok(Sent { receipt: None })
    }
}
