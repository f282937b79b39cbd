//! The quick start of the README: `cargo run -p shortlist-examples --bin quickstart`.

// quickstart
use shortlist::{AdvisorProfile, ClientCriteria, Engine, SearchRequest};

fn main() -> shortlist::Result<()> {
    let engine = Engine::in_memory()?;
    let mut ada = AdvisorProfile::new("ada");
    ada.professional_title = Some("Fractional CFO, healthcare".into());
    ada.industries = vec!["Healthcare".into()];
    (ada.hourly_rate, ada.overall_rating) = (Some(180.0), 4.8);
    (ada.marketplace_status, ada.is_verified) = ("active".into(), true);
    engine.upsert(vec![ada])?;

    let page =
        engine.search(&SearchRequest::from_json(r#"{"text": "cfo", "maxHourlyRate": 200}"#)?)?;
    println!("{} found, first {:?}", page.total, page.ids().first());

    let need = r#"{"industries": ["Healthcare"], "maxBudget": 200}"#;
    for found in engine.match_advisors(&ClientCriteria::from_json(need)?)?.matches() {
        println!("{} {:.3} {:?}", found.advisor_id, found.score, found.breakdown.parts);
    }
    Ok(())
}
// end

#[cfg(test)]
mod tests {
    #[test]
    fn the_quick_start_runs() -> shortlist::Result<()> {
        super::main()
    }

    #[test]
    fn the_readme_shows_this_very_code() {
        let code = include_str!("quickstart.rs");
        let code =
            code.split("// quickstart\n").nth(1).and_then(|code| code.split("// end\n").next());
        let readme = include_str!("../README.md");
        assert!(
            code.is_some_and(|code| readme.contains(code.trim())),
            "copy examples/quickstart.rs into README.md"
        );
    }
}
