//! Algorithms by their registered names, as records keep them.

use ingam_jose::SignatureAlgorithm;
use serde::{Deserialize, Deserializer, Serializer, de, ser::SerializeSeq as _};

pub(super) fn serialize<S: Serializer>(algorithms: &[SignatureAlgorithm], serializer: S) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(algorithms.len()))?;
    for algorithm in algorithms {
        seq.serialize_element(algorithm.name())?;
    }
    seq.end()
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SignatureAlgorithm>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let known = |name: &String| {
        SignatureAlgorithm::from_name(name).ok_or_else(|| de::Error::custom("an algorithm that FAPI does not admit"))
    };
    names.iter().map(known).collect()
}
