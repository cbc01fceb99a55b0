//! `docs/threat-model.md` names tests; each of them must exist.

#[path = "catalogue/source.rs"]
mod source;

use std::fs;

use source::{sources, workspace};

#[test]
fn every_test_the_threat_model_names_exists() {
    let root = workspace();
    let page = fs::read_to_string(root.join("docs/threat-model.md")).expect("the threat model stands in docs");
    let sources = sources(&root);
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat")) {
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        for name in shown.split('`').skip(1).step_by(2).filter(|name| *name != "compile_fail") {
            let exists = sources.iter().any(|(_, text)| text.contains(&format!("fn {name}(")));
            assert!(exists, "docs/threat-model.md names the test `{name}`, which is not there");
            named += 1;
        }
    }
    assert!(named > 30, "the table was not read: {named}");
}
