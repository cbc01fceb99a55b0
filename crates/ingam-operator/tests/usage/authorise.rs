//! `authorise` itself, on evidence of two calls: good halves of different calls make none.

use bytes::Bytes;
use http::{Method, Request};
use ingam_access_key::{Access, Environment, FintechRecord, Grant, PresentedAccessKey, TrustedIssuer, Verifier};
use ingam_jose::Signer as _;
use ingam_keys::Purpose;
use ingam_operator::{
    Bank as _, Profile,
    usage::{Asked, Circumstances, Decision, Denied, ReadBalance, authorise},
};
use ingam_ports::{Position, Risk, settle};
use ingam_protocol::usage::Account;
use ingam_store::MemoryReplayGuard;
use ingam_transaction::{
    Origin,
    policy::FAPI_2_REQUEST,
    request::{self, PresentedRequest, Sender, VerifiedRequest},
};
use ingam_wire::{HttpUrl, Seconds};
use std::sync::Arc;

use crate::world::{BASE, Fintech, PROVIDER, World};

const ALL: &str = "accounts balances transactions payments";

/// Verified halves, as a resource server makes them.
struct Halves<'a> {
    world: &'a World,
    verifier: Verifier,
    guard: MemoryReplayGuard,
}

impl<'a> Halves<'a> {
    fn of(world: &'a World) -> Self {
        let issuer = TrustedIssuer {
            issuer: BASE.parse().unwrap(),
            keys: world.keys.verifying(Purpose::SignAccessKeys, world.now()),
            not_before: None,
        };
        let policy = Arc::new(Profile::fapi2_security().access_key);
        let leeway = Seconds::new(10);
        let verifier = Verifier::new(vec![issuer], BASE.parse().unwrap(), leeway, policy, Arc::new(PROVIDER));
        Self { world, verifier, guard: MemoryReplayGuard::new(1_000, Seconds::new(300)) }
    }

    async fn access(&self, request: &Request<Bytes>) -> Access {
        let target: HttpUrl = request.uri().to_string().parse().unwrap();
        let presented = PresentedAccessKey::read(request.headers(), request.method(), &target, None).unwrap();
        let now = self.world.now();
        let unclaimed = self.verifier.check(&presented, None, now).unwrap();
        settle(unclaimed, &self.guard, Position(0), now).await.unwrap().0
    }

    async fn request(&self, fintech: &Fintech, request: Request<Bytes>) -> VerifiedRequest {
        let origin = Origin::of(&BASE.parse().unwrap()).unwrap();
        let presented = PresentedRequest::new(request, &origin).unwrap();
        let keys = ingam_jose::KeySet::new(vec![fintech.signing.verifying_key().clone()]);
        let id = fintech.id.parse().unwrap();
        let sender = Sender { fintech: &id, keys: &keys };
        let now = self.world.now();
        let unclaimed = request::check(presented, sender, &FAPI_2_REQUEST, &PROVIDER, now).unwrap();
        settle(unclaimed, &self.guard, Position(0), now).await.unwrap().0
    }

    async fn asked(&self, fintech: &Fintech, request: Request<Bytes>) -> Asked<ReadBalance> {
        Asked::read_balance(self.request(fintech, request).await).unwrap()
    }
}

async fn grant(world: &World, access: &Access) -> Grant {
    let key = Grant::row_key(access.verified().grant().unwrap()).unwrap();
    world.records.read::<Grant>(&key, world.now()).await.unwrap().unwrap().record
}

async fn accounts(world: &World) -> Vec<Account> {
    world.bank.accounts(&"alice".parse().unwrap()).await.unwrap()
}

fn denied(decision: Decision<ReadBalance>) -> Option<Denied> {
    match decision {
        Decision::Deny(denied) => Some(denied),
        _ => None,
    }
}

#[tokio::test]
async fn x1149_3_1_16_4_halves_of_two_calls_do_not_make_one() {
    let world = World::new().await;
    let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let token = world.consent(&fintech, ALL, None).await;
    let second = world.consent(&fintech, ALL, None).await;
    let halves = Halves::of(&world);
    let call = async |fintech: &Fintech, token: &str, method: Method, path: &str| {
        let request = world.call(fintech, token, method, path).await;
        let (signed, _) = world.sign(fintech, request).await;
        signed
    };
    let path = "/accounts/hg-1001/balance";
    let access = halves.access(&call(&fintech, &token, Method::GET, path).await).await;
    let (grant, accounts) = (grant(&world, &access).await, accounts(&world).await);
    let record = FintechRecord::new(fintech.entry()).unwrap();
    let circumstances = Circumstances {
        fintech: &record,
        grant: Some(&grant),
        environment: Environment::Test,
        accounts: &accounts,
        payment: None,
        blocked: false,
        risk: Risk::Allow,
        now: world.now(),
    };
    let decide = |asked| authorise(&access, asked, None, &circumstances);

    let same = halves.asked(&fintech, call(&fintech, &token, Method::GET, path).await).await;
    let Decision::Allow(allowed) = decide(same) else { panic!("two halves of one call make one") };
    assert_eq!((allowed.user().as_str(), allowed.fintech().as_str()), ("alice", "client-1"));
    assert_eq!(allowed.accounts().iter().map(|account| account.id.as_str()).collect::<Vec<_>>(), ["hg-1001"]);

    for (request, sender, reason) in [
        (call(&fintech, &second, Method::GET, path).await, &fintech, Denied::AccessKeyDiffers),
        (call(&fintech, &token, Method::DELETE, path).await, &fintech, Denied::MethodDiffers),
        (call(&fintech, &token, Method::GET, "/accounts/hg-1002/balance").await, &fintech, Denied::TargetDiffers),
        (call(&fintech, &token, Method::GET, &format!("{path}?x=1")).await, &fintech, Denied::TargetDiffers),
        (call(&other, &token, Method::GET, path).await, &other, Denied::FintechDiffers),
    ] {
        let asked = halves.asked(sender, request).await;
        assert_eq!(denied(decide(asked)), Some(reason));
    }
}

#[tokio::test]
async fn x1149_3_1_16_4_whatever_no_rule_permits_is_denied() {
    let world = World::new().await;
    let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let token = world.consent(&fintech, ALL, None).await;
    let theirs = world.consent(&other, ALL, None).await;
    let halves = Halves::of(&world);
    let path = "/accounts/hg-1001/balance";
    let signed = async |fintech: &Fintech, token: &str| {
        let (signed, _) = world.sign(fintech, world.call(fintech, token, Method::GET, path).await).await;
        signed
    };
    let access = halves.access(&signed(&fintech, &token).await).await;
    let grant_of_another = grant(&world, &halves.access(&signed(&other, &theirs).await).await).await;
    let (grant, accounts) = (grant(&world, &access).await, accounts(&world).await);
    let revoked = grant.clone().revoke(ingam_access_key::RevocationReason::User, world.now()).unwrap();
    let record = |change: fn(&mut ingam_access_key::FintechEntry)| {
        let mut entry = fintech.entry();
        change(&mut entry);
        FintechRecord::new(entry).unwrap()
    };
    let active = record(|_| {});
    let suspended = record(|entry| entry.status = ingam_access_key::FintechStatus::Suspended);
    let live = record(|entry| entry.environment = Environment::Live);
    let another = FintechRecord::new(other.entry()).unwrap();
    let good = Circumstances {
        fintech: &active,
        grant: Some(&grant),
        environment: Environment::Test,
        accounts: &accounts,
        payment: None,
        blocked: false,
        risk: Risk::Allow,
        now: world.now(),
    };
    for (circumstances, reason) in [
        (good, None),
        (Circumstances { fintech: &another, ..good }, Some(Denied::FintechDiffers)),
        (Circumstances { fintech: &suspended, ..good }, Some(Denied::FintechNotActive)),
        (Circumstances { fintech: &live, ..good }, Some(Denied::EnvironmentDiffers)),
        (Circumstances { environment: Environment::Live, ..good }, Some(Denied::EnvironmentDiffers)),
        (Circumstances { grant: None, ..good }, Some(Denied::NoConsent)),
        (Circumstances { grant: Some(&grant_of_another), ..good }, Some(Denied::ConsentDiffers)),
        (Circumstances { grant: Some(&revoked), ..good }, Some(Denied::ConsentOver)),
        (Circumstances { now: grant.expires(), ..good }, Some(Denied::ConsentOver)),
        (Circumstances { accounts: &[], ..good }, Some(Denied::AccountNotTheUsers)),
        (Circumstances { blocked: true, ..good }, Some(Denied::Blocked)),
        (Circumstances { risk: Risk::Deny, ..good }, Some(Denied::RefusedByRisk)),
    ] {
        let asked = halves.asked(&fintech, signed(&fintech, &token).await).await;
        assert_eq!(denied(authorise(&access, asked, None, &circumstances)), reason);
    }
    let decide = async |risk| {
        let asked = halves.asked(&fintech, signed(&fintech, &token).await).await;
        authorise(&access, asked, None, &Circumstances { risk, ..good })
    };
    let later = world.now().plus(Seconds::new(1));
    assert!(matches!(decide(Risk::StepUp).await, Decision::StepUp));
    assert!(matches!(decide(Risk::Hold).await, Decision::Hold));
    assert!(matches!(decide(Risk::Delay(later)).await, Decision::Delay(until) if until == later));
}

#[tokio::test]
async fn x1149_3_1_9_2_a_service_opens_its_items_and_accounts_until_its_last_day() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    // 2026-01-02 in the test's clock: the service ends with that day, in Korea.
    let details = r#"[{"type":"ingam_service","items":["balance"],"purpose":"가계부","cycle":"daily",
        "end_date":"2026-01-02","retention_days":30,"accounts":[{"id":"hg-1001"}]}]"#;
    let token = world.consent(&fintech, "", Some(details)).await;
    let status = async |path: &str| {
        let answer = world.send(world.call(&fintech, &token, Method::GET, path).await).await;
        (answer.status().as_u16(), world.last_refusal())
    };
    assert_eq!(status("/accounts/hg-1001/balance").await.0, 200);
    assert_eq!(status("/accounts/hg-1001/transactions").await, (403, Some("OperationNotCovered")));
    assert_eq!(status("/accounts/ns-1003/balance").await, (403, Some("AccountNotConsented")));
    let ends = ingam_protocol::Date::new(2026, 1, 2).unwrap().ends(9 * 3_600);
    let left = Seconds::new(u64::try_from(ends.since(world.now())).unwrap());
    assert!(left.get() > 300, "the day ends after the access key: consent anew late in the evening");
    world.clock.set(ends.minus(Seconds::new(60)));
    world.keys.refresh(world.now()).await.unwrap();
    let token = world.consent(&fintech, "", Some(details)).await;
    let status = async |path: &str| {
        let answer = world.send(world.call(&fintech, &token, Method::GET, path).await).await;
        (answer.status().as_u16(), world.last_refusal())
    };
    world.clock.set(ends.minus(Seconds::new(1)));
    assert_eq!(status("/accounts/hg-1001/balance").await.0, 200);
    world.clock.set(ends);
    assert_eq!(status("/accounts/hg-1001/balance").await, (403, Some("OperationNotCovered")));
}
