//! The matrix: OpenSSL's `s_client` against our server, and our client against its `s_server`.
#![cfg(all(feature = "tokio", feature = "development"))]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

mod stage;

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use ingam_ports::{ChainVerifier, PeerIdentity, TransportError};
use ingam_tls::{
    AddressPolicy, CertificateAuthorities, ChannelPolicy, ChannelRules, ClientCertificates, ClientChannel, Finding,
    HttpsTransport, KeyKind, KeyedCertificate, ServeLimits, ServerChannel, ServerTrust, certificates_from_pem,
    development::{ClientSubject, DevelopmentCa, IssuedCertificate},
};
use ingam_wire::Seconds;
use stage::{ByFunction, RING, Server, clock, fetch, now};

const PATIENCE: Duration = Duration::from_secs(20);
const DAY: Seconds = Seconds::new(86_400);

/// A folder of files for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ingam-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Writes certificate and key; returns `-cert … -key …`.
    fn keep(&self, name: &str, issued: &IssuedCertificate) -> Vec<String> {
        let certificate = self.write(&format!("{name}.pem"), &issued.certificate_pem());
        let key = self.write(&format!("{name}.key"), issued.key_pem().expose());
        vec!["-cert".into(), certificate, "-key".into(), key]
    }

    /// A self-signed certificate as everybody makes it, hence CA:TRUE.
    fn req_x509(&self, name: &str, kind: &[&str]) -> Vec<String> {
        let (certificate, key) = (self.path(&format!("{name}.pem")), self.path(&format!("{name}.key")));
        let subject =
            ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
        let mut arguments = vec!["req", "-x509", "-out", &certificate, "-keyout", &key];
        arguments.extend(kind.iter().chain(&subject));
        let made = Command::new("openssl").args(&arguments).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        vec!["-cert".into(), certificate, "-key".into(), key]
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left_behind = std::fs::remove_dir_all(&self.0);
    }
}

fn openssl_is_missing() -> bool {
    let missing = Command::new("openssl").arg("version").output().is_err();
    if missing {
        assert!(std::env::var_os("INGAM_REQUIRE_OPENSSL").is_none(), "openssl is not installed");
        ingam_testkit::not_run("openssl is not installed");
    }
    missing
}

/// Ends with the test, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _ended_already = self.0.wait();
    }
}

/// `s_client` with `arguments`: all it printed, the answer of the server included.
async fn s_client(port: u16, arguments: &[&str]) -> String {
    s_client_with(None, port, arguments).await
}

/// The same under a configuration file.
async fn s_client_with(configuration: Option<&str>, port: u16, arguments: &[&str]) -> String {
    let configuration = configuration.map(str::to_owned);
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    let run = tokio::task::spawn_blocking(move || {
        let mut child = Running(
            Command::new("openssl")
                .args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-servername", "localhost", "-ign_eof"])
                .args(&arguments)
                .envs(configuration.map(|file| ("OPENSSL_CONF", file)))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let mut stdin = child.0.stdin.take().unwrap();
        let _refused_earlier = stdin.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let _refused_earlier = stdin.flush();
        let mut printed = String::new();
        child.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        child.0.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
        drop(stdin);
        printed
    });
    tokio::time::timeout(PATIENCE, run).await.expect("s_client ends").unwrap()
}

/// `version, suite, Full|Reused: body`, or `refused`.
fn outcome(printed: &str) -> String {
    let Some((_, answer)) = printed.split_once("HTTP/1.1 200 OK") else { return "refused".to_owned() };
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default().lines().next().unwrap_or_default();
    // "New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384"
    let line = printed.lines().find(|line| line.contains(", Cipher is ")).unwrap_or_default();
    format!("{}: {body}", line.replace(", Cipher is", ","))
}

struct Table(Vec<(String, String, String)>);

impl Table {
    fn row(&mut self, what: &str, expected: &str, got: &str) {
        self.0.push((what.to_owned(), expected.to_owned(), got.to_owned()));
    }

    /// Prints every row, then fails if one is not as expected.
    fn judge(self, title: &str) {
        println!("{title}");
        for (what, expected, got) in &self.0 {
            let mark = if expected == got { "ok  " } else { "FAIL" };
            println!("  {mark} {what:<52} expected {expected:<60} got {got}");
        }
        let failed: Vec<_> = self.0.iter().filter(|(_, expected, got)| expected != got).collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
}

/// A server that asks for certificates and answers what it thinks of them.
async fn judging(
    certificate: Option<&KeyedCertificate>,
    policy: ChannelPolicy,
) -> (Server, Arc<CertificateAuthorities>) {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let list = ca.revocation_list(&[], now()).unwrap().der().to_vec();
    let authorities = Arc::new(CertificateAuthorities::new(&[ca.certificate_der()], &[list], &policy).unwrap());
    let own = ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(RING).unwrap();
    let judge = authorities.clone();
    let endpoint = ByFunction(move |request: Request<Bytes>| {
        let verdict = request.extensions().get::<PeerIdentity>().map_or_else(
            || "nobody".to_owned(),
            |peer| match judge.verify(&peer.chain, now()) {
                Ok(_) => format!("{} is trusted", peer.subject_dn),
                Err(error) => format!("{} is {error:?}", peer.subject_dn),
            },
        );
        Response::new(Bytes::from(verdict + "\n"))
    });
    let server = Server::with(
        ca,
        certificate.unwrap_or(&own),
        policy,
        ClientCertificates::Optional,
        ServeLimits::default(),
        Arc::new(endpoint),
    )
    .await;
    (server, authorities)
}

/// What makes this OpenSSL offer even what it is ashamed of.
const EVERYTHING: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

/// Whether this OpenSSL itself speaks `version`: otherwise a refusal would say nothing.
async fn speaks(version: &str, certificate: &[String]) -> bool {
    let certificate: Vec<&str> = certificate.iter().map(String::as_str).collect();
    let (server, port) = s_server(&[&certificate[..], &[version, "-cipher", EVERYTHING]].concat());
    let printed = s_client(port, &[version, "-cipher", EVERYTHING]).await;
    drop(server);
    printed.contains("HTTP/1.0 200")
}

/// fapi: SP-N-2, SP-N-3, SP-N-6, SP-N-9, TL-1, TL-2, TL-3, TL-4, TL-5, TL-6, TL-8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x1149_3_1_15_4_protocols_suites_and_groups_against_s_client() {
    if openssl_is_missing() {
        return;
    }
    let folder = Folder::new("suites");
    let rsa_files = folder.req_x509("rsa", &["-newkey", "rsa:2048"]);
    let rsa = KeyedCertificate::from_pem(
        &std::fs::read(folder.path("rsa.pem")).unwrap(),
        &std::fs::read(folder.path("rsa.key")).unwrap(),
        RING,
    )
    .unwrap();
    let (wide, _) = judging(None, ChannelPolicy::fapi_tls12()).await;
    let (wide_rsa, _) = judging(Some(&rsa), ChannelPolicy::fapi_tls12()).await;
    let (narrow, _) = judging(None, ChannelPolicy::tls13()).await;
    let mut table = Table(Vec::new());
    for (version, name) in [("-tls1", "TLS 1.0"), ("-tls1_1", "TLS 1.1")] {
        if !speaks(version, &rsa_files).await {
            ingam_testkit::not_run(&format!("this openssl has no {name}"));
            continue;
        }
        for server in [&wide, &wide_rsa, &narrow] {
            let got = outcome(&s_client(server.address.port(), &[version, "-cipher", EVERYTHING]).await);
            table.row(&format!("{name}, {} server", server.channel.policy().name), "refused", &got);
        }
    }
    let port = wide.address.port();
    for suite in ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] {
        let got = outcome(&s_client(port, &["-tls1_3", "-ciphersuites", suite]).await);
        table.row(suite, &format!("New, TLSv1.3, {suite}: nobody"), &got);
    }
    let got = outcome(&s_client(port, &["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"]).await);
    table.row("TLS_AES_128_CCM_SHA256", "refused", &got);
    for suite in [
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
    ] {
        let server = if suite.contains("RSA-") { &wide_rsa } else { &wide };
        let port = if suite.contains("ECDSA") { wide.address.port() } else { server.address.port() };
        let got = outcome(&s_client(port, &["-tls1_2", "-cipher", suite]).await);
        table.row(suite, &format!("New, TLSv1.2, {suite}: nobody"), &got);
        let got = outcome(&s_client(narrow.address.port(), &["-tls1_2", "-cipher", suite]).await);
        table.row(&format!("{suite}, tls13 server"), "refused", &got);
    }
    for suite in [
        "ECDHE-ECDSA-AES256-SHA",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-CCM",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES128-SHA",
        "ECDHE-ECDSA-NULL-SHA",
        "AECDH-AES128-SHA",
        "ADH-AES128-GCM-SHA256",
        "PSK-AES128-GCM-SHA256",
    ] {
        let port = if suite.contains("ECDSA") { wide.address.port() } else { wide_rsa.address.port() };
        let got = outcome(&s_client(port, &["-tls1_2", "-cipher", &format!("{suite}:@SECLEVEL=0")]).await);
        table.row(suite, "refused", &got);
    }
    for (group, admitted) in
        [("X25519", true), ("P-256", true), ("P-384", true), ("P-521", false), ("X448", false), ("ffdhe2048", false)]
    {
        let got = outcome(&s_client(port, &["-tls1_3", "-groups", group]).await);
        let expected = if admitted { "New, TLSv1.3, TLS_AES_256_GCM_SHA384: nobody" } else { "refused" };
        table.row(&format!("group {group}"), expected, &got);
    }
    let got = outcome(&s_client(port, &["-alpn", "http/1.1"]).await);
    table.row("TLS 1.3 is preferred; ALPN http/1.1", "New, TLSv1.3, TLS_AES_256_GCM_SHA384: nobody", &got);
    let got = outcome(&s_client(port, &["-alpn", "spdy/1"]).await);
    table.row("ALPN of no common protocol", "refused", &got);
    // A configuration file is the only way to tell OpenSSL 3.0 to leave the extension out.
    let without_ems = folder.write(
        "no-ems.cnf",
        "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = all\n[all]\nOptions = -ExtendedMasterSecret\n",
    );
    let rsa_arguments: Vec<&str> = rsa_files.iter().map(String::as_str).collect();
    let (control, control_port) = s_server(&rsa_arguments);
    let says_no = "Extended master secret: no";
    if s_client_with(Some(&without_ems), control_port, &["-tls1_2"]).await.contains(says_no) {
        let got = outcome(&s_client_with(Some(&without_ems), port, &["-tls1_2"]).await);
        table.row("TLS 1.2 without extended master secret", "refused", &got);
    } else {
        ingam_testkit::not_run("this openssl cannot leave out the extended master secret");
    }
    drop(control);
    let printed = s_client(port, &["-tls1_2"]).await;
    table.row("no compression", "true", &printed.contains("Compression: NONE").to_string());
    table.row(
        "secure renegotiation (TLS 1.2)",
        "true",
        &printed.contains("Secure Renegotiation IS supported").to_string(),
    );
    let printed = s_client(port, &["-tls1_3"]).await;
    table.row("no early data", "true", &printed.contains("Max Early Data: 0").to_string());
    table.judge("s_client against our server");
    for server in [wide, wide_rsa, narrow] {
        server.stop().await;
    }
}

/// fapi: MT-1, MT-2, MT-11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x1149_3_1_15_4_client_certificates_against_s_client() {
    if openssl_is_missing() {
        return;
    }
    let folder = Folder::new("clients");
    let (server, authorities) = judging(None, ChannelPolicy::fapi_tls12()).await;
    let port = server.address.port();
    let ca = &server.ca;
    let subject = ClientSubject::named("fintech-1");
    let trusted = ca.client(&subject, now()).unwrap();
    let stranger = DevelopmentCa::new("Test Root", now()).unwrap().client(&subject, now()).unwrap();
    let expired = ca.client_valid(&subject, now(), now().minus(DAY)).unwrap();
    let revoked = ca.client(&subject, now()).unwrap();
    let self_signed = DevelopmentCa::self_signed_client(&subject, now()).unwrap();
    let list = ca.revocation_list(&[&revoked], now()).unwrap();
    authorities.replace_lists(&[list.der().to_vec()]).unwrap();
    let mut table = Table(Vec::new());
    for (version, flag, suite) in
        [("TLSv1.3", "-tls1_3", "TLS_AES_256_GCM_SHA384"), ("TLSv1.2", "-tls1_2", "ECDHE-ECDSA-AES256-GCM-SHA384")]
    {
        let kinds: [(&str, Vec<String>, Option<&str>); 10] = [
            ("none", vec![], Some("nobody")),
            ("of our CA", folder.keep("trusted", &trusted), Some("CN=fintech-1 is trusted")),
            ("of a namesake of our CA", folder.keep("stranger", &stranger), Some("CN=fintech-1 is Untrusted")),
            ("expired", folder.keep("expired", &expired), Some("CN=fintech-1 is Expired")),
            ("revoked", folder.keep("revoked", &revoked), Some("CN=fintech-1 is Revoked")),
            ("self-signed", folder.keep("self", &self_signed), Some("CN=fintech-1 is Untrusted")),
            (
                "self-signed CA:TRUE, P-256",
                folder.req_x509("ca-ec", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
                Some("CN=localhost is Untrusted"),
            ),
            (
                "self-signed CA:TRUE, RSA 2048",
                folder.req_x509("ca-rsa", &["-newkey", "rsa:2048"]),
                Some("CN=localhost is Untrusted"),
            ),
            (
                "self-signed CA:TRUE, Ed25519",
                folder.req_x509("ca-ed", &["-newkey", "ed25519"]),
                Some("CN=localhost is Untrusted"),
            ),
            ("self-signed, RSA 1024", folder.req_x509("rsa-1024", &["-newkey", "rsa:1024"]), None),
        ];
        for (kind, files, verdict) in kinds {
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let got = outcome(&s_client(port, &[&files[..], &[flag, "-cipher", "DEFAULT:@SECLEVEL=0"]].concat()).await);
            let expected = verdict.map_or_else(|| "refused".to_owned(), |it| format!("New, {version}, {suite}: {it}"));
            table.row(&format!("{version}, client certificate {kind}"), &expected, &got);
        }
        // The same certificate again on a resumed session, then revoked.
        let resumed = ca.client(&subject, now()).unwrap();
        let files = folder.keep("resumed", &resumed);
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let session = folder.path("session");
        let got = outcome(&s_client(port, &[&files[..], &[flag, "-sess_out", &session]].concat()).await);
        table.row(
            &format!("{version}, first session"),
            &format!("New, {version}, {suite}: CN=fintech-1 is trusted"),
            &got,
        );
        let again = folder.path("again");
        let got =
            outcome(&s_client(port, &[&files[..], &[flag, "-sess_in", &session, "-sess_out", &again]].concat()).await);
        table.row(
            &format!("{version}, resumed"),
            &format!("Reused, {version}, {suite}: CN=fintech-1 is trusted"),
            &got,
        );
        let list = ca.revocation_list(&[&revoked, &resumed], now()).unwrap();
        authorities.replace_lists(&[list.der().to_vec()]).unwrap();
        // TLS 1.3 tickets are good once; a TLS 1.2 session keeps its id.
        let last = if version == "TLSv1.3" { &again } else { &session };
        let got = outcome(&s_client(port, &[&files[..], &[flag, "-sess_in", last]].concat()).await);
        table.row(
            &format!("{version}, resumed after revocation"),
            &format!("Reused, {version}, {suite}: CN=fintech-1 is Revoked"),
            &got,
        );
    }
    table.judge("client certificates of s_client, at our server");
    server.stop().await;
}

/// Certificates as other tools make them: what rules forbid about them is said, whatever the endpoint would do with them.
///
/// fapi: TL-8, SP-N-11
#[test]
fn certificates_that_the_rules_forbid_are_reported() {
    if openssl_is_missing() {
        return;
    }
    let folder = Folder::new("reports");
    let (fapi, kcmvp) = (ChannelRules::fapi2_security(), ChannelRules::kcmvp());
    let ed25519 = Finding::KeyForbidden(KeyKind::Ed25519);
    for (name, arguments, by_fapi, by_kcmvp) in [
        ("rsa", &["-newkey", "rsa:2048"][..], None, None),
        (
            "rsa-sha1",
            &["-newkey", "rsa:2048", "-sha1"],
            Some(Finding::CertificateForgeable),
            Some(Finding::CertificateForgeable),
        ),
        ("ed25519", &["-newkey", "ed25519"], None, Some(ed25519)),
    ] {
        let _files = folder.req_x509(name, arguments);
        let read = |suffix: &str| std::fs::read(folder.path(&format!("{name}.{suffix}"))).unwrap();
        let certificate = KeyedCertificate::from_pem(&read("pem"), &read("key"), RING).unwrap();
        let mut policy = ChannelPolicy::tls13();
        policy.suites.retain(|suite| kcmvp.suites.contains(suite));
        policy.groups.retain(|group| kcmvp.groups.contains(group));
        let channel = ServerChannel::new(policy, &certificate, ClientCertificates::NotAsked, clock()).unwrap();
        for (rules, expected) in [(&fapi, by_fapi), (&kcmvp, by_kcmvp)] {
            let found: Vec<_> = channel.report(rules).findings.into_iter().filter(|it| it.forbidden()).collect();
            assert_eq!(found, Vec::from_iter(expected), "{name}, {}", rules.name);
        }
    }
}

/// `s_server` with `arguments`, on a port of its choice; answers every GET.
fn s_server(arguments: &[&str]) -> (Running, u16) {
    let mut child = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-www"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let port = loop {
        line.clear();
        assert!(printed.read_line(&mut line).unwrap() > 0, "s_server ended: {arguments:?}");
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            break address.trim().rsplit(':').next().unwrap().parse().unwrap();
        }
    };
    // Whatever else it prints must not block it.
    std::thread::spawn(move || std::io::copy(&mut printed, &mut std::io::sink()));
    (Running(child), port)
}

async fn ours_against(arguments: &[&str], policy: ChannelPolicy, trust: &ServerTrust, host: &str) -> String {
    let (server, port) = s_server(arguments);
    let channel = ClientChannel::new(policy, trust, None, &clock()).unwrap();
    let transport = HttpsTransport::new(&channel, AddressPolicy::public_and_loopback());
    let answer = fetch(&transport, &format!("https://{host}:{port}/")).await;
    drop(server);
    match answer {
        Ok(page) => page.split(' ').next().unwrap_or_default().to_owned(),
        Err(TransportError::Untrusted) => "Untrusted".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

/// fapi: SP-N-2, SP-N-5, SP-N-6, TL-1, TL-3, TL-4, TL-9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x1149_3_1_15_4_our_client_against_s_server() {
    if openssl_is_missing() {
        return;
    }
    let folder = Folder::new("servers");
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let good = ca.server(&["localhost", "127.0.0.1"], now()).unwrap();
    let files = folder.keep("good", &good);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let rsa = folder.req_x509("rsa", &["-newkey", "rsa:2048", "-addext", "basicConstraints=critical,CA:FALSE"]);
    let rsa: Vec<&str> = rsa.iter().map(String::as_str).collect();
    let read = |name: &str| certificates_from_pem(&std::fs::read(Path::new(&folder.path(name))).unwrap()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let rsa_trust = ServerTrust::in_authorities(read("rsa.pem"));
    let mut table = Table(Vec::new());

    for (version, name) in [("-tls1", "TLS 1.0"), ("-tls1_1", "TLS 1.1")] {
        if !speaks(version, &rsa.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()).await {
            ingam_testkit::not_run(&format!("this openssl has no {name}"));
            continue;
        }
        let arguments = [&files[..], &[version, "-cipher", EVERYTHING]].concat();
        let got = ours_against(&arguments, ChannelPolicy::fapi_tls12(), &trust, "localhost").await;
        table.row(&format!("{name} server"), "Untrusted", &got);
    }
    for suite in ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] {
        let arguments = [&files[..], &["-tls1_3", "-ciphersuites", suite]].concat();
        table.row(suite, "200", &ours_against(&arguments, ChannelPolicy::tls13(), &trust, "localhost").await);
    }
    for (suite, certificate, trust) in [
        ("ECDHE-ECDSA-AES256-GCM-SHA384", &files, &trust),
        ("ECDHE-ECDSA-AES128-GCM-SHA256", &files, &trust),
        ("ECDHE-RSA-AES256-GCM-SHA384", &rsa, &rsa_trust),
        ("ECDHE-RSA-AES128-GCM-SHA256", &rsa, &rsa_trust),
    ] {
        let arguments = [&certificate[..], &["-tls1_2", "-cipher", suite]].concat();
        table.row(suite, "200", &ours_against(&arguments, ChannelPolicy::fapi_tls12(), trust, "localhost").await);
        let got = ours_against(&arguments, ChannelPolicy::tls13(), trust, "localhost").await;
        table.row(&format!("{suite}, tls13 client"), "Untrusted", &got);
    }
    for (suite, certificate, trust) in [
        ("ECDHE-ECDSA-AES128-SHA", &files, &trust),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", &files, &trust),
        ("ECDHE-RSA-AES128-SHA256", &rsa, &rsa_trust),
        ("DHE-RSA-AES128-GCM-SHA256", &rsa, &rsa_trust),
        ("AES128-GCM-SHA256", &rsa, &rsa_trust),
    ] {
        let cipher = format!("{suite}:@SECLEVEL=0");
        let arguments = [&certificate[..], &["-tls1_2", "-cipher", &cipher]].concat();
        table.row(suite, "Untrusted", &ours_against(&arguments, ChannelPolicy::fapi_tls12(), trust, "localhost").await);
    }

    let other = ca.server(&["other.example"], now()).unwrap();
    let expired = ca.server_valid(&["localhost"], now(), now().minus(DAY)).unwrap();
    let stranger = DevelopmentCa::new("Test Root", now()).unwrap().server(&["localhost"], now()).unwrap();
    let revoked = ca.server(&["localhost"], now()).unwrap();
    let with_list = |issued: &[&IssuedCertificate], age: u64| ServerTrust {
        lists: vec![ca.revocation_list(issued, now().minus(Seconds::new(age))).unwrap().der().to_vec()],
        ..trust.clone()
    };
    let ca_true = folder.req_x509("ca", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let cases = [
        ("wrong name", folder.keep("other", &other), trust.clone(), "localhost", "Untrusted"),
        ("right name by address", folder.keep("good", &good), trust.clone(), "127.0.0.1", "200"),
        ("expired", folder.keep("expired", &expired), trust.clone(), "localhost", "Untrusted"),
        ("of a namesake of the CA", folder.keep("stranger", &stranger), trust.clone(), "localhost", "Untrusted"),
        ("self-signed CA:TRUE, unknown", ca_true.clone(), trust.clone(), "localhost", "Untrusted"),
        (
            "self-signed CA:TRUE, given as anchor",
            ca_true,
            ServerTrust::in_authorities(read("ca.pem")),
            "localhost",
            "Untrusted",
        ),
        (
            "self-signed CA:FALSE, given as anchor",
            rsa.iter().map(|it| (*it).to_owned()).collect(),
            rsa_trust.clone(),
            "localhost",
            "200",
        ),
        (
            "self-signed CA:FALSE, unknown",
            rsa.iter().map(|it| (*it).to_owned()).collect(),
            trust.clone(),
            "localhost",
            "Untrusted",
        ),
        ("not revoked", folder.keep("good", &good), with_list(&[&revoked], 0), "localhost", "200"),
        ("revoked", folder.keep("revoked", &revoked), with_list(&[&revoked], 0), "localhost", "Untrusted"),
        ("revocation list expired", folder.keep("good", &good), with_list(&[], 30 * 86_400), "localhost", "Untrusted"),
    ];
    for (name, certificate, trust, host, expected) in cases {
        let certificate: Vec<&str> = certificate.iter().map(String::as_str).collect();
        table.row(name, expected, &ours_against(&certificate, ChannelPolicy::tls13(), &trust, host).await);
    }
    table.judge("our client against s_server");
}

/// An independent printer of RFC 4514 names agrees with ours.
#[test]
fn subjects_read_as_openssl_prints_them() {
    if openssl_is_missing() {
        return;
    }
    let folder = Folder::new("names");
    for (position, subject) in [
        "/C=KR/O=Fin, Inc./OU=Pay/serialNumber=123-45-67890/CN=fintech-1",
        "/DC=example/DC=bank/UID=user 7/CN=a\\+b;c<d>e\"f\\\\g",
        "/C=KR/ST=서울/L=중구/street=세종대로 1/O=인감은행/CN=운영기관",
        "/CN=#leading/emailAddress=ops@bank.example",
        "/O= leading and trailing /CN=x",
        "/C=KR/O=Multi+OU=Valued/CN=one+UID=two",
        "/CN=x/SN=Kim/GN=Cheolsu/title=Dr",
    ]
    .into_iter()
    .enumerate()
    {
        let (certificate, key) = (folder.path(&format!("{position}.pem")), folder.path(&format!("{position}.key")));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-utf8", "-multivalue-rdn"])
            .args(["-subj", subject, "-out", &certificate, "-keyout", &key])
            .output()
            .unwrap();
        assert!(made.status.success(), "{subject}: {}", String::from_utf8_lossy(&made.stderr));
        let printed = Command::new("openssl")
            .args(["x509", "-in", &certificate, "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"])
            .output()
            .unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        let theirs = printed.trim_end_matches('\n').strip_prefix("subject=").unwrap();
        let chain = certificates_from_pem(&std::fs::read(&certificate).unwrap()).unwrap();
        let ours = ingam_tls::identify(&chain).unwrap().subject_dn;
        assert_eq!(ours.replace("STREET=", "street="), theirs, "{subject}");
    }
}
