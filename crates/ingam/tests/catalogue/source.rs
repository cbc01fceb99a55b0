//! The workspace's sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate stands in the workspace")
}

/// Every Rust source and test of every crate, with its path from the root, sorted; the catalogue's own tests left out.
pub(crate) fn sources(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root.join("crates"), &mut found);
    let mut read: Vec<(String, String)> = found
        .into_iter()
        .filter_map(|path| {
            let relative = path.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
            Some((relative, fs::read_to_string(&path).ok()?))
        })
        .filter(|(path, _)| !path.starts_with("crates/ingam/tests/"))
        .collect();
    read.sort();
    assert!(read.len() > 50, "the sources were not found");
    read
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}
