use core::fmt;

use ingam_wire::{Seconds, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, NameConstraints,
    RevokedCertParams, SanType, SerialNumber,
};
use time::OffsetDateTime;

use super::issued::{IssuedCertificate, RevocationList};

/// A CA that lives in memory: an ECDSA P-256 key and a certificate of its own.
pub struct DevelopmentCa {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
    /// What its certificates are presented with: itself and the CAs above it, without the root.
    presented: Vec<Vec<u8>>,
}

/// Who a client certificate is for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ClientSubject {
    /// Common name.
    pub common_name: String,
    /// Organisation.
    pub organisation: Option<String>,
    /// The organisation's registered number: subject serialNumber, 2.5.4.5.
    pub serial_number: Option<String>,
    /// Alternative names: DNS.
    pub san_dns: Vec<String>,
    /// Alternative names: URI.
    pub san_uri: Vec<String>,
}

impl ClientSubject {
    /// A subject with a common name and nothing else.
    #[must_use]
    pub fn named(common_name: &str) -> Self {
        Self { common_name: common_name.to_owned(), ..Self::default() }
    }

    fn parameters(&self) -> Result<CertificateParams, rcgen::Error> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = name(&self.common_name);
        if let Some(organisation) = &self.organisation {
            parameters.distinguished_name.push(DnType::OrganizationName, organisation.as_str());
        }
        if let Some(number) = &self.serial_number {
            parameters.distinguished_name.push(DnType::from_oid(&[2, 5, 4, 5]), number.as_str());
        }
        for dns in &self.san_dns {
            parameters.subject_alt_names.push(SanType::DnsName(dns.as_str().try_into()?));
        }
        for uri in &self.san_uri {
            parameters.subject_alt_names.push(SanType::URI(uri.as_str().try_into()?));
        }
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Ok(parameters)
    }
}

impl DevelopmentCa {
    /// A fresh CA, valid from an hour before `now` for ten years.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn new(common_name: &str, now: UnixTime) -> Result<Self, DevelopmentError> {
        Self::with_constraints(common_name, &[], now)
    }

    /// A fresh CA that may only certify names under `permitted` DNS domains (RFC 5280 section 4.2.1.10);
    /// an empty list constrains nothing.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn with_constraints(common_name: &str, permitted: &[&str], now: UnixTime) -> Result<Self, DevelopmentError> {
        let key = KeyPair::generate()?;
        let parameters = ca_parameters(common_name, permitted, now)?;
        let certificate = parameters.self_signed(&key)?;
        Ok(Self { certificate, issuer: Issuer::new(parameters, key), presented: Vec::new() })
    }

    /// A CA under this one, constrained as in [`Self::with_constraints`].
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn subordinate(&self, common_name: &str, permitted: &[&str], now: UnixTime) -> Result<Self, DevelopmentError> {
        let key = KeyPair::generate()?;
        let parameters = ca_parameters(common_name, permitted, now)?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        let presented = core::iter::once(certificate.der().to_vec()).chain(self.presented.iter().cloned()).collect();
        Ok(Self { certificate, issuer: Issuer::new(parameters, key), presented })
    }

    /// The CA's certificate, PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The CA's certificate, DER.
    #[must_use]
    pub fn certificate_der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// A server certificate for `names` (DNS names and IP addresses), valid for 90 days.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn server(&self, names: &[&str], now: UnixTime) -> Result<IssuedCertificate, DevelopmentError> {
        self.server_valid(names, now, now.plus(DAYS_90))
    }

    /// As [`Self::server`], valid until `until`.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn server_valid(
        &self,
        names: &[&str],
        now: UnixTime,
        until: UnixTime,
    ) -> Result<IssuedCertificate, DevelopmentError> {
        let mut parameters = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        parameters.distinguished_name = name(names.first().copied().unwrap_or("server"));
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(parameters, now, until)
    }

    /// A client certificate for `tls_client_auth` (RFC 8705 section 2.1), valid for 90 days.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn client(&self, subject: &ClientSubject, now: UnixTime) -> Result<IssuedCertificate, DevelopmentError> {
        self.client_valid(subject, now, now.plus(DAYS_90))
    }

    /// As [`Self::client`], valid until `until`.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn client_valid(
        &self,
        subject: &ClientSubject,
        now: UnixTime,
        until: UnixTime,
    ) -> Result<IssuedCertificate, DevelopmentError> {
        self.issue(subject.parameters()?, now, until)
    }

    /// A revocation list over `revoked`, from `now` for seven days.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn revocation_list(
        &self,
        revoked: &[&IssuedCertificate],
        now: UnixTime,
    ) -> Result<RevocationList, DevelopmentError> {
        let moment = date(now)?;
        let parameters = CertificateRevocationListParams {
            this_update: moment,
            next_update: date(now.plus(DAYS_7))?,
            crl_number: SerialNumber::from_slice(&now.secs().to_be_bytes()),
            issuing_distribution_point: None,
            revoked_certs: revoked
                .iter()
                .map(|certificate| RevokedCertParams {
                    serial_number: certificate.serial.clone(),
                    revocation_time: moment,
                    reason_code: None,
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = parameters.signed_by(&self.issuer)?;
        Ok(RevocationList { der: list.der().to_vec(), pem: list.pem()? })
    }

    /// A self-signed client certificate for `self_signed_tls_client_auth` (RFC 8705 section 2.2), valid for 90 days.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn self_signed_client(subject: &ClientSubject, now: UnixTime) -> Result<IssuedCertificate, DevelopmentError> {
        let key = KeyPair::generate()?;
        let mut parameters = subject.parameters()?;
        let serial = dated(&mut parameters, &key, now, now.plus(DAYS_90))?;
        Ok(IssuedCertificate { certificate: parameters.self_signed(&key)?, above: Vec::new(), key, serial })
    }

    fn issue(
        &self,
        mut parameters: CertificateParams,
        now: UnixTime,
        until: UnixTime,
    ) -> Result<IssuedCertificate, DevelopmentError> {
        let key = KeyPair::generate()?;
        let serial = dated(&mut parameters, &key, now, until)?;
        parameters.use_authority_key_identifier_extension = true;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(IssuedCertificate { certificate, above: self.presented.clone(), key, serial })
    }
}

impl fmt::Debug for DevelopmentCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentCa").finish_non_exhaustive()
    }
}

/// A certificate could not be made: a name is malformed, a date out of range, or there is no randomness.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the certificate cannot be made")]
pub struct DevelopmentError;

impl From<rcgen::Error> for DevelopmentError {
    fn from(_: rcgen::Error) -> Self {
        Self
    }
}

fn ca_parameters(common_name: &str, permitted: &[&str], now: UnixTime) -> Result<CertificateParams, DevelopmentError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = name(common_name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.not_before = date(now.minus(HOUR))?;
    parameters.not_after = date(now.plus(YEARS_10))?;
    if !permitted.is_empty() {
        let permitted_subtrees = permitted.iter().map(|domain| GeneralSubtree::DnsName((*domain).to_owned())).collect();
        parameters.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    }
    Ok(parameters)
}

/// Sets the validity, and a serial number derived from the fresh key, hence unique.
fn dated(
    parameters: &mut CertificateParams,
    key: &KeyPair,
    now: UnixTime,
    until: UnixTime,
) -> Result<SerialNumber, DevelopmentError> {
    // Expired certificates are made too, for tests: then the start moves before the end.
    let from = if until <= now { until } else { now };
    parameters.not_before = date(from.minus(HOUR))?;
    parameters.not_after = date(until)?;
    let digest = crate::peer::sha256(key.public_key_raw()).map_err(|_| DevelopmentError)?;
    let mut serial = digest.iter().take(16).copied().collect::<Vec<_>>();
    // RFC 5280 section 4.1.2.2: positive, and no leading zero octet in DER.
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    let serial = SerialNumber::from_slice(&serial);
    parameters.serial_number = Some(serial.clone());
    Ok(serial)
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn date(at: UnixTime) -> Result<OffsetDateTime, DevelopmentError> {
    OffsetDateTime::from_unix_timestamp(at.secs()).map_err(|_| DevelopmentError)
}

const HOUR: Seconds = Seconds::new(3_600);
const DAYS_7: Seconds = Seconds::new(7 * 86_400);
const DAYS_90: Seconds = Seconds::new(90 * 86_400);
const YEARS_10: Seconds = Seconds::new(3_652 * 86_400);
