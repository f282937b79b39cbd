//! A handle that sees a part of the index, and no more.

use std::sync::Arc;

use super::Engine;
use super::read::counting_only;
use super::view::View;
use crate::api::answer::{MatchAnswer, SearchAnswer};
use crate::api::criteria::ClientCriteria;
use crate::api::facet_answer::Facet;
use crate::api::filter::Filter;
use crate::api::search::SearchRequest;
use crate::api::similar::{SimilarAnswer, SimilarRequest};
use crate::api::suggest::{SuggestAnswer, SuggestRequest};
use crate::api::wire::ProfileApart;
use crate::model::{AdvisorProfile, Result};

/// An engine as one tenant sees it: a filter holds below everything that is asked of it, and who does not fulfil it is
/// not there: in no hit, match, facet, total, suggestion or correction, by no id, behind no cursor of another tenant.
/// Made by [`Engine::for_tenant`].
///
/// A handle to read by: clones share the index with the engine, and every change is seen at once. What of the whole
/// index can be told from its answers: the weights that words and the mean of all ratings have in scores, and in an
/// explanation how many rows a path had to go through.
#[derive(Clone, Debug)]
pub struct Tenant {
    engine: Engine,
    filter: Arc<Filter>,
}

impl Engine {
    /// A handle that sees only who fulfils a filter. It holds below every request, and no condition of a request, no
    /// disjunctive facet and no loosened match gets round it.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Filter, SearchRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.industries = vec!["Healthcare".to_owned()];
    /// engine.upsert(vec![ada, AdvisorProfile::new("ben")])?;
    ///
    /// let clinic = engine.for_tenant(Filter::from_json(r#"{"industries": "Healthcare"}"#)?)?;
    /// let everyone = SearchRequest::from_json(r#"{"scope": "all"}"#)?;
    /// assert_eq!(engine.search(&everyone)?.total, 2);
    /// assert_eq!(clinic.search(&everyone)?.ids(), ["ada"]);
    /// assert_eq!(clinic.get("ben")?, None);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: the reading of the filter; with each request what the filter itself costs there.
    ///
    /// # Errors
    /// As [`Engine::search`] for the filter's names, values and limits.
    pub fn for_tenant(&self, filter: Filter) -> Result<Tenant> {
        filter.check_limits()?;
        self.generation().resolve_filter(&filter)?;
        Ok(Tenant { engine: self.clone(), filter: Arc::new(filter) })
    }
}

impl Tenant {
    fn view(&self) -> View<'_> {
        View { engine: &self.engine, within: Some(&self.filter) }
    }

    /// What a profile must fulfil for this tenant to see it.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// As [`Engine::search`]. A cursor of the engine's or of another tenant's is refused.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub fn search(&self, request: &SearchRequest) -> Result<SearchAnswer> {
        self.view().search(request)
    }

    /// As [`Engine::search_many`].
    pub fn search_many(&self, requests: &[SearchRequest]) -> Vec<Result<SearchAnswer>> {
        self.view().search_many(requests)
    }

    /// As [`Engine::facets`].
    ///
    /// # Errors
    /// As [`Engine::facets`].
    pub fn facets(&self, request: &SearchRequest) -> Result<Vec<Facet>> {
        Ok(self.search(&counting_only(request))?.facets)
    }

    /// As [`Engine::suggest`].
    ///
    /// # Errors
    /// As [`Engine::suggest`].
    pub fn suggest(&self, request: &SuggestRequest) -> Result<SuggestAnswer> {
        self.view().suggest(request)
    }

    /// As [`Engine::match_advisors`].
    ///
    /// # Errors
    /// As [`Engine::match_advisors`].
    pub fn match_advisors(&self, criteria: &ClientCriteria) -> Result<MatchAnswer> {
        self.view().match_advisors(criteria)
    }

    /// As [`Engine::match_many`].
    pub fn match_many(&self, criteria: &[ClientCriteria]) -> Vec<Result<MatchAnswer>> {
        self.view().match_many(criteria)
    }

    /// As [`Engine::similar_to`]. The advisor to compare with must be seen too.
    ///
    /// # Errors
    /// As [`Engine::similar_to`].
    pub fn similar_to(&self, request: &SimilarRequest) -> Result<SimilarAnswer> {
        self.view().similar_to(request)
    }

    /// As [`Engine::get`]: none for who is not seen.
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get(&self, id: &str) -> Result<Option<AdvisorProfile>> {
        Ok(self.view().get_many(&[id])?.pop().flatten())
    }

    /// As [`Engine::get_many`]: none in the place of who is not seen.
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_many(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Option<AdvisorProfile>>> {
        self.view().get_many(ids)
    }

    /// As [`Engine::get_json`].
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_json(&self, id: &str) -> Result<Option<String>> {
        self.view().get_json(id)
    }

    /// As [`Engine::get_many_json_apart`].
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_many_json_apart(
        &self,
        ids: &[impl AsRef<str>],
    ) -> Result<Vec<Option<ProfileApart>>> {
        self.view().get_many_json_apart(ids)
    }
}
