//! `docs/x1149.md`: the 73 control items of ITU-T X.1149, and what in this workspace answers each.

mod catalogue;

use std::fmt::Write as _;

use catalogue::{Citations, Kind, compare_with_committed, places, problems, table, workspace};

const TITLES: &str = include_str!("x1149/titles.tsv");
const ENGLISH: &str = include_str!("x1149/english.tsv");

const HEAD: &str = "# The 73 control items of ITU-T X.1149

Written by a test (`crates/ingam/tests/x1149.rs`) from the sources; do not edit. To renew it: `INGAM_BLESS=1 cargo test -p ingam --test x1149`.

Korean titles as published; where the printed number is a slip, the item stands under the number it must have, with the printed one in
brackets. *Class*: TECH can be enforced or proved by a library, CONFIG can be checked, ORG is the organisation's own duty. *Enforced by*
names the items whose doc comment cites the number, *shown by* the tests. *attestation*: an organisation states it, no code can.
We map to the published titles and claim no conformity with the text of the Recommendation.
";

#[test]
fn the_page_is_what_the_sources_say() {
    let (titles, english) = (table(TITLES), table(ENGLISH));
    assert_eq!((titles.len(), english.len()), (73, 73));
    let citations = Citations::of(Kind::X1149, &workspace());
    let problems = problems(&citations, |id| titles.iter().any(|title| title[1] == id));

    let (mut rows, mut shown, mut attested) = (String::new(), 0, 0);
    for (title, english) in titles.iter().zip(&english) {
        let ([printed, id, side, _, korean], [english_id, english, class]) = (&title[..], &english[..]) else {
            unreachable!("a row has not its columns: {title:?} {english:?}");
        };
        assert_eq!(id, english_id, "both tables have the same order");
        let number = if printed == id { (*id).to_owned() } else { format!("{id} ({printed})") };
        let (enforced, tests) = match citations.get(*id) {
            Some(cited) => {
                shown += i32::from(cited.is_complete());
                (places(&cited.enforced), places(&cited.shown))
            }
            None if *class == "ORG" => {
                attested += 1;
                ("*attestation*".to_owned(), String::new())
            }
            None if class.starts_with("ORG") => {
                ("*attestation*; its technical part *not yet*".to_owned(), String::new())
            }
            None => ("*not yet*".to_owned(), String::new()),
        };
        writeln!(rows, "| {number} | {korean} | {english} | {side} | {class} | {enforced} | {tests} |")
            .expect("a string takes it");
    }
    let counts = format!(
        "\n**{shown}** items are enforced and shown by tests, **{attested}** are attestations alone, **{}** are not here yet.\n",
        73 - shown - attested
    );
    let columns =
        "\n| item | 항목 | in English | side | class | enforced by | shown by |\n|---|---|---|---|---|---|---|\n";
    compare_with_committed("x1149.md", &format!("{HEAD}{counts}{columns}{rows}"));
    assert!(problems.is_empty(), "{problems:#?}");
}
