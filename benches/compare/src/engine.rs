//! Shortlist itself, through its public door.

use std::hint::black_box;
use std::time::Instant;

use shortlist::testing::generated_schema;
use shortlist::{ClientCriteria, Engine, EngineOptions, SearchRequest};

use crate::contender::{Answer, Contender, Failure};
use crate::kind::{Kind, Workload};

/// Profiles a batch.
const BATCH: usize = 10_000;

pub struct Library<'a> {
    engine: Engine,
    workload: &'a Workload,
}

impl<'a> Library<'a> {
    pub fn new(workload: &'a Workload) -> Result<Self, Failure> {
        let engine = Engine::in_memory_with(
            EngineOptions::with_schema(generated_schema()).with_cache_bytes(0),
        )?;
        for batch in workload.advisors.chunks(BATCH) {
            engine.upsert(batch.to_vec())?;
        }
        Ok(Self { engine, workload })
    }

    fn row(&self, id: &str) -> u32 {
        let place = self.workload.advisors.partition_point(|advisor| advisor.id.as_str() < id);
        place as u32
    }

    fn page(&self, request: &SearchRequest) -> Result<Answer, Failure> {
        let answer = self.engine.search(request)?;
        let mut counts: Vec<_> = answer.facets.iter().map(|facet| facet.counts.clone()).collect();
        counts.iter_mut().for_each(|counts| counts.sort_by(|a, b| a.value.cmp(&b.value)));
        Ok(Answer {
            ids: answer.ids().into_iter().map(|id| self.row(id)).collect(),
            scores: Vec::new(),
            total: answer.total,
            counts: counts.into_iter().flatten().map(|count| count.count).collect(),
        })
    }

    fn best(&self, need: &ClientCriteria) -> Result<Answer, Failure> {
        let answer = self.engine.match_advisors(need)?;
        Ok(Answer {
            ids: answer.ids().into_iter().map(|id| self.row(id)).collect(),
            scores: answer.matches().map(|found| found.score).collect(),
            total: answer.considered,
            counts: Vec::new(),
        })
    }
}

impl Contender for Library<'_> {
    fn name(&self) -> &'static str {
        "Shortlist"
    }

    fn answers(&mut self, kind: Kind) -> Result<Vec<Answer>, Failure> {
        let searches = self.workload.searches(kind).iter().map(|request| self.page(request));
        let needs = self.workload.needs(kind).iter().map(|need| self.best(need));
        searches.chain(needs).collect()
    }

    fn time(&mut self, kind: Kind) -> Result<Vec<f64>, Failure> {
        let mut times = Vec::new();
        for request in self.workload.searches(kind) {
            let start = Instant::now();
            let answer = self.engine.search(request)?;
            black_box(answer.ids());
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        for need in self.workload.needs(kind) {
            let start = Instant::now();
            let answer = self.engine.match_advisors(need)?;
            black_box(answer.ids());
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        Ok(times)
    }
}
