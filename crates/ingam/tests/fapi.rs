//! `docs/fapi.md`: the requirements of FAPI 2.0 and of what it builds on, one by one, and what in this workspace answers each.

mod catalogue;

use std::{collections::BTreeMap, fmt::Write as _};

use catalogue::{Citations, Kind, compare_with_committed, places, problems, table, workspace};

const REQUIREMENTS: &str = include_str!("fapi/requirements.tsv");

const HEAD: &str = "# FAPI 2.0, requirement by requirement

Written by a test (`crates/ingam/tests/fapi.rs`) from the sources; do not edit. To renew it: `INGAM_BLESS=1 cargo test -p ingam --test fapi`.

Wording is ours. *Side*: AS authorization server, RS resource server, C client, V any verifier of tokens and signatures. *Enforced by* names the
items whose doc comment cites the id, *shown by* the tests; neither stands here without the other.
";

/// The requirements' tables, in their order.
const SECTIONS: [&str; 22] = [
    "FAPI 2.0 Security Profile",
    "FAPI 2.0 Message Signing",
    "FAPI 2.0 Attacker Model",
    "RFC 6749, RFC 6750",
    "RFC 7636: PKCE",
    "RFC 9126: pushed authorization requests",
    "RFC 9449: DPoP",
    "RFC 8705: mutual TLS",
    "RFC 7521, RFC 7523: client assertions",
    "RFC 9207, RFC 8414: issuer and metadata",
    "RFC 9700: security best current practice",
    "RFC 9396: rich authorization requests",
    "Introspection, revocation, JWT access tokens, thumbprints, resources, step-up",
    "RFC 9421, RFC 9530: signed messages",
    "Grant management",
    "CIBA",
    "RFC 7591, RFC 7592: dynamic registration",
    "RFC 8725: JWT best current practice",
    "BCP 195: TLS",
    "OpenID Connect",
    "What the OpenID Foundation's suite asks of a server beyond the texts",
    "What the suite asks of a client beyond the texts",
];

/// What a row owes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Duty {
    /// The operator's side: enforced and shown, or *not yet*.
    Owed,
    /// Not built on purpose.
    NotBuilt,
    /// Shown where cited.
    Open,
}

fn duty(id: &str, section: usize, side: &str) -> Duty {
    let operators = side.split(' ').any(|one| matches!(one, "AS" | "RS" | "V" | "ALL"));
    match section {
        15..=17 => Duty::NotBuilt,
        // What the texts leave open and this operator does not offer: docs/decisions/0080.
        _ if ["OA-20", "MS-25", "JM-6", "PA-9", "MD-6"].contains(&id) => Duty::NotBuilt,
        1 | 2 | 4..=13 | 18 | 20 | 21 if operators => Duty::Owed,
        _ => Duty::Open,
    }
}

#[test]
fn the_page_is_what_the_sources_say() {
    let requirements = table(REQUIREMENTS);
    assert_eq!(requirements.len(), 394);
    let citations = Citations::of(Kind::Fapi, &workspace());
    let problems = problems(&citations, |id| requirements.iter().any(|row| row[0] == id));

    let mut sections: BTreeMap<usize, String> = BTreeMap::new();
    let (mut owed, mut met, mut further) = (0, 0, 0);
    for row in &requirements {
        let [id, section, side, source, requirement] = &row[..] else {
            unreachable!("a row has not its columns: {row:?}")
        };
        let section: usize = section.parse().expect("a section is a number");
        let duty = duty(id, section, side);
        let cited = citations.get(*id);
        let complete = cited.is_some_and(Citations::is_complete);
        match duty {
            Duty::Owed => (owed, met) = (owed + 1, met + usize::from(complete)),
            _ => further += usize::from(complete),
        }
        let (enforced, tests) = match (cited, duty) {
            (Some(cited), _) => (places(&cited.enforced), places(&cited.shown)),
            (None, Duty::Owed) => ("*not yet*".to_owned(), String::new()),
            (None, Duty::NotBuilt) => ("*not built*".to_owned(), String::new()),
            (None, Duty::Open) => ("–".to_owned(), String::new()),
        };
        let page = sections.entry(section).or_default();
        writeln!(page, "| {id} | {requirement} ({source}) | {side} | {enforced} | {tests} |")
            .expect("a string takes it");
    }
    let mut page = format!(
        "{HEAD}\nOf **{owed}** requirements on the operator's side **{met}** are enforced and shown, **{}** are not here yet; **{further}** of the \
         others (clients, TLS, signed messages, attackers) are shown too.\n",
        owed - met
    );
    for (number, rows) in sections {
        let title = SECTIONS[number - 1];
        write!(page, "\n## {number}. {title}\n\n| id | requirement | side | enforced by | shown by |\n|---|---|---|---|---|\n{rows}")
            .expect("a string takes it");
    }
    compare_with_committed("fapi.md", &page);
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn the_sections_owe_what_was_agreed() {
    assert_eq!(duty("SP-AS-8", 1, "AS"), Duty::Owed);
    assert_eq!(duty("X-AS-36", 21, "AS RS"), Duty::Owed);
    assert_eq!(duty("SP-C-1", 1, "C"), Duty::Open);
    assert_eq!(duty("TL-1", 19, "ALL"), Duty::Open);
    assert_eq!(duty("OA-20", 4, "AS"), Duty::NotBuilt);
    assert_eq!(duty("GM-1", 15, "AS"), Duty::NotBuilt);
}
