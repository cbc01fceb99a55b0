//! Finds the citations in one source after another.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
};

use super::source::sources;

/// Which lines a catalogue reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `/// fapi: …`
    Fapi,
    /// `/// x1149: …` and tests named `x1149_…`
    X1149,
}

impl Kind {
    /// The word before the colon.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Fapi => "fapi",
            Self::X1149 => "x1149",
        }
    }
}

/// An item or a test, where it stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    /// The path of its file from the root.
    pub(crate) file: String,
    /// Its name, with its type's.
    pub(crate) name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.name, self.file)
    }
}

/// Who cites one id.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    /// The items that enforce it.
    pub(crate) enforced: BTreeSet<Place>,
    /// The tests that show it.
    pub(crate) shown: BTreeSet<Place>,
}

impl Citations {
    /// Whether something enforces it and a test shows it.
    pub(crate) fn is_complete(&self) -> bool {
        !self.enforced.is_empty() && !self.shown.is_empty()
    }

    /// All citations of the workspace, by id.
    pub(crate) fn of(kind: Kind, root: &Path) -> BTreeMap<String, Self> {
        let mut all = BTreeMap::new();
        for (path, text) in sources(root) {
            in_file(kind, &path, &text, &mut all);
        }
        all
    }
}

/// The citations of one file, added to `all`.
pub(crate) fn in_file(kind: Kind, path: &str, text: &str, all: &mut BTreeMap<String, Citations>) {
    // A contract suite is a test that others run.
    let mut in_tests = path.contains("/tests/") || path.starts_with("crates/ingam-contract/");
    let mut owner = None;
    let mut pending: Vec<String> = Vec::new();
    let (mut is_test, mut in_attribute) = (false, false);
    let mut cite = |id: String, name: String, shown: bool| {
        let citations = all.entry(id).or_default();
        let places = if shown { &mut citations.shown } else { &mut citations.enforced };
        places.insert(Place { file: path.to_owned(), name });
    };

    for line in text.lines() {
        let code = line.trim();
        if in_attribute {
            in_attribute = !code.ends_with(']');
        } else if let Some(ids) = cited(kind, "//!", code) {
            ids.for_each(|id| cite(id, String::new(), in_tests));
        } else if let Some(ids) = cited(kind, "///", code) {
            pending.extend(ids);
        } else if code.starts_with("#[") {
            is_test |= ["#[test]", "::test]", "::test("].iter().any(|test| code.contains(test));
            in_attribute = !code.ends_with(']');
        } else if !code.is_empty() && !code.starts_with("//") {
            let name = item_name(code);
            if !line.starts_with(' ') {
                in_tests |= code.starts_with("mod tests");
                let names_its_items = !["mod ", "fn ", "! {"].iter().any(|word| code.contains(word));
                owner = (code.ends_with('{') && names_its_items).then(|| name.clone());
            }
            let full = match &owner {
                Some(owner) if line.starts_with(' ') && !in_tests => format!("{owner}::{name}"),
                _ => name.clone(),
            };
            if kind == Kind::X1149 && is_test {
                pending.extend(id_in_name(&name));
            }
            for id in pending.drain(..) {
                cite(id, full.clone(), is_test || in_tests);
            }
            is_test = false;
        }
    }
}

/// The ids of a citing line.
fn cited(kind: Kind, comment: &str, code: &str) -> Option<impl Iterator<Item = String>> {
    let list = code.strip_prefix(comment)?.trim_start().strip_prefix(kind.word())?.strip_prefix(':')?;
    Some(list.split(',').map(|id| id.trim().trim_end_matches('.').to_owned()))
}

/// `3.1.16.7` of `x1149_3_1_16_7_a_leaked_key_is_useless`.
fn id_in_name(name: &str) -> Option<String> {
    let numbers: Vec<&str> = name.strip_prefix("x1149_")?.split('_').take(4).collect();
    Some(numbers.join("."))
}

/// The name an item line declares; of an `impl`, the type's.
fn item_name(code: &str) -> String {
    const DECLARING: [&str; 9] = ["fn", "struct", "enum", "trait", "type", "static", "const", "mod", "union"];
    if code == "impl" || code.starts_with("impl ") || code.starts_with("impl<") {
        let header = code.split(['{', '(']).next().unwrap_or(code).split(" where ").next().unwrap_or(code);
        let subject = header.rsplit(" for ").next().unwrap_or(header);
        let subject = match subject.strip_prefix("impl") {
            Some(generic) if generic.starts_with('<') => {
                generic.rsplit_once("> ").map_or(generic, |(_, subject)| subject)
            }
            Some(plain) => plain,
            None => subject,
        };
        return identifier(subject.trim().trim_start_matches('&').rsplit("::").next().unwrap_or(subject));
    }
    let code = code.strip_prefix("pub(").and_then(|scoped| scoped.split_once(") ")).map_or(code, |(_, code)| code);
    let mut words = code.split([' ', '(', '<', ':', '{', '=', ',', ';']).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let next_declares = words.peek().is_some_and(|next| DECLARING.contains(next));
        if DECLARING.contains(&word) && !next_declares {
            return identifier(words.next().unwrap_or_default());
        }
        if !matches!(word, "pub" | "async" | "unsafe" | "default" | "const" | "extern") {
            return identifier(word);
        }
    }
    String::new()
}

fn identifier(text: &str) -> String {
    text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn items_tests_and_their_ids_are_found() {
    let source = r"
//! fapi: M-1
/// Why.
/// fapi: A-1, A-2
#[must_use]
pub const fn checks() {}
pub struct Verifier;
impl<'a, T: Into<String>> fmt::Debug for Verifier<'a> {
    /// fapi: A-3
    #[expect(
        clippy::x,
        reason = ...
    )]
    pub(crate) async fn verify(&self) {}
}
pub enum Error {
    /// fapi: A-4
    Late { by: u8 },
}
/// fapi: A-5
pub(in crate::y) const LIMIT: u8 = 1;
fn not_cited() {}
#[cfg(test)]
mod tests {
    /// fapi: A-1
    #[test]
    fn it_checks() {}
    /// fapi: A-3
    #[tokio::test]
    async fn it_verifies() {}
}
";
    let mut found = BTreeMap::new();
    in_file(Kind::Fapi, "crates/x/src/y.rs", source, &mut found);
    let names = |places: &BTreeSet<Place>| places.iter().map(|place| place.name.clone()).collect::<Vec<_>>().join(" ");
    let found: Vec<_> = found.iter().map(|(id, c)| (id.as_str(), names(&c.enforced), names(&c.shown))).collect();
    let row = |id, enforced: &str, shown: &str| (id, enforced.to_owned(), shown.to_owned());
    assert_eq!(
        found,
        [
            row("A-1", "checks", "it_checks"),
            row("A-2", "checks", ""),
            row("A-3", "Verifier::verify", "it_verifies"),
            row("A-4", "Error::Late", ""),
            row("A-5", "LIMIT", ""),
            row("M-1", "", ""),
        ]
    );
}

#[test]
fn a_control_item_is_read_from_a_tests_name() {
    let source = "/// x1149: 3.1.16.7\nfn hides() {}\n#[test]\nfn x1149_3_1_16_7_20_leaks_are_useless() {}\nfn x1149_3_1_16_8_is_no_test() {}\n";
    let mut found = BTreeMap::new();
    in_file(Kind::X1149, "crates/x/src/y.rs", source, &mut found);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["3.1.16.7"]);
    assert_eq!((found["3.1.16.7"].enforced.len(), found["3.1.16.7"].shown.len()), (1, 1));
}
