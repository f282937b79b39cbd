//! A service over HTTP: one connection a thread, kept alive.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use super::asked::{Asked, Kind, Pool};
use super::target::Target;

/// An answer later than this is an error.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of so many answers, one is read as JSON and looked into.
const LOOKED_INTO: usize = 50;

/// A service.
pub struct Service {
    agent: Agent,
    url: String,
}

impl Service {
    /// The service at that address, for so many threads.
    pub fn new(url: &str, threads: usize) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections(threads + 4)
            .max_idle_connections_per_host(threads + 4)
            .max_idle_age(Duration::from_mins(10))
            .build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned() }
    }

    /// Whether it takes changes: nobody is asked for by that id.
    pub fn takes_changes(&self) -> Result<bool, String> {
        let answer = self.agent.patch(format!("{}/advisors/nobody", self.url));
        let answer = answer.content_type("application/json").send("{}");
        let mut answer = answer.map_err(|error| error.to_string())?;
        let (status, body) = (answer.status().as_u16(), text(&mut answer)?);
        // Who knows the route says in our words that nobody has that id.
        Ok(status != 405 && status != 501 && (status != 404 || body.contains("SL1011")))
    }

    fn post(&self, path: &str, json: &str) -> Result<String, String> {
        let request = self.agent.post(format!("{}{path}", self.url));
        done(request.content_type("application/json").send(json))
    }
}

impl Target for Service {
    fn ask(&self, asked: &Asked, pool: &Pool) -> Result<Vec<String>, String> {
        match asked {
            Asked::Page(kind, at) => {
                let answer = self.post("/search", &pool.pages[*at].json)?;
                // Who looks at a page next looks at somebody on it; others need no reading here.
                if *kind == Kind::Search || at % LOOKED_INTO == 0 {
                    return ids(&answer, "hits", "id");
                }
                Ok(Vec::new())
            }
            Asked::Match(at) => {
                let answer = self.post("/match", &pool.needs[*at].json)?;
                if at % LOOKED_INTO == 0 {
                    ids(&answer, "matches", "advisorId")?;
                }
                Ok(Vec::new())
            }
            Asked::Profile(id) => {
                let profile = self.profile(id)?;
                if profile.contains(id.as_str()) {
                    Ok(Vec::new())
                } else {
                    Err("another profile".to_owned())
                }
            }
        }
    }

    fn profile(&self, id: &str) -> Result<String, String> {
        done(self.agent.get(format!("{}/advisors/{id}", self.url)).call())
    }

    fn upsert(&self, profiles: &[(String, String)]) -> Result<(), String> {
        for (id, json) in profiles {
            let request = self.agent.put(format!("{}/advisors/{id}", self.url));
            done(request.content_type("application/json").send(json))?;
        }
        Ok(())
    }

    fn patch(&self, patches: &[(String, String)]) -> Result<(), String> {
        for (id, json) in patches {
            let request = self.agent.patch(format!("{}/advisors/{id}", self.url));
            done(request.content_type("application/json").send(json))?;
        }
        Ok(())
    }
}

fn done(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<String, String> {
    let mut answer = answer.map_err(|error| error.to_string())?;
    let (status, body) = (answer.status(), text(&mut answer)?);
    if status.is_success() {
        return Ok(body);
    }
    let shown: String = body.chars().take(200).collect();
    Err(format!("status {}: {shown}", status.as_u16()))
}

fn text(answer: &mut Response<ureq::Body>) -> Result<String, String> {
    answer.body_mut().read_to_string().map_err(|error| error.to_string())
}

/// The ids of a list in an answer.
fn ids(answer: &str, list: &str, id: &str) -> Result<Vec<String>, String> {
    let json: Value = serde_json::from_str(answer).map_err(|error| error.to_string())?;
    let hits = json[list].as_array().ok_or_else(|| format!("an answer without `{list}`"))?;
    let id = |hit: &Value| hit[id].as_str().map(str::to_owned);
    hits.iter().map(id).collect::<Option<_>>().ok_or_else(|| "a hit without its id".to_owned())
}
