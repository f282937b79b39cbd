//! Who answers: the engine inside this process, or a service.

use shortlist::{AdvisorProfile, Engine, ProfilePatch, SectionSize};

use super::asked::{Asked, Pool};

/// What is driven. An error says in words what went wrong.
pub trait Target: Sync {
    /// Answers a request up to its wire form; gives the ids on a page.
    fn ask(&self, asked: &Asked, pool: &Pool) -> Result<Vec<String>, String>;
    /// The profile of an id as JSON.
    fn profile(&self, id: &str) -> Result<String, String>;
    /// Writes profiles anew, given as JSON.
    fn upsert(&self, profiles: &[(String, String)]) -> Result<(), String>;
    /// Patches profiles, given as JSON.
    fn patch(&self, patches: &[(String, String)]) -> Result<(), String>;
    /// What it holds in memory by part, by its own count; nothing where it does not say.
    fn parts(&self) -> Vec<SectionSize> {
        Vec::new()
    }
}

/// The engine inside this process.
pub struct Inside<'a>(pub &'a Engine);

impl Target for Inside<'_> {
    fn ask(&self, asked: &Asked, pool: &Pool) -> Result<Vec<String>, String> {
        let wrong = |error: shortlist::Error| error.to_string();
        match asked {
            Asked::Page(_, at) => {
                let request = &pool.pages[*at].request;
                let answer = self.0.search(request).map_err(wrong)?;
                std::hint::black_box(answer.to_json());
                if answer.len() > request.limit as usize || answer.total < answer.len() as u64 {
                    return Err(format!("a page of {} of {}", answer.len(), answer.total));
                }
                Ok(answer.ids().into_iter().map(str::to_owned).collect())
            }
            Asked::Match(at) => {
                let criteria = &pool.needs[*at].request;
                let answer = self.0.match_advisors(criteria).map_err(wrong)?;
                std::hint::black_box(answer.to_json());
                if answer.len() as u64 != answer.considered.min(criteria.limit.into()) {
                    return Err(format!("{} matches of {}", answer.len(), answer.considered));
                }
                Ok(Vec::new())
            }
            Asked::Profile(id) => {
                std::hint::black_box(self.profile(id)?);
                Ok(Vec::new())
            }
        }
    }

    fn profile(&self, id: &str) -> Result<String, String> {
        match self.0.get_json(id) {
            Ok(Some(json)) => Ok(json),
            Ok(None) => Err(format!("no profile has the id `{id}`")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn upsert(&self, profiles: &[(String, String)]) -> Result<(), String> {
        let schema = self.0.schema();
        let read = |(_, json): &(String, String)| AdvisorProfile::from_json(json, &schema);
        let profiles = profiles.iter().map(read).collect::<shortlist::Result<Vec<_>>>();
        profiles.and_then(|profiles| self.0.upsert(profiles)).map(|_| ()).map_err(|e| e.to_string())
    }

    fn patch(&self, patches: &[(String, String)]) -> Result<(), String> {
        let schema = self.0.schema();
        let read = |(id, json): &(String, String)| {
            ProfilePatch::from_json(json, &schema).map(|patch| (id.clone(), patch))
        };
        let patches = patches.iter().map(read).collect::<shortlist::Result<Vec<_>>>();
        patches.and_then(|patches| self.0.patch(patches)).map(|_| ()).map_err(|e| e.to_string())
    }

    fn parts(&self) -> Vec<SectionSize> {
        self.0.stats().memory
    }
}
