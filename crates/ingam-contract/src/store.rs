//! What every [`Store`] must hold.

use std::{sync::Arc, thread};

use ingam_ports::{Commit, IndexValue, Row, RowKey, Step, Store, Table};
use ingam_wire::UnixTime;
use tokio::runtime::Builder;

const NOW: UnixTime = UnixTime::from_secs(1_767_323_045);

/// Runs every law of [`Store`] on fresh stores from `make`.
///
/// # Panics
/// When a law does not hold; the message names it.
pub async fn suite(make: impl Fn() -> Arc<dyn Store>) {
    rows_read_back(&*make()).await;
    each_step_is_refused_when_it_does_not_hold(&*make()).await;
    a_refused_commit_leaves_nothing(&*make()).await;
    steps_see_the_steps_before_them(&*make()).await;
    expired_rows_are_absent(&*make()).await;
    rows_are_listed_in_key_order(&*make()).await;
    rows_are_found_by_their_index(&*make()).await;
    tables_are_apart(&*make()).await;
    purge_forgets_what_expired_and_nothing_else(&*make()).await;
    a_clock_set_back_does_not_reopen_what_was_purged(&*make()).await;
    rows_that_cannot_be_kept_are_errors(&*make()).await;
    of_concurrent_claims_exactly_one_wins(&*make());
    of_concurrent_replacements_none_is_lost(&*make()).await;
}

/// Runs the laws of a store that survives a restart; `reopen` closes the store and opens what it left.
///
/// # Panics
/// When a law does not hold; the message names it.
pub async fn restart_suite(store: Arc<dyn Store>, reopen: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) {
    let kept = row(b"kept", Some(NOW.plus(ingam_wire::Seconds::new(60))), &[7], b"sealed");
    committed(&*store, vec![claim(b"id", 60), insert(kept.clone()), event(b"e1")]).await;
    let store = reopen(store);
    assert_eq!(commit(&*store, vec![claim(b"id", 60)]).await, Commit::Refused { step: 0 }, "still replayed");
    assert_eq!(store.read(Table::Grants, &kept.key, NOW).await, Ok(Some(kept.clone())), "rows survive");
    assert_eq!(store.scan(Table::Grants, IndexValue([7; 32]), 9, NOW).await, Ok(vec![kept]), "the index survives");
    assert_eq!(list(&*store, Table::Events, b"", 9).await, keys(&[b"e1"]), "events survive");
    assert_eq!(store.purge(at(60), 9).await, Ok(2), "lifetimes survive");
}

async fn rows_read_back(store: &dyn Store) {
    let written = row(b"a", Some(at(60)), &[1, 2], b"sealed bytes");
    committed(store, vec![insert(written.clone())]).await;
    assert_eq!(store.read(Table::Grants, &written.key, NOW).await, Ok(Some(written.clone())));
    let next = Row { version: 2, expires: None, index: vec![], sealed: vec![], ..written.clone() };
    committed(store, vec![Step::Replace { table: Table::Grants, row: next.clone() }]).await;
    assert_eq!(store.read(Table::Grants, &written.key, NOW).await, Ok(Some(next)));
    assert_eq!(store.read(Table::Grants, &key(b"absent"), NOW).await, Ok(None));
}

async fn each_step_is_refused_when_it_does_not_hold(store: &dyn Store) {
    let first = row(b"a", None, &[], b"1");
    let replace = |version| Step::Replace { table: Table::Grants, row: Row { version, ..first.clone() } };
    let take = |version| Step::Take { table: Table::Grants, key: key(b"a"), version };
    assert_eq!(commit(store, vec![replace(2)]).await, Commit::Refused { step: 0 }, "replace an absent row");
    assert_eq!(commit(store, vec![take(1)]).await, Commit::Refused { step: 0 }, "take an absent row");
    committed(store, vec![insert(first.clone())]).await;
    for (step, law) in [
        (insert(first.clone()), "insert twice"),
        (insert(Row { version: 2, ..row(b"b", None, &[], b"") }), "insert with a version other than 1"),
        (replace(0), "replace with version 0"),
        (replace(1), "replace with the version that is there"),
        (replace(3), "replace with a version too far"),
        (take(2), "take a version that is not there"),
    ] {
        assert_eq!(commit(store, vec![step]).await, Commit::Refused { step: 0 }, "{law}");
    }
    committed(store, vec![replace(2)]).await;
    assert_eq!(commit(store, vec![take(1)]).await, Commit::Refused { step: 0 }, "take a row that was changed");
    committed(store, vec![take(2)]).await;
    assert_eq!(commit(store, vec![take(2)]).await, Commit::Refused { step: 0 }, "take twice");

    committed(store, vec![claim(b"id", 60)]).await;
    assert_eq!(commit(store, vec![claim(b"id", 90)]).await, Commit::Refused { step: 0 }, "claim twice");
    assert_eq!(commit(store, vec![claim(b"late", 0)]).await, Commit::Refused { step: 0 }, "claim what expired");
    committed(store, vec![event(b"e")]).await;
    assert_eq!(commit(store, vec![event(b"e")]).await, Commit::Refused { step: 0 }, "overwrite an event");

    let raise = |to| Step::Raise { table: Table::Singletons, key: key(b"counter"), to };
    for (to, then) in [(5, 5), (3, 5), (9, 9)] {
        committed(store, vec![raise(to)]).await;
        let counter = store.read(Table::Singletons, &key(b"counter"), NOW).await;
        assert_eq!(counter.expect("the store answers").map(|row| row.version), Some(then), "a counter is only raised");
    }
}

async fn a_refused_commit_leaves_nothing(store: &dyn Store) {
    let there = row(b"there", None, &[3], b"1");
    committed(store, vec![insert(there.clone())]).await;
    let steps = vec![
        claim(b"id", 60),
        insert(row(b"new", None, &[3], b"")),
        Step::Take { table: Table::Grants, key: there.key.clone(), version: 1 },
        event(b"e"),
        Step::Raise { table: Table::Singletons, key: key(b"counter"), to: 1 },
        claim(b"id", 60),
    ];
    assert_eq!(commit(store, steps).await, Commit::Refused { step: 5 }, "the step that did not hold is named");
    assert_eq!(store.read(Table::Grants, &key(b"new"), NOW).await, Ok(None), "no row is left of a refused commit");
    assert_eq!(store.read(Table::Grants, &there.key, NOW).await, Ok(Some(there)), "no row is lost by it");
    assert_eq!(list(store, Table::Events, b"", 9).await, keys(&[]), "no event is left of it");
    assert_eq!(store.read(Table::Singletons, &key(b"counter"), NOW).await, Ok(None), "no counter is left of it");
    committed(store, vec![claim(b"id", 60)]).await;
}

async fn steps_see_the_steps_before_them(store: &dyn Store) {
    let first = row(b"a", None, &[1], b"1");
    let take = Step::Take { table: Table::Grants, key: key(b"a"), version: 1 };
    committed(store, vec![insert(first.clone()), take.clone()]).await;
    assert_eq!(store.read(Table::Grants, &first.key, NOW).await, Ok(None), "insert then take leaves nothing");
    committed(store, vec![insert(first.clone())]).await;
    let again = Row { sealed: b"2".to_vec(), index: vec![IndexValue([2; 32])], ..first };
    committed(store, vec![take, insert(again.clone())]).await;
    assert_eq!(store.read(Table::Grants, &again.key, NOW).await, Ok(Some(again.clone())), "take then insert moves");
    assert_eq!(store.scan(Table::Grants, IndexValue([1; 32]), 9, NOW).await, Ok(vec![]), "the old index is gone");
    assert_eq!(store.scan(Table::Grants, IndexValue([2; 32]), 9, NOW).await, Ok(vec![again]));
}

async fn expired_rows_are_absent(store: &dyn Store) {
    let short = row(b"short", Some(at(10)), &[1], b"");
    committed(store, vec![insert(short.clone()), claim(b"id", 10)]).await;
    let steps = vec![Step::Take { table: Table::Grants, key: key(b"short"), version: 1 }];
    assert_eq!(store.read(Table::Grants, &short.key, at(9)).await, Ok(Some(short.clone())), "there until it expires");
    assert_eq!(store.read(Table::Grants, &short.key, at(10)).await, Ok(None), "absent from the second it expires");
    assert_eq!(store.scan(Table::Grants, IndexValue([1; 32]), 9, at(10)).await, Ok(vec![]));
    assert_eq!(store.list(Table::Grants, &start(), 9, at(10)).await, Ok(vec![]));
    assert_eq!(store.commit(steps, at(10)).await, Ok(Commit::Refused { step: 0 }), "cannot be taken");
    let replace = Step::Replace { table: Table::Grants, row: Row { version: 2, ..short.clone() } };
    assert_eq!(store.commit(vec![replace], at(10)).await, Ok(Commit::Refused { step: 0 }), "cannot be replaced");
    let again = Row { expires: Some(at(99)), index: vec![], ..short };
    assert_eq!(store.commit(vec![insert(again.clone())], at(10)).await, Ok(Commit::Committed), "makes room");
    assert_eq!(store.read(Table::Grants, &again.key, at(10)).await, Ok(Some(again)));
    assert_eq!(store.commit(vec![claim(b"id", 60)], at(9)).await, Ok(Commit::Refused { step: 0 }), "claims last");
    assert_eq!(store.commit(vec![claim(b"id", 60)], at(10)).await, Ok(Commit::Committed), "and end");
}

async fn rows_are_listed_in_key_order(store: &dyn Store) {
    for name in [&b"b"[..], b"a", b"c", b"ab", b"\xff"] {
        committed(store, vec![insert(row(name, None, &[], b""))]).await;
    }
    assert_eq!(list(store, Table::Grants, b"", 9).await, keys(&[b"a", b"ab", b"b", b"c", b"\xff"]));
    assert_eq!(list(store, Table::Grants, b"ab", 2).await, keys(&[b"b", b"c"]), "after a key, at most the limit");
    assert_eq!(list(store, Table::Grants, b"aa", 1).await, keys(&[b"ab"]), "after a key that is not there");
    assert_eq!(list(store, Table::Grants, b"\xff", 9).await, keys(&[]));
    assert_eq!(list(store, Table::Grants, b"", 0).await, keys(&[]));
}

async fn rows_are_found_by_their_index(store: &dyn Store) {
    for (name, index) in [(b"b", &[1_u8, 2][..]), (b"a", &[1]), (b"c", &[2]), (b"d", &[1])] {
        committed(store, vec![insert(row(name, None, index, b""))]).await;
    }
    let found = |index, limit| async move {
        let rows = store.scan(Table::Grants, IndexValue([index; 32]), limit, NOW).await.expect("the store answers");
        rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    assert_eq!(found(1, 9).await, keys(&[b"a", b"b", b"d"]), "in key order");
    assert_eq!(found(1, 2).await, keys(&[b"a", b"b"]), "at most the limit");
    assert_eq!(found(2, 9).await, keys(&[b"b", b"c"]));
    assert_eq!(found(3, 9).await, keys(&[]));
    let moved = Row { version: 2, ..row(b"b", None, &[3], b"") };
    committed(store, vec![Step::Replace { table: Table::Grants, row: moved }]).await;
    assert_eq!(found(1, 9).await, keys(&[b"a", b"d"]), "a replaced row leaves its old index values");
    assert_eq!(found(3, 9).await, keys(&[b"b"]));
}

async fn tables_are_apart(store: &dyn Store) {
    let shared = row(b"k", None, &[1], b"");
    committed(store, vec![insert(shared.clone())]).await;
    assert_eq!(store.read(Table::Codes, &shared.key, NOW).await, Ok(None));
    assert_eq!(list(store, Table::Codes, b"", 9).await, keys(&[]));
    assert_eq!(list(store, Table::RefreshTokens, b"", 9).await, keys(&[]));
    assert_eq!(store.scan(Table::Codes, IndexValue([1; 32]), 9, NOW).await, Ok(vec![]));
    committed(store, vec![Step::Insert { table: Table::Codes, row: shared }]).await;
}

async fn purge_forgets_what_expired_and_nothing_else(store: &dyn Store) {
    let steps = vec![
        insert(row(b"never", None, &[1], b"")),
        insert(row(b"early", Some(at(10)), &[1], b"")),
        insert(row(b"late", Some(at(20)), &[1], b"")),
        insert(row(b"before 1970", Some(UnixTime::from_secs(-5)), &[1], b"")),
        claim(b"id", 10),
    ];
    committed(store, steps).await;
    assert_eq!(store.purge(at(9), 9).await, Ok(1));
    assert_eq!(store.purge(at(10), 1).await, Ok(1), "at most the limit");
    assert_eq!(store.purge(at(10), 9).await, Ok(1));
    assert_eq!(store.purge(at(10), 9).await, Ok(0));
    assert_eq!(list(store, Table::Grants, b"", 9).await, keys(&[b"late", b"never"]));
    assert_eq!(store.purge(at(1_000_000), 9).await, Ok(1));
    assert_eq!(list(store, Table::Grants, b"", 9).await, keys(&[b"never"]), "what never expires stays");
}

async fn a_clock_set_back_does_not_reopen_what_was_purged(store: &dyn Store) {
    committed(store, vec![claim(b"id", 10)]).await;
    assert_eq!(store.purge(at(10), 9).await, Ok(1));
    assert_eq!(commit(store, vec![claim(b"id", 10)]).await, Commit::Refused { step: 0 }, "forgotten is not fresh");
}

async fn rows_that_cannot_be_kept_are_errors(store: &dyn Store) {
    let steps = vec![claim(b"id", 60), insert(Row { key: start(), ..row(b"k", None, &[], b"") })];
    assert!(store.commit(steps, NOW).await.is_err(), "the empty key");
    let steps = vec![claim(b"id", 60), insert(row(b"k", None, &[0; 256], b""))];
    assert!(store.commit(steps, NOW).await.is_err(), "more index values than can be kept");
    let steps = vec![claim(b"id", 60), insert(row(b"k", None, &[], &vec![0; (1 << 20) + 1]))];
    assert!(store.commit(steps, NOW).await.is_err(), "more bytes than can be kept");
    committed(store, vec![claim(b"id", 60)]).await;
}

fn of_concurrent_claims_exactly_one_wins(store: &dyn Store) {
    const THREADS: usize = 8;
    const IDS: u32 = 50;
    const IDS_COUNT: usize = 50;
    let won = together(THREADS, |_| {
        let mut won = 0_usize;
        for id in 0..IDS {
            // Two ids in one commit, so that a half-done commit would show as a pair nobody won.
            let steps = vec![claim(&id.to_be_bytes(), 60), claim(&(id + IDS).to_be_bytes(), 60)];
            if block_on(store.commit(steps, NOW)) == Ok(Commit::Committed) {
                won += 1;
            }
        }
        won
    });
    assert_eq!(won.into_iter().sum::<usize>(), IDS_COUNT, "each id is won exactly once");
}

async fn of_concurrent_replacements_none_is_lost(store: &dyn Store) {
    const THREADS: usize = 4;
    const ROUNDS: usize = 20;
    committed(store, vec![insert(row(b"n", None, &[], b""))]).await;
    together(THREADS, |_| {
        let mut done = 0;
        while done < ROUNDS {
            let before = block_on(store.read(Table::Grants, &key(b"n"), NOW))
                .expect("the store answers")
                .expect("the row is there");
            let after = Row { version: before.version + 1, ..before };
            let steps = vec![Step::Replace { table: Table::Grants, row: after }];
            if block_on(store.commit(steps, NOW)) == Ok(Commit::Committed) {
                done += 1;
            }
        }
    });
    let end = store.read(Table::Grants, &key(b"n"), NOW).await.expect("the store answers").expect("the row is there");
    assert_eq!(end.version, 81);
}

/// Runs `work` on `threads` threads that start together.
pub(crate) fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = std::sync::Barrier::new(threads);
    thread::scope(|scope| {
        let running = (0..threads)
            .map(|index| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(index)
                })
            })
            .collect::<Vec<_>>();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    })
}

/// Waits for `future` on this thread.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().build().expect("a runtime can be built").block_on(future)
}

fn at(seconds: u64) -> UnixTime {
    NOW.plus(ingam_wire::Seconds::new(seconds))
}

fn start() -> RowKey {
    RowKey::new(b"").expect("short enough")
}

fn key(bytes: &[u8]) -> RowKey {
    RowKey::new(bytes).expect("at most 64 bytes")
}

fn keys(names: &[&[u8]]) -> Vec<RowKey> {
    names.iter().map(|name| key(name)).collect()
}

fn row(name: &[u8], expires: Option<UnixTime>, index: &[u8], sealed: &[u8]) -> Row {
    let index = index.iter().map(|value| IndexValue([*value; 32])).collect();
    Row { key: key(name), version: 1, expires, index, sealed: sealed.to_vec() }
}

fn claim(id: &[u8], seconds: u64) -> Step {
    Step::Claim { table: Table::Claims, key: key(id), expires: at(seconds) }
}

fn insert(row: Row) -> Step {
    Step::Insert { table: Table::Grants, row }
}

fn event(name: &[u8]) -> Step {
    Step::Event { row: row(name, None, &[], b"event") }
}

async fn commit(store: &dyn Store, steps: Vec<Step>) -> Commit {
    store.commit(steps, NOW).await.expect("the store answers")
}

async fn committed(store: &dyn Store, steps: Vec<Step>) {
    assert_eq!(commit(store, steps).await, Commit::Committed);
}

async fn list(store: &dyn Store, table: Table, after: &[u8], limit: usize) -> Vec<RowKey> {
    let rows = store.list(table, &key(after), limit, NOW).await.expect("the store answers");
    rows.into_iter().map(|row| row.key).collect()
}
