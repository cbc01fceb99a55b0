//! Races at one store: whatever is used once is used once, and a revocation is not undone.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use http::Method;
use ingam_access_key::*;
use ingam_jose::SignatureAlgorithm;
use ingam_keys::Records;
use ingam_ports::{Commit, ReplayError, ReplayGuard, Row, Store, Table, settle};
use ingam_store::{MemoryStore, StoreReplayGuard};
use ingam_wire::Seconds;

use crate::party::*;

const THREADS: usize = 100;
const ROUNDS: usize = 1_000;

/// fapi: DP-7, SP-K-10
#[test]
fn sr_36_of_a_hundred_presentations_of_one_proof_on_two_nodes_one_succeeds() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let nodes = [
        StoreReplayGuard::new(Arc::clone(&store), Seconds::new(3600)),
        StoreReplayGuard::new(Arc::clone(&store), Seconds::new(3600)),
    ];
    let holder = key(SignatureAlgorithm::EdDsa);
    let url = url(TOKEN_ENDPOINT);
    let target = ProofTarget { method: &Method::POST, url: &url, access_key: None };
    // The checks are pure and were made once; what races is the claim, in every round at every node.
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let token = ready(make_proof(&holder, provider(), target, None, NOW)).unwrap();
            let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: None };
            claims_of(check.check(&dpop_headers(&token), target, NOW).unwrap())
        })
        .collect();
    let barrier = Barrier::new(THREADS);
    let wins: Vec<std::sync::atomic::AtomicUsize> = (0..ROUNDS).map(|_| Default::default()).collect();
    thread::scope(|scope| {
        for at in 0..THREADS {
            let (rounds, nodes, barrier, wins) = (&rounds, &nodes, &barrier, &wins);
            scope.spawn(move || {
                let guard: &dyn ReplayGuard = &nodes[at % 2];
                barrier.wait();
                for (round, claims) in rounds.iter().enumerate() {
                    let unclaimed = ingam_ports::Unclaimed::new((), claims.clone());
                    match ready(settle(unclaimed, guard, Default::default(), NOW)) {
                        Ok(_) => {
                            wins[round].fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        }
                        Err(ReplayError::Replayed(_)) => {}
                        Err(ReplayError::Unavailable) => panic!("the store answers"),
                    }
                }
            });
        }
    });
    for (round, wins) in wins.iter().enumerate() {
        assert_eq!(wins.load(std::sync::atomic::Ordering::SeqCst), 1, "round {round}");
    }
}

fn records() -> (Arc<dyn Store>, Records) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let records = Records::new(Arc::clone(&store), Arc::new(sealer()));
    (store, records)
}

/// fapi: SP-AZ-15, PA-6
#[test]
fn sr_50_a_pushed_request_completes_once_though_it_was_opened_twice() {
    let (_, records) = records();
    let fintech = Fintech::new("client-1");
    let form = PushedForm::Plain(Box::new(authorization_request(&verifier())));
    let who = fintech.authenticated(NOW);
    let random = provider().randomness();
    let (reference, pushed) = PushedRequest::accept(&who, form, None, &[], &POLICY, NOW, random).unwrap();
    let key = reference.row_key(records.sealer());
    let insert = records.insert(key.clone(), Some(pushed.keep_until()), Vec::new(), &pushed).unwrap();
    assert_eq!(ready(records.commit(vec![insert], NOW)), Ok(Commit::Committed));
    let open = || ready(records.read::<PushedRequest>(&key, NOW)).unwrap().unwrap();
    let (one, two) = (open(), open());
    let complete = |stored: ingam_keys::Stored<PushedRequest>| {
        let take = records.take(&stored);
        let issued = consented(&fintech, stored.record).issue_code(&POLICY, NOW, provider().randomness()).unwrap();
        let code_key = issued.code.row_key(records.sealer());
        let code = records.insert(code_key, Some(issued.record.keep_until()), Vec::new(), &issued.record).unwrap();
        ready(records.commit(vec![take, code], NOW)).unwrap()
    };
    assert_eq!(complete(one), Commit::Committed);
    assert_eq!(complete(two), Commit::Refused { step: 0 });
    assert!(ready(records.read::<PushedRequest>(&key, NOW)).unwrap().is_none(), "and never opens again");
}

/// fapi: SP-AZ-9, OA-5
#[test]
fn sr_55_two_redemptions_at_once_leave_one_and_a_revocation_is_not_undone() {
    let (_, records) = records();
    let fintech = Fintech::new("client-1");
    let verifier = verifier();
    let issued = issued_code(&fintech, &verifier, |_| {});
    let code_key = issued.code.row_key(records.sealer());
    let grant_key = Grant::row_key(issued.grant.id()).unwrap();
    let steps = vec![
        records.insert(code_key.clone(), Some(issued.record.keep_until()), Vec::new(), &issued.record).unwrap(),
        records.insert(grant_key.clone(), None, issued.grant.index(records.sealer()), &issued.grant).unwrap(),
    ];
    assert_eq!(ready(records.commit(steps, NOW)), Ok(Commit::Committed));
    let read_code = || ready(records.read::<CodeIssued>(&code_key, NOW)).unwrap().unwrap();
    let read_grant = || ready(records.read::<Grant>(&grant_key, NOW)).unwrap().unwrap();
    let redeem = Redeem {
        redirect_uri: &issued.redirect_uri,
        verifier: Some(&verifier),
        proof: None,
        details: None,
        resources: &[],
    };
    let prepared: Vec<_> = (0..2)
        .map(|_| {
            let (code, grant) = (read_code(), read_grant());
            let who = fintech.authenticated(NOW);
            let redeemed = code.record.clone().redeem(grant.record.clone(), &who, redeem, provider(), NOW).unwrap();
            vec![records.replace(&code, redeemed.code()).unwrap(), records.replace(&grant, redeemed.grant()).unwrap()]
        })
        .collect();
    let outcomes: Vec<_> = prepared.into_iter().map(|steps| ready(records.commit(steps, NOW)).unwrap()).collect();
    assert_eq!(outcomes, [Commit::Committed, Commit::Refused { step: 0 }]);
    // The second presentation is noticed: the grant is revoked …
    let late_writer = read_grant();
    let current = read_grant();
    let revoked = current.record.clone().revoke(RevocationReason::CodeMisused, NOW).unwrap();
    let step = records.replace(&current, &revoked).unwrap();
    assert_eq!(ready(records.commit(vec![step], NOW)), Ok(Commit::Committed));
    // … and a refresh that had read the grant before cannot write it back.
    let redeemed = redeemed(&fintech, |_| {});
    let (_, refresh) = redeemed.refresh_token(NOW, provider().randomness()).unwrap();
    let touched = late_writer.record.clone().signed_with("key-1");
    let step = records.replace(&late_writer, &touched).unwrap();
    assert_eq!(ready(records.commit(vec![step], NOW)), Ok(Commit::Refused { step: 0 }));
    assert!(!read_grant().record.is_active(NOW));
    let again =
        read_grant().record.refresh(&refresh, &fintech.authenticated(NOW), RefreshTerms::default(), &POLICY, NOW);
    assert!(again.is_err());
}

#[test]
fn sr_52_of_two_refreshes_at_once_with_one_token_one_is_refused_by_the_store() {
    let (_, records) = records();
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |_| {});
    let (_, record) = redeemed.refresh_token(NOW, provider().randomness()).unwrap();
    let key = Grant::row_key(redeemed.grant().id()).unwrap();
    let insert = records.insert(key.clone(), None, Vec::new(), redeemed.grant()).unwrap();
    assert_eq!(ready(records.commit(vec![insert], NOW)), Ok(Commit::Committed));
    let prepared: Vec<_> = (0..2)
        .map(|_| {
            let stored = ready(records.read::<Grant>(&key, NOW)).unwrap().unwrap();
            let who = fintech.authenticated(after(1));
            let asked = RefreshTerms::default();
            let (grant, _) = stored.record.clone().refresh(&record, &who, asked, &POLICY, after(1)).unwrap();
            records.replace(&stored, &grant).unwrap()
        })
        .collect();
    let outcomes: Vec<_> = prepared.into_iter().map(|step| ready(records.commit(vec![step], NOW)).unwrap()).collect();
    assert_eq!(outcomes, [Commit::Committed, Commit::Refused { step: 0 }]);
}

/// fapi: SP-K-4
#[test]
fn sr_53_a_secret_of_one_table_is_not_found_in_another() {
    let (store, records) = records();
    let fintech = Fintech::new("client-1");
    let issued = issued_code(&fintech, &verifier(), |_| {});
    let key = issued.code.row_key(records.sealer());
    let insert = records.insert(key.clone(), None, Vec::new(), &issued.record).unwrap();
    assert_eq!(ready(records.commit(vec![insert], NOW)), Ok(Commit::Committed));
    assert!(ready(records.read::<CodeIssued>(&key, NOW)).unwrap().is_some());
    assert!(ready(records.read::<PushedRequest>(&key, NOW)).unwrap().is_none());
    assert!(ready(records.read::<RefreshRecord>(&key, NOW)).unwrap().is_none());
    // And the row holds neither the code nor what it stands for.
    let row: Row = ready(store.read(Table::Codes, &key, NOW)).unwrap().unwrap();
    let kept = [row.key.as_bytes(), &row.sealed].concat();
    for secret in [issued.code.expose(), "alice", "client-1", CALLBACK] {
        assert!(!kept.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}
