//! Answers as bytes for a web page, the same whichever way they are put together; events as golden cases tell them.

use std::path::Path;

use serde_json::Value;
use shortlist::{
    AdvisorProfile, Engine, Highlight, ProfilePatch, Rules, Schema, Scope, SearchRequest,
    SynonymRule,
};

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

/// Does what a golden case says, in the words of the bindings.
fn write(engine: &Engine, kind: &str, said: &Value) -> shortlist::Result<()> {
    let text = said.to_string();
    let string = |value: &Value| value.as_str().expect("a string").to_owned();
    let list = || said.as_array().expect("a list").iter();
    match kind {
        "upsert" => {
            let mut schema = engine.schema();
            let read =
                |one: &Value| AdvisorProfile::from_json_declaring(&one.to_string(), &mut schema);
            engine.upsert(list().map(read).collect::<Result<Vec<_>, _>>()?)?
        }
        "patch" => {
            let mut fields = said.as_object().expect("an object").clone();
            let id = string(&fields.remove("id").expect("an id"));
            let fields = Value::from(fields).to_string();
            engine.patch(vec![(id, ProfilePatch::from_json(&fields, &engine.schema())?)])?
        }
        "remove" => engine.remove(&list().map(string).collect::<Vec<_>>())?,
        "declare" => engine.declare(&Schema::from_json(&text)?)?,
        "setSynonyms" => engine.set_synonyms(SynonymRule::list_from_json(&text)?)?,
        "setRules" => {
            let rules = Rules::from_json(&said["rules"].to_string())?;
            engine.set_rules(&string(&said["name"]), rules)?
        }
        "removeRules" => engine.remove_rules(&string(said))?,
        other => panic!("no such write: {other}"),
    };
    Ok(())
}

/// The same cases as in Node and in Python.
#[test]
fn a_follower_is_told_what_the_golden_cases_say() -> shortlist::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/golden/events");
    for file in std::fs::read_dir(folder).expect("golden cases") {
        let text = std::fs::read_to_string(file.expect("a case").path()).expect("a case");
        let case: Value = serde_json::from_str(&text).expect("a case");
        let engine = Engine::in_memory()?;
        let mut events = engine.subscribe();
        for one in case["writes"].as_array().expect("a list") {
            let (kind, said) = one.as_object().and_then(|one| one.iter().next()).expect("a write");
            write(&engine, kind, said)?;
        }
        let mut told = Vec::new();
        while let Some(event) = events.try_next()? {
            told.push(serde_json::from_str::<Value>(&event.to_json()).expect("JSON"));
        }
        let told = Value::from(told);
        assert_eq!(told, case["events"], "{told}");
    }
    Ok(())
}
