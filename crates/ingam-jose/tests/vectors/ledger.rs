use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// What the vector says of a case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    Valid,
    Invalid,
    Either,
}

impl Expected {
    pub(crate) fn read(result: &str) -> Self {
        match result {
            "valid" | "accept" => Self::Valid,
            "invalid" | "reject" => Self::Invalid,
            "acceptable" | "policy" => Self::Either,
            other => panic!("unknown verdict {other}"),
        }
    }
}

/// What we did: nothing, or refused with the error of this name.
pub(crate) type Outcome = Result<(), &'static str>;

/// The errors that say: this algorithm or key type cannot be written down here.
const NOT_ALLOWED: [&str; 2] = ["AlgorithmNotAllowed", "UnsupportedKeyType"];

#[derive(Deserialize)]
struct Exceptions {
    /// Valid cases of each folder whose algorithm or key type cannot be written down here.
    not_allowed: BTreeMap<String, usize>,
    #[serde(default)]
    skip: Vec<Exception>,
    #[serde(default)]
    refused: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    /// The beginning of the names of the cases it covers.
    cases: String,
    /// The error that a valid case is refused with.
    #[serde(default)]
    error: String,
    reason: String,
    #[serde(skip)]
    used: usize,
}

/// Counts the cases of one folder and keeps what went wrong.
pub(crate) struct Ledger {
    folder: String,
    exceptions: Exceptions,
    counts: BTreeMap<(String, &'static str), usize>,
    failures: Vec<String>,
}

impl Ledger {
    pub(crate) fn of(folder: &str) -> Self {
        let mut exceptions: Exceptions = toml::from_str(include_str!("../exceptions.toml")).unwrap();
        for list in [&mut exceptions.skip, &mut exceptions.refused] {
            list.retain(|exception| exception.cases.starts_with(&format!("{folder}/")));
            assert!(list.iter().all(|exception| exception.reason.len() > 15), "an exception has its reason");
        }
        Self { folder: folder.to_owned(), exceptions, counts: BTreeMap::new(), failures: Vec::new() }
    }

    /// Compares what we did with what the vector says.
    pub(crate) fn see(&mut self, provider: &str, case: &str, expected: Expected, outcome: Outcome) {
        let case = format!("{}/{case}", self.folder);
        let exception = self.exceptions.refused.iter_mut().find(|e| case.starts_with(&e.cases));
        let count = match (expected, outcome, exception) {
            (Expected::Valid, Err(error), Some(exception)) if error == exception.error => {
                exception.used += 1;
                "excepted"
            }
            (Expected::Valid, Err(error), None) if NOT_ALLOWED.contains(&error) => "not allowed",
            (Expected::Valid, Ok(()), None) | (Expected::Invalid, Err(_), _) | (Expected::Either, _, _) => "passed",
            (_, outcome, exception) => {
                let listed = exception.map(|e| e.error.clone());
                self.failures.push(format!("{case} on {provider}: {expected:?}, got {outcome:?}, listed {listed:?}"));
                "failed"
            }
        };
        *self.counts.entry((provider.to_owned(), count)).or_default() += 1;
    }

    /// A case that nothing in Ingam could run.
    pub(crate) fn skip(&mut self, provider: &str, case: &str) {
        let case = format!("{}/{case}", self.folder);
        match self.exceptions.skip.iter_mut().find(|e| case.starts_with(&e.cases)) {
            Some(exception) => exception.used += 1,
            None => self.failures.push(format!("{case} was skipped without a reason")),
        }
        *self.counts.entry((provider.to_owned(), "skipped")).or_default() += 1;
    }

    /// A case whose operation the provider says it lacks.
    pub(crate) fn lacks(&mut self, provider: &str) {
        *self.counts.entry((provider.to_owned(), "provider lacks")).or_default() += 1;
    }

    /// Something that must hold whatever the verdict.
    pub(crate) fn require(&mut self, holds: bool, case: &str) {
        if !holds {
            self.failures.push(format!("{}/{case}", self.folder));
        }
    }

    /// Prints the counts; fails where anything did.
    pub(crate) fn finish(self) {
        for ((provider, what), count) in &self.counts {
            println!("{:<14} {provider:<16} {what:<14} {count:>5}", self.folder);
        }
        // One that was accepted after all would only be missing from this count.
        let not_allowed = self.exceptions.not_allowed.get(&self.folder).copied().unwrap_or_default();
        let providers: BTreeSet<&str> = self.counts.keys().map(|(provider, _)| provider.as_str()).collect();
        for provider in providers {
            let count = self.counts.get(&(provider.to_owned(), "not allowed")).copied().unwrap_or_default();
            assert_eq!(count, not_allowed, "cases of {} that cannot be written down, on {provider}", self.folder);
        }
        let ran: usize = self.counts.iter().filter(|((_, what), _)| *what == "passed").map(|(_, count)| count).sum();
        assert!(ran > 0, "nothing was run in {}", self.folder);
        assert!(self.failures.is_empty(), "{} failures:\n{}", self.failures.len(), self.failures.join("\n"));
        // What only the second provider can do is not seen without it.
        if cfg!(feature = "aws-lc-rs") {
            for exception in self.exceptions.skip.iter().chain(&self.exceptions.refused) {
                assert!(exception.used > 0, "the exception {} no longer happens", exception.cases);
            }
        }
    }
}
