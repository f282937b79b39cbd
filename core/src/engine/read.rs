//! Reading: every request runs inside one generation.

use std::collections::BTreeMap;

use super::Engine;
use super::view::View;
use crate::api::answer::{MatchAnswer, SearchAnswer};
use crate::api::criteria::ClientCriteria;
use crate::api::facet_answer::Facet;
use crate::api::rules::Rules;
use crate::api::search::SearchRequest;
use crate::api::similar::{SimilarAnswer, SimilarRequest};
use crate::api::suggest::{SuggestAnswer, SuggestRequest};
use crate::api::wire::ProfileApart;
use crate::model::{AdvisorProfile, Result, Schema};

impl Engine {
    fn view(&self) -> View<'_> {
        View { engine: self, within: None }
    }

    /// A list page or a text search.
    ///
    /// Cost: a pass over the catalogue's bitmaps (one bit a row) for each condition, and a visit to each row
    /// that passes; with text, a read of the postings of its words.
    ///
    /// # Errors
    /// What the request has wrong, with the field, the value and what would be right:
    /// [`Error::UnknownField`](crate::Error::UnknownField), [`Error::WrongType`](crate::Error::WrongType),
    /// [`Error::OutOfRange`](crate::Error::OutOfRange), [`Error::TooLarge`](crate::Error::TooLarge),
    /// [`Error::WrongDimension`](crate::Error::WrongDimension), [`Error::CursorRefused`](crate::Error::CursorRefused);
    /// [`Error::TimedOut`](crate::Error::TimedOut) at the request's own `timeout_ms`;
    /// [`Error::NotYet`](crate::Error::NotYet) where `at_least` did not come in that time.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchAnswer> {
        self.view().search(request)
    }

    /// What a search counts, without its page: the facets of the request, in their order. Page length, cursors and
    /// fields play no part.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Facet, Scope, SearchRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.services = vec!["Tax".to_owned()];
    /// engine.upsert(vec![ada])?;
    /// let request = SearchRequest::from_json(r#"{"scope": "all", "facets": ["services"]}"#)?;
    /// assert_eq!(engine.facets(&request)?[0].field, "services");
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: as [`Engine::search`], less the page.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub fn facets(&self, request: &SearchRequest) -> Result<Vec<Facet>> {
        Ok(self.search(&counting_only(request))?.facets)
    }

    /// Completes a text as it is typed, with how many profiles each suggestion leads to.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Scope, SuggestRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.professional_title = Some("Fractional CFO".to_owned());
    /// engine.upsert(vec![ada])?;
    /// let typed = SuggestRequest {
    ///     text: "fract".to_owned(),
    ///     scope: Scope::All,
    ///     ..SuggestRequest::default()
    /// };
    /// assert_eq!(engine.suggest(&typed)?.suggestions[0].text, "Fractional CFO");
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: the filter as in [`Engine::search`]; the words that begin as typed; a pass over the rows of what is
    /// suggested, or over the filter's where they are fewer.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub fn suggest(&self, request: &SuggestRequest) -> Result<SuggestAnswer> {
        self.view().suggest(request)
    }

    /// The searches that make up one page of a site, all answered from one generation, each as [`Engine::search`]
    /// would; the answers in the order of the requests. From 100,000 rows on they are worked through in parallel.
    ///
    /// ```
    /// use shortlist::{Engine, SearchRequest, Sort};
    ///
    /// let engine = Engine::in_memory()?;
    /// let newest = SearchRequest { sort: Some(Sort::Newest), limit: 5, ..SearchRequest::default() };
    /// let answers = engine.search_many(&[SearchRequest::default(), newest]);
    /// assert!(answers.iter().all(|answer| answer.is_ok()));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    pub fn search_many(&self, requests: &[SearchRequest]) -> Vec<Result<SearchAnswer>> {
        self.view().search_many(requests)
    }

    /// The advisors that fit a client's need best: the true top of the whole filtered catalogue by the full score.
    ///
    /// Cost: the hard filter as in [`Engine::search`], a visit to each candidate for the business parts, and for
    /// similarity a bound for each candidate and a dot product for the few that could be among the best. Where that is
    /// estimated to pass the budget (see [`EngineOptions`](crate::EngineOptions)), or criteria ask for it, the
    /// likely top is found in a share of it, and the answer's `exact` says false.
    ///
    /// # Errors
    /// As [`Engine::search`], and what the index's embedder says of the criteria's text.
    pub fn match_advisors(&self, criteria: &ClientCriteria) -> Result<MatchAnswer> {
        self.view().match_advisors(criteria)
    }

    /// Many matches, worked through in parallel, one thread a request, each as [`Engine::match_advisors`]; the
    /// answers in the order of the criteria.
    ///
    /// The whole call runs in one generation. A hard filter that several criteria have is evaluated once. Each
    /// `timeout_ms` counts from when its request is begun.
    ///
    /// Cost: that of its matches, shared among rayon's threads, less the filters that are spared.
    pub fn match_many(&self, criteria: &[ClientCriteria]) -> Vec<Result<MatchAnswer>> {
        self.view().match_many(criteria)
    }

    /// The advisors whose embeddings are nearest to that of one advisor, itself left out; exact.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, SimilarRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// let advisor = |id: &str, embedding: [f32; 2]| {
    ///     let mut advisor = AdvisorProfile::new(id);
    ///     (advisor.marketplace_status, advisor.is_verified) = ("active".to_owned(), true);
    ///     advisor.embedding = Some(embedding.to_vec());
    ///     advisor
    /// };
    /// engine.upsert(vec![
    ///     advisor("ada", [1.0, 0.0]),
    ///     advisor("ben", [0.0, 1.0]),
    ///     advisor("cat", [1.0, 1.0]),
    /// ])?;
    /// assert_eq!(engine.similar_to(&SimilarRequest::of("ada"))?.ids(), ["cat", "ben"]);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: scope and filter as in [`Engine::search`], then a bound for each advisor that passes and a dot product
    /// for the few that could be among the nearest.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an id that the index does not hold;
    /// [`Error::MissingField`](crate::Error::MissingField) where that advisor has no embedding; and as
    /// [`Engine::search`].
    pub fn similar_to(&self, request: &SimilarRequest) -> Result<SimilarAnswer> {
        self.view().similar_to(request)
    }

    /// The profile of an id, deleted or not; none where the index does not hold it. An embedding is given back with
    /// the rounding of one division and one multiplication in f32. Cost: one probe and a copy.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) where the snapshot was damaged after it was opened.
    pub fn get(&self, id: &str) -> Result<Option<AdvisorProfile>> {
        Ok(self.view().get_many(&[id])?.pop().flatten())
    }

    /// As [`Engine::get`] for several ids, in their order, from one generation.
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_many(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Option<AdvisorProfile>>> {
        self.view().get_many(ids)
    }

    /// The wire form of a profile. Cost: one probe and one write.
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_json(&self, id: &str) -> Result<Option<String>> {
        self.view().get_json(id)
    }

    /// As [`Engine::get_json`] for several ids, with the embeddings apart: so they cross a border as they lie in memory.
    ///
    /// # Errors
    /// As [`Engine::get`].
    pub fn get_many_json_apart(
        &self,
        ids: &[impl AsRef<str>],
    ) -> Result<Vec<Option<ProfileApart>>> {
        self.view().get_many_json_apart(ids)
    }

    /// Every profile, deleted ones included, from one generation, in no promised order. Each is read as it is asked
    /// for, and may be an error as [`Engine::get`] has it.
    pub fn profiles(&self) -> impl Iterator<Item = Result<AdvisorProfile>> + use<> {
        let generation = self.generation();
        let live: Vec<u32> = generation.live.iter().collect();
        live.into_iter().map(move |row| generation.profile(row))
    }

    /// The rules that the index keeps, by name. Cost: a copy of them.
    pub fn rules(&self) -> BTreeMap<String, Rules> {
        BTreeMap::clone(&self.generation().rules)
    }

    /// What the index holds beside the built-in fields.
    pub fn schema(&self) -> Schema {
        Schema::clone(&self.generation().schema)
    }
}

/// A search that counts the same, with the shortest page there is.
pub(super) fn counting_only(request: &SearchRequest) -> SearchRequest {
    SearchRequest {
        limit: 1,
        cursor: None,
        before: None,
        fields: Some(Vec::new()),
        highlight: None,
        explain: false,
        ..request.clone()
    }
}
