//! Requests that nobody means well with: the worst by name, and endless ones put together by a fixed sequence.

/// Single requests that each try one thing as hard as they can.
pub const WORST: [fn() -> String; 21] = [
    || format!(r#"{{"text": "{}"}}"#, "a or ".repeat(200)),
    || format!(r#"{{"text": "{}"}}"#, "a or ".repeat(500)),
    || format!(r#"{{"text": "{}"}}"#, "(".repeat(10_000)),
    || format!(r#"{{"text": "{}"}}"#, r#"\""#.repeat(500)),
    || format!(r#"{{"text": "{}"}}"#, r#"\""#.repeat(500_000)),
    || {
        format!(
            r#"{{"text": "{}", "typos": true, "prefix": true, "textMatch": "any"}}"#,
            "consultant ".repeat(60)
        )
    },
    || format!(r#"{{"text": "{}", "typos": true, "prefix": true}}"#, "-".repeat(1_000)),
    || format!(r#"{{"filter": {}}}"#, nested("not", 31)),
    || format!(r#"{{"filter": {}}}"#, nested("not", 33)),
    || format!(r#"{{"filter": {}}}"#, nested("not", 100_000)),
    || "[".repeat(1_000_000),
    || r#"{"a":"#.repeat(300_000),
    || {
        format!(
            r#"{{"filter": {{"or": [{}]}}}}"#,
            vec![r#"{"hourlyRate": {"gt": 1}}"#; 4_900].join(",")
        )
    },
    || format!(r#"{{"filter": {{"industries": [{}]}}}}"#, vec![r#""Retail""#; 10_000].join(",")),
    || format!(r#"{{"filter": {{"industries": [{}]}}}}"#, vec![r#""Retail""#; 200_000].join(",")),
    || format!(r#"{{"embedding": [{}], "text": "cfo"}}"#, vec!["1e38"; 500_000].join(",")),
    || format!(r#"{{"excludeIds": [{}]}}"#, vec![r#""x""#; 10_000].join(",")),
    || format!(r#"{{"{}": 1}}"#, "x".repeat(1_000_000)),
    || {
        let boost = r#"{"filter": {"or": [{"hourlyRate": {"gt": 1}}, {"not": {"industries": "x"}}]}, "factor": 1.5}"#;
        format!(r#"{{"rules": {{"boost": [{}]}}}}"#, vec![boost; 16].join(","))
    },
    || {
        let pins = (0..30_000).map(|at| format!(r#"{{"id": "{at}", "position": {at}}}"#));
        format!(r#"{{"rules": {{"pins": [{}]}}}}"#, pins.collect::<Vec<_>>().join(","))
    },
    || format!(r#"{{"filter": {{"{}": "x"}}}}"#, "industries.".repeat(90_000)),
];

fn nested(name: &str, depth: usize) -> String {
    format!(
        "{}{{\"isVerified\": true}}{}",
        format!("{{\"{name}\":").repeat(depth),
        "}".repeat(depth)
    )
}

/// Fields of every kind of request, with a value that is right.
const FIELDS: [(&str, &str); 52] = [
    ("text", r#""fractional cfo""#),
    ("text", r#""\"cash flow\" -retail or title:tax""#),
    ("textMatch", r#""any""#),
    ("typos", "true"),
    ("prefix", "true"),
    ("filter", r#"{"hourlyRate": {"gte": 100, "lt": 250}}"#),
    ("filter", r#"{"or": [{"services": "Tax Planning"}, {"not": {"isVerified": true}}]}"#),
    ("filter", r#"{"currentClients": {"lt": {"field": "maxClients"}}}"#),
    ("scope", r#""all""#),
    ("industries", r#"["Healthcare", "Retail"]"#),
    ("services", r#"["Tax Planning"]"#),
    ("minRating", "3.5"),
    ("maxHourlyRate", "250"),
    ("availability", r#""available""#),
    ("sort", r#""relevance""#),
    ("sort", r#"[{"field": "hourlyRate", "order": "desc"}, "id"]"#),
    ("limit", "1000"),
    ("limit", "3"),
    ("cursor", r#""AQEAAAAAAAAAAGFkdg""#),
    ("facets", r#"["industries", "services", "isVerified"]"#),
    ("disjunctive", "true"),
    ("fields", r#"["id", "bio", "embedding", "details"]"#),
    ("embedding", "[1,0,2,-1,0.5,0,0,1,1,0,2,-1,0.5,0,0,1]"),
    ("embedding", "[1e-38,0,0,0,0,0,0,0,0,0,0,0,0,0,0,3e38]"),
    ("fusion", r#""auto""#),
    ("fusion", r#"{"weighted": 0.5}"#),
    ("timeoutMs", "0"),
    ("timeoutMs", "5000"),
    ("explain", "true"),
    ("highlight", "true"),
    ("requiredServices", r#"["Tax Planning", "Audit"]"#),
    ("requireAll", "true"),
    ("maxBudget", "200"),
    ("excludeIds", r#"["adv-000001"]"#),
    ("certifications", r#"["CPA"]"#),
    ("attributes", r#"{"languages": ["English"]}"#),
    ("weights", r#"{"similarity": 0, "business": 1}"#),
    ("businessWeights", r#"{"capacity": 5, "experience": 0}"#),
    ("rating", r#""bayesian""#),
    ("diversity", "0.3"),
    ("exact", "true"),
    ("maxPer", r#"{"field": "industries", "count": 2}"#),
    ("minScore", "0.5"),
    ("relax", "true"),
    ("before", r#""AQEAAAAAAAAAAGFkdg""#),
    ("kinds", r#"["titles"]"#),
    ("rules", r#"{"pins": [{"id": "adv-000003", "position": 2}], "hide": {"services": "Audit"}}"#),
    ("rules", r#"{"boost": [{"filter": {"industries": "Retail"}, "factor": 2}]}"#),
    ("pins", r#"[{"id": "adv-000003", "position": 1000}]"#),
    ("bury", r#"[{"filter": {"not": {"isVerified": true}}, "factor": 0.001}]"#),
    ("id", r#""adv-000002""#),
    ("field", r#""hourlyRate""#),
];

/// Values that are wrong nearly everywhere.
const VALUES: [&str; 40] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1e308",
    "-1e308",
    "1e400",
    "1e-400",
    "0.1e-5",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "\"\"",
    "\"NaN\"",
    "\"Infinity\"",
    "\"-inf\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\u{202e}\u{feff}\u{1f600}\"",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[{}]",
    "{\"\": {}}",
    "{\"and\": []}",
    "{\"or\": []}",
    "{\"not\": {}}",
    "{\"hourlyRate\": {}}",
    "{\"hourlyRate\": {\"gt\": 1e400}}",
    "{\"hourlyRate\": {\"gt\": {\"field\": \"hourlyRate\"}}}",
    "{\"createdAt\": {\"lt\": \"9999999-99-99T99:99:99Z\"}}",
    "{\"weighted\": 1e999}",
    "[\"industries\", \"industries\", \"industries\"]",
    "{\"field\": {\"field\": {}}}",
    "NaN",
];

/// Endless requests, the same each time.
pub struct Requests(u64);

impl Requests {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, most: usize) -> usize {
        // Steele, Lea and Flood's sequence (2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    fn value(&mut self, right: &str) -> String {
        match self.below(12) {
            0..=5 => right.to_owned(),
            6..=8 => VALUES[self.below(VALUES.len())].to_owned(),
            9 => format!("[{}]", vec![right; 1 + self.below(300)].join(",")),
            10 => FIELDS[self.below(FIELDS.len())].1.to_owned(),
            _ => {
                let depth = 1 + self.below(200);
                format!("{}{right}{}", "[".repeat(depth), "]".repeat(depth))
            }
        }
    }

    /// Puts a character somewhere else than it belongs.
    fn garble(&mut self, json: &str) -> String {
        let mut letters: Vec<char> = json.chars().collect();
        for _ in 0..=self.below(3) {
            let (from, to) = (self.below(letters.len()), self.below(letters.len()));
            match self.below(3) {
                0 => letters.swap(from, to),
                1 => letters.insert(to, letters[from]),
                _ if letters.len() > 2 => drop(letters.remove(from)),
                _ => {}
            }
        }
        letters.into_iter().collect()
    }
}

impl Iterator for Requests {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let entries: Vec<String> = (0..=self.below(5))
            .map(|_| {
                let (name, right) = FIELDS[self.below(FIELDS.len())];
                format!("\"{name}\": {}", self.value(right))
            })
            .collect();
        let json = format!("{{{}}}", entries.join(", "));
        Some(if self.below(10) == 0 { self.garble(&json) } else { json })
    }
}
