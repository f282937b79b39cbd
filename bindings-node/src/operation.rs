//! The engine's methods by name, each with how its request is read and its answer kept.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use shortlist::{
    Engine, Hold, Rules, Schema, SchemaChange, SimilarRequest, SuggestRequest, SynonymRule, Tenant,
};

use crate::failure::{Failure, Result};
use crate::outcome::Outcome;
use crate::pool::Lane;
use crate::request::Request;

macro_rules! operations {
    ($($operation:ident = $name:literal),* $(,)?) => {
        /// A method of the engine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Operation { $($operation),* }

        impl Operation {
            /// Every operation with its name.
            pub const ALL: &'static [(&'static str, Operation)] = &[$(($name, Operation::$operation)),*];
        }
    };
}

operations!(
    Search = "search",
    Facets = "facets",
    SearchMany = "searchMany",
    Match = "match",
    MatchMany = "matchMany",
    Similar = "similar",
    Suggest = "suggest",
    Get = "get",
    GetMany = "getMany",
    Stats = "stats",
    Metrics = "metrics",
    SlowRequests = "slowRequests",
    Schema = "schema",
    Rules = "rules",
    IsReadOnly = "isReadOnly",
    Upsert = "upsert",
    Patch = "patch",
    Remove = "remove",
    Reserve = "reserve",
    Confirm = "confirm",
    Release = "release",
    Holds = "holds",
    Declare = "declare",
    Alter = "alter",
    SetSynonyms = "setSynonyms",
    SetRules = "setRules",
    RemoveRules = "removeRules",
    Snapshot = "snapshot",
    SnapshotTo = "snapshotTo",
    Verify = "verify",
    Refresh = "refresh",
    WaitFor = "waitFor",
    Maintain = "maintain",
    Panic = "panic",
);

/// An operation with its request.
pub struct Call {
    pub operation: Operation,
    pub request: Request,
}

impl Operation {
    pub fn of(place: u32) -> Result<Self> {
        let found = Self::ALL.get(place as usize).map(|(_, operation)| *operation);
        found.ok_or_else(|| Failure::internal("no such operation"))
    }

    fn is_for_tenants(self) -> bool {
        use Operation::{
            Facets, Get, GetMany, Match, MatchMany, Panic, Search, SearchMany, Similar, Suggest,
        };
        matches!(
            self,
            Search
                | Facets
                | SearchMany
                | Match
                | MatchMany
                | Similar
                | Suggest
                | Get
                | GetMany
                | Panic
        )
    }

    /// Where it is worked on: a request that reads, or one that writes or takes long.
    pub fn lane(self) -> Lane {
        use Operation::{
            Alter, Confirm, Declare, Maintain, Patch, Refresh, Release, Remove, RemoveRules,
            Reserve, SetRules, SetSynonyms, Snapshot, SnapshotTo, Upsert, Verify, WaitFor,
        };
        match self {
            Upsert | Patch | Remove | Reserve | Confirm | Release | Declare | Alter
            | SetSynonyms | SetRules | RemoveRules | Snapshot | SnapshotTo | Verify | Refresh
            | WaitFor | Maintain => Lane::Write,
            _ => Lane::Read,
        }
    }
}

impl Call {
    /// Asks the engine, or what one tenant sees of it.
    pub fn run(self, engine: &Engine, tenant: Option<&Tenant>) -> Result<Outcome> {
        if self.operation.is_for_tenants() {
            return self.read(engine, tenant);
        }
        match tenant {
            None => self.keep(engine),
            Some(_) => Err(Failure::internal("a tenant only reads")),
        }
    }

    /// What a tenant may ask too.
    fn read(self, engine: &Engine, tenant: Option<&Tenant>) -> Result<Outcome> {
        macro_rules! ask {
            ($method:ident($asked:expr)) => {
                match tenant {
                    Some(tenant) => tenant.$method($asked),
                    None => engine.$method($asked),
                }
            };
        }
        let request = self.request;
        Ok(match self.operation {
            Operation::Search => {
                let request = request.search()?;
                Outcome::Search(ask!(search(&request))?)
            }
            Operation::Facets => {
                let request = request.search()?;
                let facets = ask!(facets(&request))?;
                let by_field: BTreeMap<_, _> =
                    facets.iter().map(|facet| (facet.field.as_str(), facet)).collect();
                json(&by_field)?
            }
            Operation::SearchMany => {
                let answers = ask!(search_many(&request.searches()?));
                many(answers, Outcome::Search)
            }
            Operation::Match => Outcome::Match(ask!(match_advisors(&request.criteria()?))?),
            Operation::MatchMany => {
                many(ask!(match_many(&request.criteria_list()?)), Outcome::Match)
            }
            Operation::Similar => {
                let request = SimilarRequest::from_json(&request.text)?;
                Outcome::Similar(ask!(similar_to(&request))?)
            }
            Operation::Suggest => {
                let request = SuggestRequest::from_json(&request.text)?;
                Outcome::Json(ask!(suggest(&request))?.to_json().into())
            }
            Operation::Get => {
                let found = ask!(get_many_json_apart(&[request.string("id")?]))?;
                Outcome::Profiles(found.into_iter().map(Option::unwrap_or_default).collect())
            }
            Operation::GetMany => {
                let ids = request.strings("ids")?;
                let found = ask!(get_many_json_apart(&ids))?;
                Outcome::Profiles(found.into_iter().map(Option::unwrap_or_default).collect())
            }
            // For the tests of the doorway.
            Operation::Panic if cfg!(debug_assertions) => panic!("{}", request.text),
            Operation::Panic => Outcome::NOTHING,
            _ => return Err(Failure::internal("what is kept is changed elsewhere")),
        })
    }

    /// What is of the whole index.
    fn keep(self, engine: &Engine) -> Result<Outcome> {
        let request = self.request;
        Ok(match self.operation {
            Operation::Stats => Outcome::Json(engine.stats().to_json().into()),
            Operation::Metrics => Outcome::Json(engine.metrics().to_json().into()),
            Operation::SlowRequests => json(&engine.slow_requests())?,
            Operation::Schema => Outcome::Json(engine.schema().to_json().into()),
            Operation::Rules => {
                let each = engine.rules().into_iter().map(|(name, rules)| {
                    format!("{}:{}", serde_json::Value::from(name), rules.to_json())
                });
                Outcome::Json(format!("{{{}}}", each.collect::<Vec<_>>().join(",")).into())
            }
            Operation::IsReadOnly => Outcome::Json(engine.is_read_only().to_string().into()),
            Operation::Upsert => upsert(vec![request], engine)?,
            Operation::Patch => json(&engine.patch(request.patches(engine)?)?)?,
            Operation::Remove => json(&engine.remove(&request.strings("ids")?)?)?,
            Operation::Reserve => {
                let (id, ttl) = request.reservation()?;
                hold(&engine.reserve(&id, ttl)?)
            }
            Operation::Confirm => json(&engine.confirm(request.hold()?)?)?,
            Operation::Release => json(&engine.release(request.hold()?)?)?,
            Operation::Holds => {
                let all: Vec<_> = engine.holds().iter().map(shown).collect();
                json(&all)?
            }
            Operation::Declare => json(&engine.declare(&Schema::from_json(&request.text)?)?)?,
            Operation::Alter => json(&engine.alter(SchemaChange::from_json(&request.text)?)?)?,
            Operation::SetSynonyms => {
                json(&engine.set_synonyms(SynonymRule::list_from_json(&request.text)?)?)?
            }
            Operation::SetRules => {
                let (name, rules) = request.named("name")?;
                json(&engine.set_rules(&name, Rules::from_json(rules)?)?)?
            }
            Operation::RemoveRules => json(&engine.remove_rules(&request.string("name")?)?)?,
            Operation::Snapshot => json(&engine.snapshot(request.string("directory")?)?)?,
            Operation::SnapshotTo => json(&engine.snapshot_to(request.string("file")?)?)?,
            Operation::Verify => json(&engine.verify()?)?,
            Operation::Refresh => Outcome::Json(engine.refresh()?.to_string().into()),
            Operation::WaitFor => {
                let (generation, timeout) = request.moment()?;
                Outcome::Json(engine.wait_for(generation, timeout)?.to_string().into())
            }
            Operation::Maintain => {
                engine.maintain()?;
                Outcome::NOTHING
            }
            _ => return Err(Failure::internal("what is read is asked elsewhere")),
        })
    }
}

/// Upserts the profiles of all slices, as one batch.
pub fn upsert(slices: Vec<Request>, engine: &Engine) -> Result<Outcome> {
    let mut schema = engine.schema();
    let mut profiles = Vec::new();
    for slice in slices {
        slice.profiles(&mut schema, &mut profiles)?;
    }
    json(&engine.upsert(profiles)?)
}

fn many<T>(answers: Vec<shortlist::Result<T>>, outcome: impl Fn(T) -> Outcome) -> Outcome {
    Outcome::Many(
        answers.into_iter().map(|answer| answer.map(&outcome).map_err(Failure::from)).collect(),
    )
}

/// A hold in JSON. Its number is below 2^48, so that JavaScript keeps all of it.
fn shown(hold: &Hold) -> Value {
    let Hold { id, advisor_id, until, .. } = hold;
    json!({"id": id.0, "advisorId": advisor_id, "until": until.to_string()})
}

fn hold(hold: &Hold) -> Outcome {
    Outcome::Json(shown(hold).to_string().into())
}

/// What the core writes itself.
fn json(value: &impl Serialize) -> Result<Outcome> {
    let text = serde_json::to_string(value);
    text.map(|text| Outcome::Json(text.into()))
        .map_err(|error| Failure::internal(error.to_string()))
}
