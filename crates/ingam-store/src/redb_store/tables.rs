//! The tables of the file and how their keys are built.

use ingam_ports::{IndexValue, RowKey, StoreError, Table};
use ingam_wire::UnixTime;
use redb::TableDefinition;

use crate::encoding::{sortable, unsortable};

/// `table ‖ key` → the row (see `encoding`).
pub(super) const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
/// `table ‖ index value ‖ key`.
pub(super) const INDEX: TableDefinition<'_, &[u8], ()> = TableDefinition::new("index");
/// `expires ‖ table ‖ key`, so that a purge reads only what it removes.
pub(super) const EXPIRY: TableDefinition<'_, &[u8], ()> = TableDefinition::new("expiry");
/// Named numbers of the file itself.
pub(super) const META: TableDefinition<'_, &str, i64> = TableDefinition::new("meta");

/// Name of the format version in [`META`].
pub(super) const FORMAT: &str = "format";
/// Name of the latest purge's time in [`META`].
pub(super) const FORGOTTEN: &str = "forgotten";
/// The format that is written and read here.
pub(super) const FORMAT_VERSION: i64 = 1;

/// The number of `table`, the first byte of its keys.
pub(super) const fn number(table: Table) -> u8 {
    match table {
        Table::PushedRequests => 1,
        Table::Sessions => 2,
        Table::Codes => 3,
        Table::Grants => 4,
        Table::RefreshTokens => 5,
        Table::AccessKeys => 6,
        Table::Claims => 7,
        Table::Fintechs => 8,
        Table::Keys => 9,
        Table::Payments => 10,
        Table::Idempotency => 11,
        Table::Approvals => 12,
        Table::Events => 13,
        Table::Changes => 14,
        Table::Pending => 15,
        Table::Tokens => 16,
        Table::Users => 17,
        Table::Failures => 18,
        Table::Singletons => 19,
    }
}

/// Key of a row in [`ROWS`].
pub(super) fn row_key(table: Table, key: &RowKey) -> Vec<u8> {
    [&[number(table)], key.as_bytes()].concat()
}

/// The row key in a key of [`ROWS`], if it is one of `table`.
pub(super) fn key_of_row(table: Table, bytes: &[u8]) -> Option<Result<RowKey, StoreError>> {
    let (first, key) = bytes.split_first()?;
    (*first == number(table)).then(|| RowKey::new(key).ok_or(StoreError))
}

/// Start of the keys of one index value in [`INDEX`].
pub(super) fn index_start(table: Table, value: IndexValue) -> Vec<u8> {
    [&[number(table)][..], &value.0].concat()
}

/// Key of an index entry.
pub(super) fn index_key(table: Table, value: IndexValue, key: &RowKey) -> Vec<u8> {
    [&[number(table)][..], &value.0, key.as_bytes()].concat()
}

/// Key of an expiry entry.
pub(super) fn expiry_key(expires: UnixTime, table: Table, key: &RowKey) -> Vec<u8> {
    [&sortable(expires)[..], &[number(table)], key.as_bytes()].concat()
}

/// An expiry entry taken apart: when, and the key in [`ROWS`].
pub(super) fn expiry_parts(bytes: &[u8]) -> Result<(UnixTime, &[u8]), StoreError> {
    let (time, row) = bytes.split_first_chunk::<8>().ok_or(StoreError)?;
    Ok((unsortable(*time), row))
}
