use bytes::Bytes;
use http::{Method, Request, Response, header};
use ingam_jose::KeySet;
use ingam_protocol::{ClientId, IdempotencyKey, InteractionId};
use ingam_transaction::{
    Origin,
    policy::{FAPI_2_REQUEST, FAPI_2_RESPONSE},
    request::{PresentedRequest, Sender, check},
    response::answer,
};
use serde_json::{Value, json};

use super::{Double, HOST, json_answer};

impl Double {
    pub(super) async fn resource(&self, request: Request<Bytes>) -> Response<Bytes> {
        let lies = self.lies();
        let authorization = request.headers()[header::AUTHORIZATION].to_str().unwrap();
        let (scheme, key) = authorization.split_once(' ').unwrap();
        if scheme != if lies.certificate { "Bearer" } else { "DPoP" } {
            self.fault("another scheme");
        }
        if !self.state.lock().unwrap().tokens.contains_key(key) {
            self.fault("an access key that was never issued");
        }
        if request.headers()[InteractionId::HEADER].to_str().unwrap().parse::<InteractionId>().is_err() {
            self.fault("an interaction id that is no UUID");
        }
        if let Err(refused) = self.proof(&request, 1, Some(key)) {
            return refused;
        }
        let (body, status) = self.body_of(&request);
        let arrived = PresentedRequest::new(request.clone(), &Origin::of(&HOST.parse().unwrap()).unwrap()).unwrap();
        let mut received = arrived.received();
        if !lies.unsigned {
            let keys = KeySet::new(self.fintech.clone());
            let fintech: ClientId = "c1".parse().unwrap();
            let sender = Sender { fintech: &fintech, keys: &keys };
            if let Err(refused) = check(arrived, sender, &FAPI_2_REQUEST, &*self.provider, self.clock.now()) {
                self.fault(format!("a request signature: {refused}"));
            }
        }
        if lies.answer_of_another {
            let mut other = request.clone();
            *other.uri_mut() = "/accounts/other/balance".parse().unwrap();
            received = PresentedRequest::new(other, &Origin::of(&HOST.parse().unwrap()).unwrap()).unwrap().received();
        }
        let ended = self.state.lock().unwrap().ended.contains(key);
        let mut response = match lies.resource_error.or(ended.then_some((401, r#"DPoP error="invalid_token""#))) {
            Some((status, challenge)) => {
                let mut response = json_answer(status, &json!({}));
                response.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
                response
            }
            None => json_answer(status, &body),
        };
        if !lies.unsigned {
            response = answer(&received, response, &self.key, &FAPI_2_RESPONSE, &*self.provider, self.clock.now())
                .await
                .unwrap();
        }
        if lies.changed_body {
            let changed = String::from_utf8(response.body().to_vec()).unwrap().replace("12000", "92000");
            *response.body_mut() = Bytes::from(changed);
        }
        response
    }

    fn body_of(&self, request: &Request<Bytes>) -> (Value, u16) {
        if let Some(body) = self.lies().resource_body {
            return (serde_json::from_str(body).unwrap(), 200);
        }
        let path = request.uri().path();
        if *request.method() == Method::POST {
            let order: Value = serde_json::from_slice(request.body()).unwrap();
            let key = request.headers()[IdempotencyKey::HEADER].to_str().unwrap();
            let payment =
                json!({ "id": format!("p-{key}"), "status": {"state": "completed"}, "order": order, "at": 1 });
            return (payment, 201);
        }
        let money = json!({"currency": "KRW", "amount": "12000"});
        let body = match path {
            "/accounts" => json!({"accounts": [{"id": "acc-1", "bank": "097", "type": "current", "currency": "KRW",
                "name": {"ko": "입출금", "en": "Current"}, "masked_number": "123-***-012"}]}),
            _ if path.ends_with("/balance") => {
                json!({"account": "acc-1", "amount": money, "direction": "credit", "available": money, "at": 1})
            }
            _ if path.ends_with("/transactions") => {
                assert_eq!(request.uri().query(), Some("limit=100"));
                json!({"account": "acc-1", "transactions": []})
            }
            _ => {
                json!({"id": "p-1", "status": {"state": "held", "until": 9}, "order": super::parties::order(), "at": 1})
            }
        };
        (body, 200)
    }
}
