//! Who enforces a numbered requirement and which test shows it, read from the sources themselves.
//!
//! An enforcing item says so in a line of its doc comment, and so does the test that fails when the item no longer does it:
//!
//! ```text
//! /// fapi: SP-AS-8, CA-3          on functions, types, constants and tests
//! /// x1149: 3.1.16.7              on functions, types, constants; tests also by their name, x1149_3_1_16_7_…
//! ```

mod page;
mod scan;
mod source;

pub(crate) use self::{
    page::{compare_with_committed, places},
    scan::{Citations, Kind, Place},
    source::workspace,
};

use std::collections::BTreeMap;

/// A table of ours as rows of cells, the heading left out.
pub(crate) fn table(text: &str) -> Vec<Vec<&str>> {
    text.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split('\t').collect()).collect()
}

/// What is wrong with the citations: ids nobody knows, items without a test, tests without an item.
pub(crate) fn problems(citations: &BTreeMap<String, Citations>, known: impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for (id, cited) in citations {
        let list = |places: &std::collections::BTreeSet<Place>| {
            places.iter().map(Place::to_string).collect::<Vec<_>>().join(", ")
        };
        if !known(id) {
            problems.push(format!("{id} is in no table: {}, {}", list(&cited.enforced), list(&cited.shown)));
        } else if cited.shown.is_empty() {
            problems.push(format!("{id} is enforced and no test cites it: {}", list(&cited.enforced)));
        } else if cited.enforced.is_empty() {
            problems.push(format!("{id} is tested and nothing that enforces it cites it: {}", list(&cited.shown)));
        }
    }
    problems
}
