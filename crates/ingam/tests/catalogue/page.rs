//! The generated page and the committed one.

use std::{collections::BTreeSet, env, fs};

use super::{Place, workspace};

/// Places as the cell of a table: short names that lead to the files.
pub(crate) fn places(places: &BTreeSet<Place>) -> String {
    places.iter().map(link).collect::<Vec<_>>().join("<br>")
}

fn link(place: &Place) -> String {
    let Place { file, name } = place;
    let short = file.trim_start_matches("crates/").trim_start_matches("ingam-").replacen("/src/", "/", 1);
    let module = short.trim_end_matches(".rs").replace(['/', '-'], "::").replace("::tests::", "::");
    let module = module.trim_end_matches("::lib").trim_end_matches("::mod").replace("access::key", "access_key");
    let separator = if name.is_empty() { "" } else { "::" };
    format!("[`{module}{separator}{name}`](../{file})")
}

/// Fails unless `docs/<file>` is `generated`; with `INGAM_BLESS=1` it writes it instead.
pub(crate) fn compare_with_committed(file: &str, generated: &str) {
    let path = workspace().join("docs").join(file);
    if env::var_os("INGAM_BLESS").is_some() {
        fs::write(&path, generated).expect("docs can be written");
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differing = committed.lines().zip(generated.lines()).find(|(old, new)| old != new);
    assert!(
        committed == generated,
        "docs/{file} is not what the sources say; run `INGAM_BLESS=1 cargo test -p ingam`. First difference: {differing:#?}"
    );
}
