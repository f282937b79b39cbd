//! What a text finds, by hand: names, accents, synonyms, highlights, suggestions, corrections, limits.

use shortlist::{AdvisorProfile, Engine, Error, Scope, SearchRequest, SuggestRequest, SynonymRule};

fn engine(titles: &[(&str, &str)]) -> Engine {
    let engine = Engine::in_memory().expect("a new engine");
    let profile = |(id, title): &(&str, &str)| {
        let mut profile = AdvisorProfile::new(*id);
        profile.professional_title = Some((*title).to_owned());
        profile
    };
    engine.upsert(titles.iter().map(profile).collect()).expect("sound profiles");
    engine
}

fn request(text: &str) -> SearchRequest {
    SearchRequest { text: Some(text.to_owned()), scope: Scope::All, ..SearchRequest::default() }
}

fn found(engine: &Engine, text: &str) -> Vec<String> {
    let answer = engine.search(&request(text)).expect("a sound request");
    let mut ids: Vec<String> = answer.ids().into_iter().map(str::to_owned).collect();
    ids.sort();
    ids
}

#[test]
fn names_that_look_like_stop_words_or_have_signs_are_found() {
    let engine = engine(&[
        ("it", "Head of IT audit"),
        ("pronoun", "Makes it work: audit"),
        ("ar", "AR specialist"),
        ("gaap", "US GAAP reporting"),
        ("who", "Who gets things done"),
        ("mna", "M & A partner"),
        ("cpp", "C++ developer"),
        ("cs", "C# and .NET developer"),
        ("caps", "DIRECTOR OF IT"),
    ]);
    assert_eq!(found(&engine, "IT audit"), ["it"]);
    assert_eq!(found(&engine, "it audit"), ["it", "pronoun"]);
    assert_eq!(found(&engine, "it"), ["caps", "it"]);
    assert_eq!(found(&engine, "AR specialist"), ["ar"]);
    assert_eq!(found(&engine, "US GAAP"), ["gaap"]);
    assert_eq!(found(&engine, "who"), ["who"]);
    assert_eq!(found(&engine, "M&A"), ["mna"]);
    assert_eq!(found(&engine, "m & a partner"), ["mna"]);
    assert_eq!(found(&engine, "C++"), ["cpp"]);
    assert_eq!(found(&engine, "c# .net"), ["cs"]);
}

#[test]
fn accents_do_not_matter_however_they_are_written() {
    let engine = engine(&[("z", "Zürich"), ("d", "Zu\u{308}rich"), ("p", "Zurich")]);
    for text in ["zurich", "Zürich", "ZU\u{308}RICH"] {
        assert_eq!(found(&engine, text), ["d", "p", "z"]);
    }
}

#[test]
fn synonyms_hold_as_their_rules_say_and_can_change() {
    let engine = engine(&[
        ("short", "CFO"),
        ("long", "Chief Financial Officer"),
        ("apart", "Chief of staff, financial officer"),
        ("cpa", "CPA"),
        ("acc", "Accountant"),
    ]);
    assert_eq!(found(&engine, "cfo"), ["short"]);
    let rules = r#"[["cfo", "chief financial officer"], {"from": "accountant", "to": "cpa"}]"#;
    engine.set_synonyms(SynonymRule::list_from_json(rules).expect("sound rules")).expect("taken");
    assert_eq!(found(&engine, "cfo"), ["long", "short"]);
    assert_eq!(found(&engine, "chief financial officer"), ["apart", "long", "short"]);
    assert_eq!(found(&engine, "\"cfo\""), ["short"]);
    assert_eq!(found(&engine, "accountant"), ["acc", "cpa"]);
    assert_eq!(found(&engine, "cpa"), ["cpa"]);
    engine.set_synonyms(Vec::new()).expect("taken");
    assert_eq!(found(&engine, "cfo"), ["short"]);
}

#[test]
fn highlights_mark_what_matched_and_escape_the_rest() {
    let engine = engine(&[("a", "Taxes <b> & payroll"), ("b", "Chief Financial Officer")]);
    let rules = SynonymRule::list_from_json(r#"[["cfo", "chief financial officer"]]"#);
    engine.set_synonyms(rules.expect("sound rules")).expect("taken");
    let shown = |text: &str, typos: bool| {
        let request = SearchRequest {
            highlight: Some(shortlist::Highlight::default()),
            typos,
            ..request(text)
        };
        let answer = engine.search(&request).expect("a sound request");
        answer.hits().next().and_then(|hit| Some(hit.highlights?.first()?.fragments[0].clone()))
    };
    let taxes = "<mark>Taxes</mark> &lt;b&gt; &amp; payroll";
    assert_eq!(shown("tax", false).as_deref(), Some(taxes));
    assert_eq!(
        shown("payrol", true).as_deref(),
        Some("Taxes &lt;b&gt; &amp; <mark>payroll</mark>")
    );
    assert_eq!(shown("cfo", false).as_deref(), Some("<mark>Chief Financial Officer</mark>"));
}

#[test]
fn suggestions_tolerate_a_typo_where_nothing_begins_as_typed() {
    let engine = engine(&[("a", "Fractional CFO"), ("b", "Fractional CFO"), ("c", "Controller")]);
    let suggested = |text: &str| -> Vec<(String, u64)> {
        let typed = SuggestRequest {
            text: text.to_owned(),
            scope: Scope::All,
            ..SuggestRequest::default()
        };
        let answer = engine.suggest(&typed).expect("a sound request");
        answer.suggestions.into_iter().map(|found| (found.text, found.count)).collect()
    };
    let both = [("Fractional CFO".to_owned(), 2), ("fractional".to_owned(), 2)];
    assert_eq!(suggested("fract"), both);
    assert_eq!(suggested("frcat"), both);
    assert_eq!(suggested("cfo fr")[0].0, "Fractional CFO");
    assert!(suggested(" - ").is_empty());
}

#[test]
fn a_text_that_finds_nothing_is_corrected() {
    let engine = engine(&[("a", "Turnaround controller")]);
    let meant = |text: &str| engine.search(&request(text)).expect("sound").did_you_mean;
    assert_eq!(meant("turnaruond contoller").as_deref(), Some("turnaround controller"));
    assert_eq!(meant("zzzzzz"), None);
    assert_eq!(meant("turnaround"), None);
}

#[test]
fn texts_made_to_overflow_a_small_stack_are_refused_or_answered() {
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let hostile = || {
        let engine = engine(&[("a", "Tax")]);
        for text in
            ["a or ".repeat(500), "(".repeat(10_000), "\"".repeat(1 << 20), "-".repeat(2_000)]
        {
            let refused = engine.search(&request(&text));
            assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
        }
        for text in ["a or ".repeat(200), "(".repeat(1_024), "\"".repeat(1_024), "x&".repeat(512)] {
            match engine.search(&request(&text)) {
                Ok(_) | Err(Error::TooLarge { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        let deep = format!(r#"{{"filter": {}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert!(SearchRequest::from_json(&deep).is_err());
    };
    let joined = thread.spawn(hostile).expect("a thread").join();
    assert!(joined.is_ok());
}
