//! Fintechs and resource servers of the configuration, as the operator's records.

use std::{collections::HashSet, error::Error, path::Path};

use ingam::access_key::{
    Authentication, Binding, CertificateSubject, ClientRole, Environment, FintechEntry, FintechRecord, FintechStatus,
    HttpSignatures, KeySource, RegisteredFintech, RequestForm,
};
use ingam::jose::CryptoProvider;
use ingam::protocol::{ResponseMode, details::AuthorizationDetail};

use crate::{
    config::{self, Config, Fintech, ResourceServer},
    faults::{Faults, read},
};

/// The records of everybody in the configuration whose entry is good.
pub(crate) fn records(config: &Config, provider: &dyn CryptoProvider, faults: &mut Faults) -> Vec<FintechRecord> {
    let fintechs = config.fintechs.iter().map(|fintech| ("fintech", &fintech.client_id, entry(fintech, config)));
    let server = |server: &ResourceServer| resource_server(server, config);
    let servers = config.resource_servers.iter().map(|one| ("resource_server", &one.client_id, server(one)));
    let (mut records, mut names) = (Vec::new(), HashSet::new());
    for (kind, name, entry) in fintechs.chain(servers) {
        let member = format!("[[{kind}]] {name}");
        if !names.insert(name) {
            faults.add(format!("{member}: there are two of this client_id"));
        }
        records.extend(faults.take(&member, entry.and_then(|entry| record(entry, provider))));
    }
    records
}

/// The record, with keys that can be used; those at a `jwks_uri` are seen when they are fetched.
fn record(entry: FintechEntry, provider: &dyn CryptoProvider) -> Result<FintechRecord, Box<dyn Error>> {
    let record = FintechRecord::new(entry)?;
    if !matches!(record.entry().keys, KeySource::Uri(_)) {
        RegisteredFintech::load(record.clone(), provider)?;
    }
    Ok(record)
}

fn environment(config: &Config) -> Environment {
    if config.production { Environment::Live } else { Environment::Test }
}

fn entry(fintech: &Fintech, config: &Config) -> Result<FintechEntry, Box<dyn Error>> {
    Ok(FintechEntry {
        client_id: fintech.client_id.parse()?,
        role: ClientRole::Fintech,
        name: fintech.organisation.clone().unwrap_or_else(|| fintech.client_id.clone()),
        owner: fintech.owner.clone().unwrap_or_default(),
        organisation: fintech.organisation.clone(),
        environment: environment(config),
        status: FintechStatus::Active,
        authentication: authentication(fintech)?,
        binding: match fintech.binding.as_str() {
            "dpop" => Binding::Dpop,
            "mtls" => Binding::Mtls,
            _ => return Err("binding must be dpop or mtls".into()),
        },
        request: match fintech.request.as_deref() {
            None | Some("pushed") => RequestForm::Pushed,
            Some("signed") => RequestForm::Signed,
            Some(_) => return Err("request must be pushed or signed".into()),
        },
        response: match fintech.response.as_deref() {
            None | Some("query") => ResponseMode::Query,
            Some("jarm") => ResponseMode::Jwt,
            Some(_) => return Err("response must be query or jarm".into()),
        },
        redirect_uris: fintech.redirect_uris.iter().map(|uri| uri.parse()).collect::<Result<_, _>>()?,
        scopes: fintech.scope.parse()?,
        authorization_details_types: AuthorizationDetail::TYPES.iter().map(|kind| (*kind).to_owned()).collect(),
        http_signatures: match fintech.http_signatures.unwrap_or(config.http_signatures) {
            config::HttpSignatures::Optional => HttpSignatures::Optional,
            config::HttpSignatures::Required => HttpSignatures::Required,
        },
        keys: match (&fintech.jwks, &fintech.jwks_uri) {
            (Some(path), None) => KeySource::Inline(key_set(path)?),
            (None, Some(uri)) => KeySource::Uri(uri.parse()?),
            (None, None) => KeySource::None,
            (Some(_), Some(_)) => return Err("jwks and jwks_uri must not both be set".into()),
        },
        algorithms: Vec::new(),
    })
}

fn authentication(fintech: &Fintech) -> Result<Authentication, Box<dyn Error>> {
    let subjects = [
        fintech.tls_client_auth_subject_dn.clone().map(CertificateSubject::Dn),
        fintech.tls_client_auth_san_dns.clone().map(CertificateSubject::SanDns),
        fintech.tls_client_auth_san_uri.clone().map(CertificateSubject::SanUri),
    ];
    let mut subjects = subjects.into_iter().flatten();
    match (fintech.auth.as_str(), subjects.next(), subjects.next()) {
        ("private_key_jwt", None, None) => Ok(Authentication::PrivateKeyJwt),
        ("tls_client_auth", Some(subject), None) => Ok(Authentication::TlsClientAuth(subject)),
        ("tls_client_auth", ..) => Err("tls_client_auth needs exactly one tls_client_auth_… subject".into()),
        ("self_signed_tls_client_auth", None, None) => {
            let path = fintech.jwks.as_deref().ok_or("self_signed_tls_client_auth needs jwks with x5c")?;
            Ok(Authentication::SelfSignedTlsClientAuth(certificate_hashes(&key_set(path)?)?))
        }
        ("private_key_jwt" | "self_signed_tls_client_auth", ..) => {
            Err("tls_client_auth_… belongs to tls_client_auth".into())
        }
        _ => Err("auth must be private_key_jwt, tls_client_auth or self_signed_tls_client_auth".into()),
    }
}

/// SHA-256 of the first certificate of each key's `x5c` (RFC 7517 section 4.7: standard base64 of DER).
fn certificate_hashes(set: &serde_json::Value) -> Result<Vec<[u8; 32]>, Box<dyn Error>> {
    let keys = set.get("keys").and_then(serde_json::Value::as_array).ok_or("jwks holds no keys")?;
    let mut hashes = Vec::new();
    for key in keys {
        let Some(certificate) = key.pointer("/x5c/0").and_then(serde_json::Value::as_str) else { continue };
        let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
        for der in ingam::tls::certificates_from_pem(pem.as_bytes())? {
            hashes.push(ingam::tls::identify(&[der])?.certificate_sha256);
        }
    }
    Ok(hashes)
}

fn resource_server(server: &ResourceServer, config: &Config) -> Result<FintechEntry, Box<dyn Error>> {
    let keys = KeySource::Inline(key_set(&server.jwks)?);
    Ok(FintechEntry {
        role: ClientRole::ResourceServer,
        environment: environment(config),
        status: FintechStatus::Active,
        ..FintechEntry::new(server.client_id.parse()?, &server.client_id, "operator", keys)
    })
}

fn key_set(path: &Path) -> Result<serde_json::Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?)
}
