//! What somebody who follows the index is told.

use std::sync::Arc;

use serde::Serialize;

/// One thing that happened to an index. [`Engine::subscribe`](crate::Engine::subscribe) gives them in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A generation came.
    Changes(Arc<Changes>),
    /// What happened after one generation and up to another is not known any more: whatever was derived from the index
    /// is to be derived anew.
    Missed {
        /// The last generation of which everything was told.
        after: u64,
        /// Everything after this one is told again.
        through: u64,
    },
    /// A source that feeds the index entered another state.
    Source(SourceEvent),
}

/// What one generation changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Changes {
    /// The generation that has the changes.
    pub generation: u64,
    /// The profiles that it touched, each once.
    pub profiles: Vec<ProfileChange>,
    /// What it changed beside profiles.
    pub index: Vec<IndexChange>,
}

/// What happened to one profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProfileChange {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Every keyword field in which it has values or had some: a page that lists one of them may be another now.
    pub keywords: Vec<KeywordChange>,
}

/// Kinds of what happens to a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// Fields of it were written.
    Updated,
    /// It is gone.
    Removed,
    /// A place of its capacity was held, or given back: it may have room now or none.
    Held,
}

/// The values of a keyword field, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KeywordChange {
    /// The field: `industries`, `attributes.languages`.
    pub field: String,
    /// The values that it had.
    pub old: Vec<String>,
    /// The values that it has.
    pub new: Vec<String>,
}

/// What changes beside profiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
#[non_exhaustive]
pub enum IndexChange {
    /// The schema has other attributes, or knows the embeddings' dimension now.
    Schema,
    /// Other words stand for others.
    Synonyms,
    /// Rules of a name were set or forgotten.
    Rules {
        /// The name.
        name: String,
    },
    /// A source was followed further.
    Source {
        /// The name under which it keeps how far.
        name: String,
    },
}

/// The state that a source entered. Told as it happens and not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SourceEvent {
    /// Which: `postgres`.
    pub source: String,
    /// `connecting`, `loading`, `catchingUp`, `live`, `waiting`, `failed`, `stopped`.
    pub state: String,
    /// Why, where it waits or failed.
    pub error: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum Shown<'a> {
    Changes(&'a Changes),
    Missed { after: u64, through: u64 },
    Source(&'a SourceEvent),
}

impl Event {
    /// The event as JSON: `{"type": "changes", "generation": 7, "profiles": [...], "index": []}`.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut events = engine.subscribe();
    /// engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// let event = events.try_next()?.expect("what was written");
    /// assert!(event.to_json().starts_with(r#"{"type":"changes","generation":1,"profiles":[{"id":"ada","kind":"added""#));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: a copy.
    pub fn to_json(&self) -> String {
        let shown = match self {
            Event::Changes(changes) => Shown::Changes(changes),
            Event::Missed { after, through } => Shown::Missed { after: *after, through: *through },
            Event::Source(source) => Shown::Source(source),
        };
        super::json::to_json(&shown)
    }
}

impl Changes {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.index.is_empty()
    }

    /// How much memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let values = |values: &[String]| values.iter().map(|value| value.len() + 24).sum::<usize>();
        let field =
            |one: &KeywordChange| 72 + one.field.len() + values(&one.old) + values(&one.new);
        let profile =
            |one: &ProfileChange| 56 + one.id.len() + one.keywords.iter().map(field).sum::<usize>();
        64 + self.profiles.iter().map(profile).sum::<usize>() + self.index.len() * 40
    }
}
