//! Searches that were read before: a site asks for the same pages again and again, and reading one takes as long as answering it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use shortlist::SearchRequest;

use crate::failure::Result;

/// The most searches that are kept, and the longest text of one.
const SEARCHES: usize = 512;
const LONGEST: usize = 1_024;

/// The search that a text says, read now or before. Nobody waits here: where another thread looks, it is read.
pub fn search(text: &str) -> Result<Arc<SearchRequest>> {
    static KEPT: Mutex<Option<HashMap<Box<str>, Arc<SearchRequest>>>> = Mutex::new(None);
    let is_short = text.len() <= LONGEST;
    if is_short
        && let Ok(kept) = KEPT.try_lock()
        && let Some(request) = kept.as_ref().and_then(|kept| kept.get(text))
    {
        return Ok(Arc::clone(request));
    }
    let request = Arc::new(SearchRequest::from_json(text)?);
    if is_short && let Ok(mut kept) = KEPT.try_lock() {
        let kept = kept.get_or_insert_default();
        // Those that are asked for still come back by themselves.
        if kept.len() >= SEARCHES {
            kept.clear();
        }
        kept.insert(text.into(), Arc::clone(&request));
    }
    Ok(request)
}
