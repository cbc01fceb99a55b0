//! How a row lies in a file: its own compact, versioned form. Reading never panics; what does not read is refused.
//!
//! ```text
//! claim:  01 ‖ expires (8)
//! row:    02 ‖ version (8) ‖ flag (1) ‖ [expires (8)] ‖ count (1) ‖ index (32 each) ‖ sealed
//! ```
//! Integers are big-endian.

use ingam_ports::{IndexValue, Row, RowKey, StoreError};
use ingam_wire::UnixTime;

const CLAIM: u8 = 1;
const ROW: u8 = 2;

/// The bytes of `row`, without its key.
pub(crate) fn encode(row: &Row) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::with_capacity(19_usize.saturating_add(row.index.len().saturating_mul(32)) + row.sealed.len());
    match row.expires {
        Some(expires) if row.version == 1 && row.index.is_empty() && row.sealed.is_empty() => {
            out.push(CLAIM);
            out.extend_from_slice(&expires.secs().to_be_bytes());
        }
        expires => {
            out.push(ROW);
            out.extend_from_slice(&row.version.to_be_bytes());
            out.push(u8::from(expires.is_some()));
            if let Some(expires) = expires {
                out.extend_from_slice(&expires.secs().to_be_bytes());
            }
            out.push(u8::try_from(row.index.len()).map_err(|_too_many| StoreError)?);
            for value in &row.index {
                out.extend_from_slice(&value.0);
            }
            out.extend_from_slice(&row.sealed);
        }
    }
    Ok(out)
}

/// The row whose bytes are these.
pub(crate) fn decode(key: RowKey, bytes: &[u8]) -> Result<Row, StoreError> {
    let (form, rest) = bytes.split_first().ok_or(StoreError)?;
    match *form {
        CLAIM => {
            let (expires, rest) = time(rest)?;
            if !rest.is_empty() {
                return Err(StoreError);
            }
            Ok(Row { key, version: 1, expires: Some(expires), index: Vec::new(), sealed: Vec::new() })
        }
        ROW => {
            let (version, rest) = rest.split_first_chunk::<8>().ok_or(StoreError)?;
            let (flag, rest) = rest.split_first().ok_or(StoreError)?;
            let (expires, rest) = match *flag {
                0 => (None, rest),
                1 => time(rest).map(|(expires, rest)| (Some(expires), rest))?,
                _ => return Err(StoreError),
            };
            let (count, mut rest) = rest.split_first().ok_or(StoreError)?;
            let mut index = Vec::with_capacity(usize::from(*count));
            for _ in 0..*count {
                let (value, after) = rest.split_first_chunk::<32>().ok_or(StoreError)?;
                index.push(IndexValue(*value));
                rest = after;
            }
            Ok(Row { key, version: u64::from_be_bytes(*version), expires, index, sealed: rest.to_vec() })
        }
        _ => Err(StoreError),
    }
}

fn time(bytes: &[u8]) -> Result<(UnixTime, &[u8]), StoreError> {
    let (secs, rest) = bytes.split_first_chunk::<8>().ok_or(StoreError)?;
    Ok((UnixTime::from_secs(i64::from_be_bytes(*secs)), rest))
}

/// When bytes of a row expire, without building the row.
pub(crate) fn sortable(time: UnixTime) -> [u8; 8] {
    // The sign bit is flipped so that times before 1970 sort before the others, bytewise.
    (time.secs() ^ i64::MIN).to_be_bytes()
}

/// The time that [`sortable`] printed.
pub(crate) fn unsortable(bytes: [u8; 8]) -> UnixTime {
    UnixTime::from_secs(i64::from_be_bytes(bytes) ^ i64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RowKey {
        RowKey::new(b"key").unwrap()
    }

    #[test]
    fn a_claim_takes_nine_bytes_and_reads_back() {
        let row = Row { key: key(), version: 1, expires: Some(UnixTime::from_secs(-7)), index: vec![], sealed: vec![] };
        let bytes = encode(&row).unwrap();
        assert_eq!(bytes.len(), 9);
        assert_eq!(decode(key(), &bytes), Ok(row));
    }

    #[test]
    fn a_row_reads_back_and_no_prefix_of_its_fixed_part_reads_as_something_else() {
        let row = Row {
            key: key(),
            version: u64::MAX,
            expires: Some(UnixTime::from_secs(i64::MAX)),
            index: vec![IndexValue([1; 32]), IndexValue([2; 32])],
            sealed: vec![],
        };
        let bytes = encode(&row).unwrap();
        assert_eq!(decode(key(), &bytes), Ok(row));
        for length in 0..bytes.len() {
            assert_eq!(decode(key(), &bytes[..length]), Err(StoreError), "prefix of {length}");
        }
    }

    #[test]
    fn unknown_forms_and_flags_and_trailing_bytes_of_a_claim_are_refused() {
        assert_eq!(decode(key(), &[3, 0, 0]), Err(StoreError));
        assert_eq!(decode(key(), &[2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0]), Err(StoreError));
        assert_eq!(decode(key(), &[1, 0, 0, 0, 0, 0, 0, 0, 1, 9]), Err(StoreError));
    }

    #[test]
    fn sorted_times_sort_bytewise() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX].map(UnixTime::from_secs);
        assert!(times.map(sortable).is_sorted());
        assert_eq!(times.map(sortable).map(unsortable), times);
    }
}
