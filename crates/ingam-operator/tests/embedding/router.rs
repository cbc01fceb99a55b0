//! The operator's endpoints as an axum router.

use axum::body::Body;
use http::{Request, header};
use tower_service::Service as _;

use crate::support::{World, entrance};

async fn status(world: &World, request: Request<Body>) -> u16 {
    entrance(&world.operator).into_router().call(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_router_serves_every_endpoint_and_takes_no_more_than_the_limit() {
    let world = World::new().await;
    for path in ["/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(status(&world, request).await, 200, "{path}");
    }
    let form = |length: usize| {
        let request = Request::post("/par").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from("a".repeat(length))).unwrap()
    };
    assert_eq!(status(&world, form(10)).await, 401);
    assert_eq!(status(&world, form(ingam_ports::BODY_LIMIT + 1)).await, 413);
    let resource = Request::get("/accounts").body(Body::empty()).unwrap();
    assert_eq!(status(&world, resource).await, 401);
}
