//! Third-party vectors, as data in `vectors/<folder>/`; each folder's README says source, licence and traps.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The content of `vectors/<folder>/<file>.json`; `file` may name a subfolder and may end in `.json`.
///
/// # Panics
/// When the file is missing or not JSON.
#[must_use]
pub fn vectors(folder: &str, file: &str) -> serde_json::Value {
    let name = if file.ends_with(".json") { file.to_owned() } else { format!("{file}.json") };
    let path = root().join(folder).join(name);
    let text = fs::read(&path);
    assert!(text.is_ok(), "no vectors at {}: {text:?}", path.display());
    let value = text.map(|text| serde_json::from_slice(&text));
    assert!(matches!(value, Ok(Ok(_))), "{} is not JSON: {value:?}", path.display());
    value.ok().and_then(Result::ok).unwrap_or_default()
}

/// The names of all vector files of `folder` and its subfolders, without `.json`, sorted: what [`vectors`] takes.
///
/// # Panics
/// When the folder is missing or holds no file, so that a loop over nothing cannot pass.
#[must_use]
pub fn vector_files(folder: &str) -> Vec<String> {
    let root = root().join(folder);
    let mut names = Vec::new();
    collect(&root, &root, &mut names);
    assert!(!names.is_empty(), "no vector files in {}", root.display());
    names.sort();
    names
}

fn collect(root: &Path, folder: &Path, names: &mut Vec<String>) {
    let entries = fs::read_dir(folder);
    assert!(entries.is_ok(), "no vectors in {}: {entries:?}", folder.display());
    for path in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(root, &path, names);
        } else if path.extension().is_some_and(|end| end == "json") {
            let relative = path.strip_prefix(root).unwrap_or(&path).with_extension("");
            names.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_every_folder_is_read_by_the_name_the_listing_gives() {
        let mut files = 0;
        for folder in fs::read_dir(root()).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            let folder = folder.file_name().into_string().unwrap();
            if folder == "LICENSES" {
                continue;
            }
            assert!(root().join(&folder).join("README.md").is_file(), "{folder} says neither source nor licence");
            for file in vector_files(&folder) {
                assert!(!vectors(&folder, &file).is_null(), "{folder}/{file}");
                files += 1;
            }
        }
        assert!(files >= 136, "a file was lost: {files}");
    }

    #[test]
    #[should_panic(expected = "no vectors at")]
    fn a_missing_file_fails_the_test_that_asked() {
        let _ = vectors("dpop", "rfc0000");
    }
}
