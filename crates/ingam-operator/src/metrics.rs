use core::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

use crate::route::Route;

/// How many requests were answered, by endpoint and kind of answer.
#[derive(Debug, Default)]
pub(crate) struct Metrics([[AtomicU64; CLASSES.len()]; ENDPOINTS.len()]);

/// Endpoints as the metrics name them.
const ENDPOINTS: [&str; 9] =
    ["metadata", "jwks", "par", "authorize", "token", "introspect", "revoke", "resource", "other"];

/// Kinds of answers.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

impl Metrics {
    /// Counts one answer.
    pub(crate) fn count(&self, route: Option<&Route<'_>>, status: StatusCode) {
        let endpoint = match route {
            Some(Route::Metadata) => 0,
            Some(Route::Jwks) => 1,
            Some(Route::Push) => 2,
            Some(Route::Authorize) => 3,
            Some(Route::Token) => 4,
            Some(Route::Introspect) => 5,
            Some(Route::Revoke) => 6,
            Some(Route::Resource(_)) => 7,
            None => 8,
        };
        let class = usize::from(status.as_u16() / 100).saturating_sub(2).min(CLASSES.len() - 1);
        if let Some(counter) = self.0.get(endpoint).and_then(|classes| classes.get(class)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// In the text format of Prometheus.
    pub(crate) fn print(&self) -> String {
        let mut text = String::from("# TYPE ingam_requests_total counter\n");
        for (endpoint, classes) in ENDPOINTS.iter().zip(&self.0) {
            for (class, counter) in CLASSES.iter().zip(classes) {
                let count = counter.load(Ordering::Relaxed);
                text.push_str(&format!("ingam_requests_total{{endpoint=\"{endpoint}\",status=\"{class}\"}} {count}\n"));
            }
        }
        text
    }
}
