use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use ingam_ports::{BODY_LIMIT, Endpoint as _, RowKey, Store as _, Table};

use crate::{
    payments::order,
    world::{BASE, Fintech, World, field},
};

const ALL: &str = "accounts balances transactions payments";
const RESOURCES: [(Method, &str); 5] = [
    (Method::GET, "/accounts"),
    (Method::GET, "/accounts/hg-1001/balance"),
    (Method::GET, "/accounts/hg-1001/transactions"),
    (Method::POST, "/payments"),
    (Method::GET, "/payments/0123"),
];

async fn start() -> (World, Fintech, String) {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    (world, fintech, token)
}

/// A good call of each resource, to be spoilt.
async fn good(world: &World, fintech: &Fintech, token: &str, method: Method, path: &str) -> Request<Bytes> {
    let body = if method == Method::POST { order("hg-1001", "5000") } else { String::new() };
    let fields = [("idempotency-key", "key-1")];
    let fields = if method == Method::POST { &fields[..] } else { &[] };
    world.call_with(fintech, token, method, path, fields, &body).await
}

async fn expect(world: &World, request: Request<Bytes>, status: StatusCode, what: &str) {
    let answer = world.send(request).await;
    assert_eq!(answer.status(), status, "{what}: {:.200?}", answer.body());
    assert_eq!(field(answer.headers(), "cache-control"), Some("no-cache, no-store"), "{what}");
    let start = RowKey::new(b"").unwrap();
    for table in [Table::Payments, Table::Idempotency, Table::Approvals] {
        assert_eq!(world.store.list(table, &start, 9, world.now()).await.unwrap(), [], "{what}: nothing is stored");
    }
    assert_eq!(world.bank.paid(), 0, "{what}");
}

#[tokio::test]
async fn bad_header_fields_are_refused_at_every_resource() {
    let (world, fintech, token) = start().await;
    for (method, path) in RESOURCES {
        let call = async || good(&world, &fintech, &token, method.clone(), path).await;
        let what = format!("{method} {path}");

        let mut huge = call().await;
        huge.headers_mut().insert("x-padding", HeaderValue::try_from("a".repeat(1 << 20)).unwrap());
        expect(&world, huge, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, &what).await;

        let mut many = call().await;
        for _ in 0..5_000 {
            many.headers_mut().append("x-padding", HeaderValue::from_static("0123456789"));
        }
        expect(&world, many, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, &what).await;

        let mut twice = call().await;
        let first = twice.headers()[header::AUTHORIZATION].clone();
        twice.headers_mut().append(header::AUTHORIZATION, first);
        expect(&world, twice, StatusCode::BAD_REQUEST, &what).await;

        let mut foreign = call().await;
        foreign.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_bytes(b"DPoP \xff\xfe").unwrap());
        expect(&world, foreign, StatusCode::BAD_REQUEST, &what).await;

        let mut two_proofs = call().await;
        let proof = two_proofs.headers()["dpop"].clone();
        two_proofs.headers_mut().append("dpop", proof);
        expect(&world, two_proofs, StatusCode::UNAUTHORIZED, &what).await;

        let mut no_proof = call().await;
        no_proof.headers_mut().insert("dpop", HeaderValue::from_bytes(b"\xff").unwrap());
        expect(&world, no_proof, StatusCode::UNAUTHORIZED, &what).await;

        for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "....", "ïngam"] {
            let mut bad = call().await;
            let value = HeaderValue::from_bytes(format!("DPoP {token}").as_bytes()).unwrap();
            bad.headers_mut().insert(header::AUTHORIZATION, value);
            let answer = world.send(bad).await;
            assert!([400, 401].contains(&answer.status().as_u16()), "{what} {token}");
        }
    }
}

#[tokio::test]
async fn wrong_methods_are_told_the_right_ones() {
    let (world, fintech, token) = start().await;
    for (method, path) in RESOURCES {
        for wrong in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD] {
            if wrong == method {
                continue;
            }
            let request = world.call(&fintech, &token, wrong.clone(), path).await;
            let answer = world.send(request).await;
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{wrong} {path}");
            assert_eq!(field(answer.headers(), "allow"), Some(method.as_str()));
        }
    }
}

#[tokio::test]
async fn paths_that_are_no_resource_are_404_for_everybody() {
    let (world, fintech, token) = start().await;
    for path in [
        "/accounts/",
        "/accounts/hg-1001",
        "/accounts//balance",
        "/accounts/hg-1001/balance/",
        "/accounts/hg-1001/everything",
        "/accounts/%2e%2e/balance",
        "/accounts/hg%2d1001/balance",
        "/accounts/hg-1001/transactions/t0001",
        "/payments/",
        "/payments/a/b",
        "/payments/by-key/",
        "/payments/%00",
    ] {
        let answer = world.send(world.call(&fintech, &token, Method::GET, path).await).await;
        let status = answer.status();
        assert!([StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST].contains(&status), "{path}: {status}");
    }
    let long = format!("/accounts/{}/balance", "a".repeat(20_000));
    let request = Request::get(format!("{BASE}{long}")).body(Bytes::new()).unwrap();
    assert_eq!(world.send(request).await.status(), StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn queries_of_transactions_are_read_strictly() {
    let (world, fintech, token) = start().await;
    for query in [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=1e2",
        "limit=10&limit=10",
        "from=2025-02-30",
        "from=2025-1-1",
        "from=2025-03-02&to=2025-03-01",
        "cursor=%00",
        "cursor=t9999",
        "from=%ff%fe",
    ] {
        let path = format!("/accounts/hg-1001/transactions?{query}");
        expect(&world, world.call(&fintech, &token, Method::GET, &path).await, StatusCode::BAD_REQUEST, query).await;
    }
    let path = "/accounts/hg-1001/transactions?limit=1&utm_source=x";
    let answer = world.send(world.call(&fintech, &token, Method::GET, path).await).await;
    assert_eq!(answer.status(), StatusCode::OK, "parameters that are not ours are ignored");
}

#[tokio::test]
async fn a_body_where_none_belongs_is_refused() {
    let (world, fintech, token) = start().await;
    for (method, path) in RESOURCES.into_iter().filter(|(method, _)| *method == Method::GET) {
        let request = world.call_with(&fintech, &token, method, path, &[], "{}").await;
        expect(&world, request, StatusCode::BAD_REQUEST, path).await;
    }
}

#[tokio::test]
async fn bodies_that_are_no_payment_order_are_refused() {
    let (world, fintech, token) = start().await;
    let good = order("hg-1001", "5000");
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (body, what) in [
        (String::from_utf8_lossy(&[0xff, 0xfe]).into_owned(), "no JSON"),
        ("{}".to_owned(), "members missing"),
        ("[]".to_owned(), "no object"),
        ("null".to_owned(), "null"),
        (deep(10_000), "10,000 deep"),
        (format!("{{\"a\":{}}}", deep(10_000)), "10,000 deep inside"),
        (good.replacen('{', r#"{"debtorAccount":"hg-1001","#, 1), "a member twice"),
        (good.replacen('{', r#"{"urgent":true,"#, 1), "an unknown member"),
        (good.replace(r#""5000""#, "5000"), "an amount as number"),
        (good.replace("5000", "-5000"), "a negative amount"),
        (good.replace("5000", "0"), "an amount of nothing"),
        (good.replace("5000", "50.5"), "half a won"),
        (good.replace("5000", "5e3"), "an exponent"),
        (good.replace("KRW", "krw"), "a currency in small letters"),
        (good.replace("박지호", " "), "a blank name"),
        (good.replace("점심값", "a\u{202e}b"), "text that turns around"),
        (format!("{good}x"), "something behind it"),
        (format!("{good}{}", " ".repeat(100_000)), "too long"),
    ] {
        let fields = [("idempotency-key", "key-1")];
        let request = world.call_with(&fintech, &token, Method::POST, "/payments", &fields, &body).await;
        expect(&world, request, StatusCode::BAD_REQUEST, what).await;
    }
    let mut raw = good_post(&world, &fintech, &token).await;
    *raw.body_mut() = Bytes::from_static(b"{\"debtorAccount\":\"\xff\xfe\"}");
    expect(&world, raw, StatusCode::BAD_REQUEST, "not UTF-8").await;
}

async fn good_post(world: &World, fintech: &Fintech, token: &str) -> Request<Bytes> {
    good(world, fintech, token, Method::POST, "/payments").await
}

#[tokio::test]
async fn a_payment_in_another_media_type_is_refused() {
    let (world, fintech, token) = start().await;
    for wrong in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "json"] {
        let mut request = good_post(&world, &fintech, &token).await;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(wrong));
        expect(&world, request, StatusCode::UNSUPPORTED_MEDIA_TYPE, wrong).await;
    }
    let mut none = good_post(&world, &fintech, &token).await;
    none.headers_mut().remove(header::CONTENT_TYPE);
    expect(&world, none, StatusCode::UNSUPPORTED_MEDIA_TYPE, "none").await;
    let mut two = good_post(&world, &fintech, &token).await;
    two.headers_mut().append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    expect(&world, two, StatusCode::UNSUPPORTED_MEDIA_TYPE, "two").await;
    let mut utf8 = good_post(&world, &fintech, &token).await;
    utf8.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("Application/JSON; charset=utf-8"));
    assert_eq!(world.send(utf8).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_by_the_operator_itself() {
    let (world, fintech, token) = start().await;
    let mut request = good_post(&world, &fintech, &token).await;
    *request.body_mut() = Bytes::from(vec![b' '; BODY_LIMIT + 1]);
    *request.uri_mut() = "/payments".parse().unwrap();
    let answer = world.entrance.answer(request).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let mut lying = good_post(&world, &fintech, &token).await;
    lying.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("7"));
    expect(&world, lying, StatusCode::BAD_REQUEST, "a length that is none").await;
}
