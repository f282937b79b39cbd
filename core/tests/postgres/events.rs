//! Whoever subscribes to the index hears of changes in Postgres, and of the states of the sync.

use std::time::{Duration, Instant};

use shortlist::sync::{Mapping, SourceKind, SyncState, SyncStatus, install};
use shortlist::{ChangeKind, Engine, Event, Subscription};

use super::market::{LONG, live, market, start};

/// The events up to the one that is waited for.
fn until(events: &mut Subscription, found: impl Fn(&Event) -> bool) -> Vec<Event> {
    let begun = Instant::now();
    let mut told = Vec::new();
    while begun.elapsed() < LONG {
        let Some(event) = events.next_within(Duration::from_secs(1)).expect("it is followed")
        else {
            continue;
        };
        let last = found(&event);
        told.push(event);
        if last {
            return told;
        }
    }
    panic!("it does not come: {told:?}")
}

fn entered(event: &Event) -> Option<(&str, Option<&str>)> {
    match event {
        Event::Source(source) if source.source == "postgres" => {
            Some((&source.state, source.error.as_deref()))
        }
        _ => None,
    }
}

fn touches(event: &Event, id: &str, kind: ChangeKind) -> bool {
    let Event::Changes(changes) = event else { return false };
    changes.profiles.iter().any(|change| change.id == id && change.kind == kind)
}

#[test]
fn changes_and_states_reach_a_subscriber() {
    let Some((mut cluster, mut client)) = market(50) else { return };
    install(&cluster.url(), &Mapping::default(), &[]).expect("an outbox");
    let engine = Engine::in_memory().expect("an index");
    let mut events = engine.subscribe();
    let sync = start(&engine, &cluster, SourceKind::Outbox);
    let told = until(&mut events, |event| entered(event) == Some(("live", None)));
    let states: Vec<&str> = told.iter().filter_map(entered).map(|(state, _)| state).collect();
    assert_eq!(states, ["connecting", "loading", "catchingUp", "live"]);
    let first = told.iter().position(|event| touches(event, "adv-1", ChangeKind::Added));
    let end = told.iter().position(|event| entered(event) == Some(("catchingUp", None)));
    assert!(first.is_some() && first < end, "{told:?}");

    client
        .batch_execute(
            "UPDATE advisor_profiles SET industries = '{Law}' WHERE id = 'adv-2'; DELETE FROM advisor_profiles WHERE id = 'adv-3'",
        )
        .expect("changes");
    let mut told = until(&mut events, |event| touches(event, "adv-3", ChangeKind::Removed));
    if !told.iter().any(|event| touches(event, "adv-2", ChangeKind::Updated)) {
        told.extend(until(&mut events, |event| touches(event, "adv-2", ChangeKind::Updated)));
    }
    let law = told.iter().any(|event| {
        let Event::Changes(changes) = event else { return false };
        let keywords = changes.profiles.iter().flat_map(|change| &change.keywords);
        keywords.into_iter().any(|change| change.field == "industries" && change.new == ["Law"])
    });
    assert!(law, "{told:?}");

    drop(client);
    cluster.halt();
    let told = until(&mut events, |event| {
        entered(event).is_some_and(|(state, error)| state == "waiting" && error.is_some())
    });
    assert!(!format!("{told:?}").contains(super::cluster::PASSWORD));
    cluster.resume();
    until(&mut events, |event| entered(event) == Some(("live", None)));
    assert_eq!(live(&sync).state, SyncState::Live);
    cluster
        .admin()
        .batch_execute("ALTER TABLE advisor_profiles RENAME headline TO line")
        .expect("renamed");
    let failed = |status: &SyncStatus| matches!(status.state, SyncState::Failed { .. });
    assert!(failed(&sync.wait_until(LONG, failed)));
    let told =
        until(&mut events, |event| entered(event).is_some_and(|(state, _)| state == "failed"));
    let why = told.last().and_then(entered).and_then(|(_, error)| error).unwrap_or_default();
    assert!(why.contains("headline"), "{why}");
}
