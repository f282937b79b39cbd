//! The engine as an HTTP service, a few routes over one `Engine`:
//!
//! ```sh
//! shortlist generate --dim 384 --out a.jsonl --embeddings-out a.f32 --schema-out a.schema.json
//! shortlist build --input a.jsonl --embeddings a.f32 --schema a.schema.json --index idx
//! cargo run --release -p shortlist-examples --bin service -- idx 127.0.0.1:8080
//! curl -d '{"text": "cash flow", "limit": 3}' http://127.0.0.1:8080/search
//! shortlist load peak --url http://127.0.0.1:8080 --rate 2000 --pid $(pgrep -n service)
//! ```
//!
//! | route | body | answer |
//! | --- | --- | --- |
//! | `POST /search` | a search request | a page |
//! | `POST /match` | a client's criteria | matches |
//! | `GET /advisors/{id}` | | the whole profile |
//! | `PUT /advisors/{id}` | a profile | `{"generation": n}` |
//! | `PATCH /advisors/{id}` | changes of a profile | `{"generation": n}` |
//! | `GET /metrics` | | what the engine counts, for a Prometheus with the rules of `data/ops` |
//!
//! Bodies and answers are the JSON of the command line; an error is `{"error": {"code", "message", "field"}}`.

use std::process::ExitCode;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use shortlist::{
    Actor, AdvisorProfile, Applied, ClientCriteria, Engine, Error, ProfilePatch, SearchRequest,
};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(index), listen) = (arguments.next(), arguments.next()) else {
        eprintln!("service INDEX [ADDRESS:PORT]");
        return ExitCode::from(2);
    };
    match serve(&index, listen.as_deref().unwrap_or("127.0.0.1:8080")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The upper ends of the buckets that times are counted in, in seconds.
const SECONDS: [f64; 10] = [1e-5, 1e-4, 1e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.25, 0.5, 1.0];

async fn serve(index: &str, listen: &str) -> Result<(), Box<dyn std::error::Error>> {
    let times = Matcher::Suffix("_seconds".to_owned());
    let metrics = PrometheusBuilder::new().set_buckets_for_metric(times, &SECONDS)?;
    // Before the engine, which tells of everything from its first request on.
    let metrics = metrics.install_recorder()?;
    let engine = Engine::open(index)?;
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, routes(engine, metrics)).with_graceful_shutdown(interrupted()).await?;
    Ok(())
}

async fn interrupted() {
    // Where no signal can be waited for, the service runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn routes(engine: Engine, metrics: PrometheusHandle) -> Router {
    let counted = engine.clone();
    let render = async move || {
        counted.set_gauges();
        metrics.run_upkeep();
        metrics.render()
    };
    Router::new()
        .route("/metrics", get(render))
        .route("/search", post(search))
        .route("/match", post(matching))
        .route("/advisors/{id}", get(profile).put(upsert).patch(patch))
        .with_state(engine)
}

// A read takes microseconds and waits for nobody, so it runs where it is; with a limit on what one may take, let requests
// bring `timeoutMs`, or hand large catalogues' matches to `spawn_blocking` as the writes below.
async fn search(State(engine): State<Engine>, body: String) -> Answer {
    let request = SearchRequest::from_json(&body)?;
    Ok(Json(engine.search(&request)?.to_json()))
}

async fn matching(State(engine): State<Engine>, body: String) -> Answer {
    let criteria = ClientCriteria::from_json(&body)?;
    Ok(Json(engine.match_advisors(&criteria)?.to_json()))
}

async fn profile(State(engine): State<Engine>, Path(id): Path<String>) -> Answer {
    engine.get_json(&id)?.map(Json).ok_or(Refusal(Error::NotFound { id }))
}

async fn upsert(State(engine): State<Engine>, Path(id): Path<String>, body: String) -> Answer {
    written(move || {
        let profile = AdvisorProfile::from_json(&body, &engine.schema())?;
        if profile.id != id {
            let expected = format!("that of the address, `{id}`");
            return Err(Error::OutOfRange { field: "id".to_owned(), value: profile.id, expected });
        }
        engine.upsert(vec![profile])
    })
    .await
}

async fn patch(State(engine): State<Engine>, Path(id): Path<String>, body: String) -> Answer {
    written(move || {
        let patch = ProfilePatch::from_json(&body, &engine.schema())?;
        engine.patch(vec![(id, patch)])
    })
    .await
}

/// A write may wait for the disk and for other writers, so it has a thread that may wait.
async fn written(write: impl FnOnce() -> shortlist::Result<Applied> + Send + 'static) -> Answer {
    let applied = tokio::task::spawn_blocking(write).await;
    let applied =
        applied.map_err(|_| Error::Internal { what: "a write panicked".to_owned() })??;
    Ok(Json(format!("{{\"generation\":{}}}", applied.generation)))
}

type Answer = Result<Json, Refusal>;

/// JSON that is written already.
struct Json(String);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

/// An error of the engine, with the status that says who must act.
struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match (&error, error.actor()) {
            (Error::NotFound { .. }, _) => StatusCode::NOT_FOUND,
            (Error::ConditionNotMet { .. }, _) => StatusCode::CONFLICT,
            (Error::TimedOut { .. }, _) => StatusCode::GATEWAY_TIMEOUT,
            (_, Actor::Caller) => StatusCode::BAD_REQUEST,
            (_, Actor::Operator) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = serde_json::json!({"error": {
            "code": error.code(), "message": error.to_string(), "field": error.field(),
        }});
        (status, Json(body.to_string())).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;

    fn served() -> Router {
        // One a process, whatever tests it runs.
        static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
        let installed = || PrometheusBuilder::new().install_recorder().expect("the only recorder");
        let metrics = METRICS.get_or_init(installed).clone();
        routes(Engine::in_memory().expect("an engine"), metrics)
    }

    async fn ask(routes: &Router, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method).uri(path).body(body).expect("a request");
        let answer = routes.clone().oneshot(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    #[tokio::test]
    async fn what_is_put_is_found_patched_and_matched() {
        let routes = served();
        let ada = json!({"id": "ada", "professionalTitle": "CFO", "hourlyRate": 150,
            "marketplaceStatus": "active", "isVerified": true});
        let (status, _) = ask(&routes, "PUT", "/advisors/ada", &ada).await;
        assert_eq!(status, 200);
        let (_, page) = ask(&routes, "POST", "/search", &json!({"text": "cfo"})).await;
        assert_eq!((&page["total"], &page["hits"][0]["id"]), (&json!(1), &json!("ada")));
        let (status, _) = ask(&routes, "PATCH", "/advisors/ada", &json!({"hourlyRate": 300})).await;
        assert_eq!(status, 200);
        let (_, found) = ask(&routes, "POST", "/match", &json!({"maxBudget": 200})).await;
        assert_eq!(found["considered"], 0);
        let (_, profile) = ask(&routes, "GET", "/advisors/ada", &Value::Null).await;
        assert_eq!(profile["hourlyRate"].as_f64(), Some(300.0));
    }

    #[tokio::test]
    async fn a_prometheus_reads_what_was_asked_and_written() {
        let routes = served();
        ask(&routes, "PUT", "/advisors/ada", &json!({"id": "ada"})).await;
        ask(&routes, "POST", "/search", &json!({})).await;
        let request = Request::get("/metrics").body(Body::empty()).expect("a request");
        let answer = routes.oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        for line in [
            r#"shortlist_request_seconds_count{kind="search",path="bitmaps"}"#,
            r#"shortlist_writer_seconds_count{step="apply"}"#,
            "shortlist_writer_waiting 0",
            "shortlist_profiles 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_with_its_code_and_a_fitting_status() {
        let routes = served();
        let (status, error) = ask(&routes, "POST", "/search", &json!({"txt": "cfo"})).await;
        assert_eq!((status, &error["error"]["code"]), (400, &json!("SL1001")));
        let (status, error) = ask(&routes, "GET", "/advisors/nobody", &Value::Null).await;
        assert_eq!((status, &error["error"]["code"]), (404, &json!("SL1011")));
        let (status, error) = ask(&routes, "PATCH", "/advisors/nobody", &json!({})).await;
        assert_eq!((status, &error["error"]["code"]), (404, &json!("SL1011")));
        let (status, error) = ask(&routes, "PUT", "/advisors/ada", &json!({"id": "bob"})).await;
        assert_eq!((status, &error["error"]["field"]), (400, &json!("id")));
    }
}
