//! The user at the browser: logs in and agrees.

use ingam::fintech::Redirect;

use crate::{
    stage::{CALLBACK, Failure, PASSWORD, Stage, USER},
    user_agent::{Landed, UserAgent},
};

/// The site whose cookies come back with the callback.
const SITE: &str = "https://budget.example";

/// A browser that was just sent to the operator by the fintech.
pub(crate) fn sent(stage: &Stage, redirect: &Redirect) -> UserAgent {
    let mut browser = UserAgent::new(stage.user_agent.clone(), CALLBACK);
    browser.set_cookie(SITE, &redirect.cookie.set_cookie());
    browser
}

/// What the fintech gets when the browser is back: query and cookies.
pub(crate) fn back(browser: &UserAgent, url: &str) -> (String, String) {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    (query.to_owned(), browser.cookies_of(SITE))
}

/// Logs in, leaves every account ticked, approves.
pub(crate) async fn approves(stage: &Stage, redirect: &Redirect) -> Result<(String, String), Failure> {
    let mut browser = sent(stage, redirect);
    let Landed::Page(login) = browser.open(&redirect.url).await? else { return Err("no page was shown".into()) };
    let filled = [("username", USER), ("password", PASSWORD)];
    let Landed::Page(picker) = browser.submit(&login, &filled, "approve").await? else {
        return Err("no picker".into());
    };
    let Landed::Home(url) = browser.submit(&picker, &[], "approve").await? else { return Err("no way back".into()) };
    Ok(back(&browser, &url))
}
