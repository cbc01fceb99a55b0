//! The eight steps of X.1149.
#![expect(clippy::indexing_slicing, reason = "a JSON value gives null where a member is missing")]

use http::header::{AUTHORIZATION, HeaderName};
use ingam::{
    fintech::{AccessId, LocalUser, Wanted},
    protocol::{
        Amount, IdempotencyKey, Period, RegistrationRequest, Service,
        details::{AccountReference, Cycle},
        usage::{PaymentOrder, PaymentStatus, TransactionQuery},
    },
};

use crate::{
    report::Report,
    stage::{Failure, PASSWORD, Stage, USER},
    user,
    user_agent::Landed,
};

/// What the walk leaves behind for the attacker to start from.
pub(crate) struct Walked {
    /// The fintech's name for its access key.
    pub(crate) access: AccessId,
    /// The order that was paid.
    pub(crate) order: PaymentOrder,
}

/// The accounts that the user opens to the fintech, one at each bank.
pub(crate) const OPENED: [&str; 2] = ["hg-1001", "ns-1003"];

/// Walks A① to A④ and B① to B④.
pub(crate) async fn walk(stage: &Stage, report: &mut Report) -> Result<Walked, Failure> {
    refused_consent(stage, report).await?;
    let access = register(stage, report).await?;
    let order = use_it(stage, report, &access).await?;
    Ok(Walked { access, order })
}

fn asked() -> Result<Wanted, Failure> {
    let period = Period { cycle: Cycle::Daily, end_date: "2027-06-30".parse()?, retention_days: 90 };
    let services = [Service::Balance, Service::Transactions, Service::Transfer];
    let request = RegistrationRequest::new(&services, "가계부와 자동이체 · budget and transfers", period, Vec::new())?;
    Ok(Wanted::service(&request)?)
}

/// Before anything else: a user who says no.
async fn refused_consent(stage: &Stage, report: &mut Report) -> Result<(), Failure> {
    println!("\nFirst a user who refuses");
    let fintech = &stage.budget.fintech;
    let redirect = fintech.begin(&stage.issuer, "user-7".parse()?, asked()?).await?;
    let mut browser = user::sent(stage, &redirect);
    let Landed::Page(page) = browser.open(&redirect.url).await? else { return Err("no page was shown".into()) };
    let Landed::Home(back) = browser.submit(&page, &[], "deny").await? else { return Err("no way back".into()) };
    let (query, cookies) = user::back(&browser, &back);
    let refused = fintech.complete(&query, &cookies).await;
    let name = refused.as_ref().err().map(|error| error.to_string()).unwrap_or_default();
    report.shows(&format!("back at the fintech: {name}"));
    report.proves(
        "a refusal comes back as access_denied and leaves nothing",
        back.contains("error=access_denied") && refused.is_err(),
    );
    stage.witness.refused();
    Ok(())
}

async fn register(stage: &Stage, report: &mut Report) -> Result<AccessId, Failure> {
    report.step("A①", "the user asks the fintech for a service");
    let user: LocalUser = "user-42".parse()?;
    let wanted = asked()?;
    let details = wanted.authorization_details.as_ref().map(|details| details.to_json()).unwrap_or_default();
    report.shows(&format!("authorization_details {details}"));
    report.proves(
        "it names items, purpose, cycle, end and retention (신용정보법 제33조의2)",
        details.contains("ingam_service"),
    );

    report.step("A②", "the fintech asks the operator for an access key: discovered, pushed, authenticated");
    let fintech = &stage.budget.fintech;
    let redirect = fintech.begin(&stage.issuer, user, wanted).await?;
    let (push, pushed) = stage.budget.tap.last("/par").ok_or("nothing was pushed")?;
    let form = String::from_utf8_lossy(push.body()).into_owned();
    report.shows(&format!("POST {} → {}", push.uri(), pushed.status()));
    report.proves(
        "the operator's metadata named the issuer that was configured (RFC 8414)",
        stage.budget.tap.last("/.well-known/oauth-authorization-server").is_some(),
    );
    report.proves(
        "pushed with PKCE S256, private_key_jwt and a DPoP proof: 201",
        pushed.status() == 201
            && form.contains("code_challenge_method=S256")
            && form.contains("client_assertion=")
            && push.headers().contains_key("dpop"),
    );
    let query = redirect.url.split_once('?').map_or("", |(_, query)| query);
    report.proves(
        "the browser carries client_id and request_uri, nothing else",
        query.split('&').count() == 2 && query.contains("request_uri="),
    );

    report.step("A③", "the operator authenticates the user and shows exactly what is asked");
    let mut browser = user::sent(stage, &redirect);
    let Landed::Page(login) = browser.open(&redirect.url).await? else { return Err("no page was shown".into()) };
    report.proves(
        "page 1 says who asks, for what, why and until when",
        login.status == 200
            && ["Budget App", "budget and transfers", "2027-06-30"].iter().all(|text| login.html.contains(text)),
    );
    let wrong = browser.submit(&login, &[("username", USER), ("password", "wrong")], "approve").await?;
    report.proves(
        "a wrong password leads nowhere",
        matches!(&wrong, Landed::Page(page) if page.html.contains("password"))
            && stage.witness.refused() == ["WrongPassword"],
    );
    let filled = [("username", USER), ("password", PASSWORD)];
    let Landed::Page(picker) = browser.submit(&login, &filled, "approve").await? else {
        return Err("no picker".into());
    };
    let accounts = OPENED.map(|id| ("account", id));
    report.proves(
        "page 2 lets the user choose among their own accounts at both banks",
        OPENED.iter().all(|id| picker.html.contains(id)),
    );
    let Landed::Home(back) = browser.submit(&picker, &accounts, "approve").await? else {
        return Err("no way back".into());
    };

    report.step("A④", "the code comes back and becomes an access key that only this fintech can use");
    let (query, cookies) = user::back(&browser, &back);
    report.proves("the code came with iss (RFC 9207) and state", query.contains("iss=") && query.contains("state="));
    let access = fintech.complete(&query, &cookies).await?;
    let (_, token) = stage.budget.tap.last("/token").ok_or("no token request")?;
    let answer: serde_json::Value = serde_json::from_slice(token.body())?;
    let claims = claims_of(answer["access_token"].as_str().unwrap_or_default())?;
    report.shows(&format!(
        "at+jwt for {} of {}, {} s, accounts {}",
        claims["sub"], claims["client_id"], answer["expires_in"], claims["accounts"]
    ));
    report.proves(
        "token_type DPoP, at most 300 s, with a refresh token",
        answer["token_type"] == "DPoP"
            && answer["expires_in"].as_u64().is_some_and(|life| life <= 300)
            && answer["refresh_token"].is_string(),
    );
    let jkt = stage.budget.proof_key.verifying_key().thumbprint().to_base64url();
    report
        .proves("cnf.jkt is the thumbprint of the fintech's own key (RFC 9449)", claims["cnf"]["jkt"] == jkt.as_str());
    report.proves(
        "aud, authorization_details and the chosen accounts stand in it (RFC 9068, RFC 9396)",
        claims["aud"] == stage.issuer.as_str()
            && claims["authorization_details"].is_array()
            && claims["accounts"].as_array().is_some_and(|accounts| accounts.len() == 2),
    );
    Ok(access)
}

async fn use_it(stage: &Stage, report: &mut Report, access: &AccessId) -> Result<PaymentOrder, Failure> {
    let fintech = &stage.budget.fintech;
    report.step("B①", "the user asks the fintech: how much do I have?");
    report.shows("the fintech serves it by calls of its own, each with a fresh proof and signature");

    report.step("B②", "the fintech presents access key, proof and signed request");
    let accounts = fintech.accounts(access).await?;
    let (call, answered) = stage.budget.tap.last("/accounts").ok_or("no call")?;
    let header = |name: &HeaderName| {
        call.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let input = header(&HeaderName::from_static("signature-input"));
    report.shows(&format!("GET {} · {} …", call.uri(), header(&AUTHORIZATION).chars().take(24).collect::<String>()));
    report.proves(
        "the signature covers method, target, authorization and proof (RFC 9421)",
        ["@method", "@target-uri", "authorization", "dpop"]
            .iter()
            .all(|component| input.contains(&format!("\"{component}\""))),
    );

    report.step("B③", "the operator answers, signed and bound to the request");
    let answer_input =
        answered.headers().get("signature-input").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    report.proves(
        "the answer's signature covers status, digest and the request's method, target and signature (;req)",
        ["\"@status\"", "\"content-digest\"", "\"@method\";req", "\"@target-uri\";req", "\"signature\";req"]
            .iter()
            .all(|component| answer_input.contains(component)),
    );
    report.proves(
        "only the accounts that were consented to are there, from both banks",
        accounts.accounts.len() == 2 && accounts.accounts.iter().all(|account| OPENED.contains(&account.id.as_str())),
    );

    report.step("B④", "the fintech verified before it parsed, and serves the user");
    stage.renew_certificate()?;
    stage.operator.tend().await?;
    for account in &accounts.accounts {
        let balance = fintech.balance(access, &account.id).await?;
        let page = fintech.transactions(access, &account.id, &TransactionQuery::default()).await?;
        report.shows(&format!(
            "{} {} · {} · {} transactions on the first page",
            account.bank,
            account.name.ko,
            balance.amount,
            page.transactions.len()
        ));
        report.proves(
            "balance and transactions are the bank's, in minor units and currency",
            !page.transactions.is_empty() && balance.amount.currency() == account.currency,
        );
    }
    let order = PaymentOrder {
        debtor_account: OPENED[0].parse()?,
        amount: Amount::parse("12000", "KRW".parse()?)?,
        creditor_name: "김민준".parse()?,
        creditor_account: AccountReference::Korean { bank_code: "097".into(), number: "1102030405".into() },
        remittance: Some("점심값 · lunch".parse()?),
    };
    let key: IdempotencyKey = "lunch-2026-11-25".parse()?;
    let before = fintech.balance(access, &order.debtor_account).await?;
    let paid = fintech.pay(access, &order, &key).await?;
    report.shows(&format!("POST /payments {} to {} → {:?}", order.amount, order.creditor_name, paid.status));
    report.proves("the payment ended Completed", paid.status == PaymentStatus::Completed);
    let again = fintech.pay(access, &order, &key).await?;
    let after = fintech.balance(access, &order.debtor_account).await?;
    report.proves(
        "the same idempotency key is the same payment: the money moved once",
        again.id == paid.id && before.amount.minor() - after.amount.minor() == order.amount.minor(),
    );
    let status = fintech.payment(access, &paid.id).await?;
    report.proves("GET /payments/{id} resolves it", status.status == PaymentStatus::Completed);
    report.proves("nothing was refused on the way", stage.witness.refused().is_empty());
    Ok(order)
}

/// What a token says, to print it; nothing is decided here.
fn claims_of(token: &str) -> Result<serde_json::Value, Failure> {
    let payload = token.split('.').nth(1).ok_or("not a JWT")?;
    Ok(serde_json::from_slice(&ingam::wire::base64url::decode(payload)?)?)
}
