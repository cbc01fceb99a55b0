//! The inventory in the shape of CycloneDX 1.6, cryptography bill of materials.

use serde_json::{Map, Value, json};

use super::{Finding, Inventory};
use crate::ring::{Algorithm, KeyRecord, Origin, Stage};

impl Inventory {
    /// The inventory as CycloneDX 1.6 JSON: a component per algorithm and per key, owner, grade, purpose, history
    /// and findings as properties.
    ///
    /// x1149: 3.1.3.1, 3.1.17.3
    #[must_use]
    pub fn to_cyclonedx(&self) -> Value {
        let mut algorithms: Vec<Algorithm> = Vec::new();
        for key in &self.keys {
            if !algorithms.contains(&key.about().algorithm) {
                algorithms.push(key.about().algorithm);
            }
        }
        let keys = self.keys.iter().map(|key| self.key(key));
        let components: Vec<Value> = algorithms.iter().copied().map(algorithm).chain(keys).collect();
        let depends =
            |key: &KeyRecord| json!({ "ref": key_ref(key), "dependsOn": [algorithm_ref(key.about().algorithm)] });
        let mut dependencies: Vec<Value> = self.keys.iter().map(depends).collect();
        dependencies.extend(algorithms.iter().map(|algorithm| json!({ "ref": algorithm_ref(*algorithm) })));
        json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "timestamp": self.at.to_rfc3339(),
                "component": {
                    "type": "application",
                    "bom-ref": "ingam-keys",
                    "name": "ingam-keys",
                    "version": env!("CARGO_PKG_VERSION"),
                },
                "properties": [property("ingam:environment", self.environment.name())],
            },
            "components": components,
            "dependencies": dependencies,
        })
    }

    fn key(&self, key: &KeyRecord) -> Value {
        let about = key.about();
        let secret = about.algorithm == Algorithm::A256Gcm;
        let mut material = Map::new();
        material.insert("type".into(), if secret { "secret-key" } else { "private-key" }.into());
        material.insert("id".into(), key.id().into());
        material.insert("state".into(), state(key.stage(self.at)).into());
        material.insert("algorithmRef".into(), algorithm_ref(about.algorithm).into());
        material.insert("size".into(), key.size().into());
        material.insert("creationDate".into(), key.created_at().to_rfc3339().into());
        let mechanism = if about.origin == Origin::Token { "HSM" } else { "Software" };
        material.insert("securedBy".into(), json!({ "mechanism": mechanism }));
        let dates = [
            ("activationDate", key.not_before()),
            ("expirationDate", key.retires_at().or(key.not_after())),
            ("updateDate", key.history().last().map(|change| change.at)),
        ];
        for (name, date) in dates {
            if let Some(date) = date {
                material.insert(name.into(), date.to_rfc3339().into());
            }
        }
        let mut properties = vec![
            property("ingam:purpose", about.purpose.name()),
            property("ingam:owner", about.owner.as_str()),
            property("ingam:grade", about.grade.map_or("none", crate::Grade::name)),
            property("ingam:environment", about.environment.name()),
            property("ingam:origin", about.origin.name()),
            property("ingam:strength", &key.strength().to_string()),
            property("ingam:crypto-period-seconds", &key.crypto_period().get().to_string()),
            property("ingam:stage", stage_name(key.stage(self.at))),
        ];
        let history = key.history().iter();
        properties.extend(history.map(|change| {
            property("ingam:history", &format!("{} {}", change.at.to_rfc3339(), stage_name(change.stage)))
        }));
        let found = self.findings.iter().filter(|finding| &*finding.key == key.id());
        properties.extend(found.map(|finding| property("ingam:finding", &printed(finding))));
        json!({
            "type": "cryptographic-asset",
            "bom-ref": key_ref(key),
            "name": format!("{} {}", about.purpose.name(), key.id()),
            "cryptoProperties": {
                "assetType": "related-crypto-material",
                "relatedCryptoMaterialProperties": material,
            },
            "properties": properties,
        })
    }
}

fn printed(finding: &Finding) -> String {
    let (name, severity) = (finding.kind.name(), finding.severity.name());
    match finding.kind.time() {
        Some(time) => format!("{name} {severity} {}", time.to_rfc3339()),
        None => format!("{name} {severity}"),
    }
}

fn algorithm(algorithm: Algorithm) -> Value {
    let (primitive, functions, detail) = match algorithm {
        Algorithm::Es256 => ("signature", ["keygen", "sign", "verify"], ("curve", "P-256")),
        Algorithm::EdDsa => ("signature", ["keygen", "sign", "verify"], ("curve", "Ed25519")),
        Algorithm::Ps256 => {
            ("signature", ["keygen", "sign", "verify"], ("parameterSetIdentifier", "RSASSA-PSS-SHA256"))
        }
        Algorithm::A256Gcm => ("ae", ["keygen", "encrypt", "decrypt"], ("mode", "gcm")),
        Algorithm::X25519 => ("key-agree", ["keygen", "encapsulate", "decapsulate"], ("curve", "Curve25519")),
    };
    let mut properties = Map::new();
    properties.insert("primitive".into(), primitive.into());
    properties.insert("cryptoFunctions".into(), functions.to_vec().into());
    properties.insert(detail.0.into(), detail.1.into());
    if let Some(size) = algorithm.size() {
        properties.insert("classicalSecurityLevel".into(), algorithm.strength(size).into());
    }
    // Shor's algorithm breaks all but the symmetric one (NIST IR 8547); AES-256 is level 5.
    let quantum = if algorithm == Algorithm::A256Gcm { 5 } else { 0 };
    properties.insert("nistQuantumSecurityLevel".into(), quantum.into());
    json!({
        "type": "cryptographic-asset",
        "bom-ref": algorithm_ref(algorithm),
        "name": algorithm.name(),
        "cryptoProperties": { "assetType": "algorithm", "algorithmProperties": properties },
    })
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn key_ref(key: &KeyRecord) -> String {
    format!("key/{}", key.id())
}

fn algorithm_ref(algorithm: Algorithm) -> String {
    format!("algorithm/{}", algorithm.name())
}

/// The states of CycloneDX, which are those of SP 800-57.
const fn state(stage: Stage) -> &'static str {
    match stage {
        Stage::Created | Stage::Published => "pre-activation",
        Stage::Active => "active",
        Stage::Retired => "deactivated",
        Stage::Revoked => "compromised",
        Stage::Destroyed => "destroyed",
    }
}

const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Created => "created",
        Stage::Published => "published",
        Stage::Active => "active",
        Stage::Retired => "retired",
        Stage::Revoked => "revoked",
        Stage::Destroyed => "destroyed",
    }
}
