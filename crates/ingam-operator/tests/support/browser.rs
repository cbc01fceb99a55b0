use bytes::Bytes;
use http::{Request, header};
use ingam_wire::form::Form;

use super::{Answer, users::PASSWORD, world::World};

/// A user agent: keeps the one cookie, sends forms back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// Opens the authorization endpoint with these parameters.
    pub(crate) async fn open(&mut self, world: &World, parameters: &[(&str, &str)]) -> Answer {
        let query = parameters.iter().fold(Form::default(), |form, (name, value)| form.with(name, value)).encode();
        let mut request = Request::get(format!("{}/authorize?{query}", super::BASE));
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.keep(world.send(request.body(Bytes::new()).unwrap()).await)
    }

    /// Opens a pushed request.
    pub(crate) async fn open_pushed(&mut self, world: &World, client: &str, request_uri: &str) -> Answer {
        self.open(world, &[("client_id", client), ("request_uri", request_uri)]).await
    }

    /// Sends the form of `page` back with `fields` and the button pressed.
    pub(crate) async fn press(
        &mut self,
        world: &World,
        page: &Answer,
        fields: &[(&str, &str)],
        button: &str,
    ) -> Answer {
        let mut form = Form::default().with("csrf", sealed(page));
        for (name, value) in fields {
            form = form.with(name, value);
        }
        let body = form.with(button, button).encode();
        let mut request = Request::post(format!("{}/authorize", super::BASE))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.keep(world.send(request.body(body.into()).unwrap()).await)
    }

    /// Logs in as `user` and agrees to everything on every page.
    pub(crate) async fn approve(&mut self, world: &World, page: &Answer, user: &str) -> Answer {
        let mut page = self.press(world, page, &[("username", user), ("password", PASSWORD)], "approve").await;
        for _ in 0..2 {
            if page.status != 200 || !page.text().contains("name=\"account\"") {
                break;
            }
            let accounts = accounts(&page);
            let one = page.text().contains("type=\"radio\"");
            let chosen = accounts.iter().take(if one { 1 } else { usize::MAX }).map(|id| ("account", id.as_str()));
            let fields = chosen.collect::<Vec<_>>();
            page = self.press(world, &page, &fields, "approve").await;
        }
        page
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        if let Some(set) = answer.header("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        answer
    }
}

/// The sealed state in a page's form.
pub(crate) fn sealed(page: &Answer) -> &str {
    let text = page.text();
    text.split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_else(|| panic!("{text}"))
}

/// The accounts that a page offers.
pub(crate) fn accounts(page: &Answer) -> Vec<String> {
    let named = page.text().split("name=\"account\" value=\"").skip(1);
    named.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}
