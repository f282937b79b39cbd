//! Answers as bytes for a web page: the same, whichever way they are put together.

use shortlist::{AdvisorProfile, Engine, Highlight, Scope, SearchRequest};

/// Serde's way through an answer, which knows no written listing of a hit with a score.
#[test]
fn an_answer_is_the_same_put_together_and_written_whole() -> shortlist::Result<()> {
    let engine = Engine::in_memory()?;
    let mut profiles: Vec<_> = ["a", "b", "c"].into_iter().map(AdvisorProfile::new).collect();
    profiles[1].professional_title = Some("Tax \"wizard\" \u{1F9D9}".to_owned());
    engine.upsert(profiles)?;
    let base = SearchRequest { scope: Scope::All, ..SearchRequest::default() };
    let text = Some("tax".to_owned());
    let requests = [
        base.clone(),
        SearchRequest { limit: 2, ..base.clone() },
        SearchRequest { text: text.clone(), ..base.clone() },
        SearchRequest { text, highlight: Some(Highlight::default()), ..base.clone() },
        SearchRequest { text: Some("nobody".to_owned()), ..base.clone() },
        SearchRequest { fields: Some(vec!["id".to_owned()]), ..base },
    ];
    for request in &requests {
        for _ in ["written now", "written before"] {
            let answer = engine.search(request)?;
            assert_eq!(Some(answer.to_json()), serde_json::to_string(&answer).ok());
        }
    }
    Ok(())
}
