//! The data that the examples run on is what its generator prints, and it adds up.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[path = "../../../examples/data/generate.rs"]
mod generate;

use ingam_jose::{CryptoProvider, RingProvider};
use serde_json::Value;

const FILE: &str = include_str!("../../../examples/data/bank.json");

/// SHA-256 of the file: a change of the data is seen in review even when generator and file change together.
const SHA256: &str = "5f430e55b20ecdeeea1b110cc690fcbbf1d925ae098854db53ff7f09664bd8d7";

#[test]
fn the_generator_prints_the_file_byte_by_byte() {
    assert!(generate::bank_json() == FILE, "run: cargo run --example generate_data > examples/data/bank.json");
    let digest = RingProvider.sha256(&[FILE.as_bytes()]);
    assert_eq!(digest.map(|byte| format!("{byte:02x}")).concat(), SHA256);
}

#[test]
fn every_balance_follows_from_the_one_before() {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let mut transactions = 0;
    for account in file["accounts"].as_array().unwrap() {
        let mut balance = account["opening"].as_i64().unwrap();
        let mut booked = String::new();
        for transaction in account["transactions"].as_array().unwrap() {
            balance += transaction["amount"].as_i64().unwrap();
            assert_eq!(transaction["balance"], balance, "{} {}", account["id"], transaction["id"]);
            let day = transaction["booked"].as_str().unwrap();
            assert!(*booked <= *day, "days go forward");
            booked = day.to_owned();
            transactions += 1;
        }
        assert_eq!(account["balance"], balance, "{}", account["id"]);
    }
    assert!(transactions >= 2_000, "{transactions} transactions");
}

#[test]
fn there_are_users_and_accounts_at_two_banks_in_two_currencies_and_two_languages() {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let accounts = file["accounts"].as_array().unwrap();
    let distinct = |name: &str| {
        let mut values = accounts.iter().map(|account| account[name].as_str().unwrap()).collect::<Vec<_>>();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    assert!(file["users"].as_array().unwrap().len() >= 5 && accounts.len() >= 12);
    assert_eq!((distinct("bank"), distinct("currency"), distinct("id")), (2, 2, accounts.len()));
    let texts = accounts.iter().flat_map(|account| account["transactions"].as_array().unwrap());
    let (english, korean): (Vec<_>, Vec<_>) =
        texts.map(|transaction| transaction["description"].as_str().unwrap()).partition(|text| text.is_ascii());
    assert!(english.len() > 500 && korean.len() > 500, "{} English, {} Korean", english.len(), korean.len());
}
