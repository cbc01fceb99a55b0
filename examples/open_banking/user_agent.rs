//! A user agent: fetches pages, follows redirects, keeps cookies, fills in plain HTML forms and submits them.
//!
//! What a browser does and no more. It decides nothing about security: the operator and the fintech do.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use ingam_ports::{Transport, TransportError};
use ingam_wire::{HttpUrl, form::Form};

/// A browser with one user in front of it.
#[derive(Debug)]
pub(crate) struct UserAgent {
    transport: Arc<dyn Transport>,
    /// By origin and name.
    cookies: BTreeMap<(String, String), String>,
    /// Where the user agent is handed over to somebody else, e.g. the fintech's redirect URI.
    home: String,
}

/// Where a step led.
#[derive(Debug)]
pub(crate) enum Landed {
    /// To a page.
    Page(Page),
    /// To an address that begins with `home`; nobody has asked for it yet.
    Home(String),
}

/// A page, its address and its form.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its address.
    pub(crate) url: String,
    /// Its status.
    pub(crate) status: u16,
    /// Its text, as HTML.
    pub(crate) html: String,
    /// Its first form, if it has one.
    pub(crate) form: Option<PageForm>,
}

/// A form as it stands on a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageForm {
    action: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    value: String,
    kind: String,
    checked: bool,
}

/// Why a step led nowhere.
#[derive(Debug)]
pub(crate) enum UserAgentError {
    /// No answer.
    Transport(TransportError),
    /// An address that is none.
    Address(String),
    /// Round and round.
    TooManyRedirects,
    /// There is no form on the page.
    NoForm,
}

impl std::fmt::Display for UserAgentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Transport(error) => write!(f, "user agent: {error}"),
            Self::Address(address) => write!(f, "user agent: {address} is no address"),
            Self::TooManyRedirects => f.write_str("user agent: too many redirects"),
            Self::NoForm => f.write_str("user agent: there is no form on the page"),
        }
    }
}

impl std::error::Error for UserAgentError {}

impl UserAgent {
    /// A browser without cookies that stops when it is sent to an address beginning with `home`.
    pub(crate) fn new(transport: Arc<dyn Transport>, home: &str) -> Self {
        Self { transport, cookies: BTreeMap::new(), home: home.to_owned() }
    }

    /// Takes a whole `Set-Cookie` field, as an answer of `origin` would set it.
    pub(crate) fn set_cookie(&mut self, origin: &str, field: &str) {
        let pair = field.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.trim().split_once('=') {
            self.cookies.insert((origin.to_owned(), name.to_owned()), value.to_owned());
        }
    }

    /// The `Cookie` field that goes to `origin`.
    pub(crate) fn cookies_of(&self, origin: &str) -> String {
        let of = self.cookies.iter().filter(|((cookie_origin, _), _)| cookie_origin == origin);
        of.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Opens an address and follows where it is sent.
    pub(crate) async fn open(&mut self, url: &str) -> Result<Landed, UserAgentError> {
        self.go(Method::GET, url.to_owned(), Bytes::new()).await
    }

    /// Fills in the page's form and presses `button`; what is not filled in stays as it stands, of boxes those named are
    /// ticked.
    pub(crate) async fn submit(
        &mut self,
        page: &Page,
        filled: &[(&str, &str)],
        button: &str,
    ) -> Result<Landed, UserAgentError> {
        let form = page.form.as_ref().ok_or(UserAgentError::NoForm)?;
        let mut sent = Form::default();
        for field in &form.fields {
            let filled_in: Vec<_> = filled.iter().filter(|(name, _)| *name == field.name).collect();
            let value = match field.kind.as_str() {
                "checkbox" | "radio" => &field.value,
                _ => filled_in.first().map_or(field.value.as_str(), |(_, value)| value),
            };
            let goes = match field.kind.as_str() {
                "submit" => field.name == button,
                "checkbox" | "radio" => {
                    let ticked = filled_in.iter().any(|(_, value)| *value == field.value);
                    if filled_in.is_empty() { field.checked } else { ticked }
                }
                _ => true,
            };
            if goes {
                sent = sent.with(&field.name, value);
            }
        }
        let action = resolve(&page.url, &form.action)?;
        self.go(Method::POST, action, Bytes::from(sent.encode())).await
    }

    async fn go(&mut self, mut method: Method, mut url: String, mut body: Bytes) -> Result<Landed, UserAgentError> {
        for _ in 0..10 {
            if url.starts_with(&self.home) {
                return Ok(Landed::Home(url));
            }
            let response = self.ask(&method, &url, body.clone()).await?;
            let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            match location {
                Some(location) if response.status().is_redirection() => {
                    url = resolve(&url, location)?;
                    (method, body) = (Method::GET, Bytes::new());
                }
                _ => return Ok(Landed::Page(page(url, &response))),
            }
        }
        Err(UserAgentError::TooManyRedirects)
    }

    async fn ask(&mut self, method: &Method, url: &str, body: Bytes) -> Result<Response<Bytes>, UserAgentError> {
        let address: HttpUrl = url.parse().map_err(|_| UserAgentError::Address(url.to_owned()))?;
        let mut request = Request::builder().method(method).uri(url).header(header::ACCEPT, "text/html");
        let cookies = self.cookies_of(address.origin());
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if *method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request = request.header(header::ORIGIN, address.origin());
        }
        let request = request.body(body).map_err(|_| UserAgentError::Address(url.to_owned()))?;
        let response = self.transport.exchange(request).await.map_err(UserAgentError::Transport)?;
        let set: Vec<String> = response
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect();
        for field in set {
            self.set_cookie(address.origin(), &field);
        }
        Ok(response)
    }
}

fn page(url: String, response: &Response<Bytes>) -> Page {
    let html = String::from_utf8_lossy(response.body()).into_owned();
    let form = form_in(&html);
    Page { url, status: response.status().as_u16(), html, form }
}

/// The absolute address of a link on a page.
fn resolve(base: &str, link: &str) -> Result<String, UserAgentError> {
    if link.starts_with("https://") || link.starts_with("http://") {
        return Ok(link.to_owned());
    }
    let base: HttpUrl = base.parse().map_err(|_| UserAgentError::Address(base.to_owned()))?;
    match link {
        "" => Ok(base.as_str().to_owned()),
        _ if link.starts_with('/') => Ok(format!("{}{link}", base.origin())),
        _ => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            Ok(format!("{}{folder}/{link}", base.origin()))
        }
    }
}

/// The first form of a page: its action, its inputs and its buttons.
fn form_in(html: &str) -> Option<PageForm> {
    let start = html.find("<form")?;
    let text = html.get(start..)?;
    let text = text.get(..text.find("</form>").unwrap_or(text.len()))?;
    let mut form = PageForm::default();
    for tag in text.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let attribute = |name: &str| attribute(tag, name);
        match tag.split_ascii_whitespace().next() {
            Some("form") => form.action = attribute("action").unwrap_or_default(),
            Some(element @ ("input" | "button")) => {
                let Some(name) = attribute("name") else { continue };
                let usual = if element == "button" { "submit" } else { "text" };
                form.fields.push(Field {
                    name,
                    value: attribute("value").unwrap_or_default(),
                    kind: attribute("type").unwrap_or_else(|| usual.to_owned()),
                    checked: tag.split_ascii_whitespace().any(|word| word.trim_end_matches('/') == "checked"),
                });
            }
            _ => {}
        }
    }
    Some(form)
}

/// The value of `name="…"` in a tag, entities decoded.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag.get(at..)?.split('"').next()?;
    let decoded = value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
    Some(decoded.replace("&amp;", "&"))
}
