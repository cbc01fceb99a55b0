#!/usr/bin/env python3
"""A stand-alone bank as its configuration says: what it refuses, whom it lets in, what it keeps over a restart.

python3 tests/interop/bank/configured.py --bank PATH starts banks on free ports in a temporary folder, as a bank's
engineer would, and talks to them with openssl's keys. Exit code 1 if anything is not as the configuration says.
"""
import argparse
import base64
import http.server
import json
import os
import pathlib
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from stage import Bank, check, ended, free_port, write

FETCH_AGAIN = 11  # seconds: a bank asks a jwks_uri again after ten

FINTECH = """[[fintech]]
client_id = "{name}"
owner = "security officer"
auth = "{auth}"
binding = "{binding}"
redirect_uris = ["https://fintech.example/callback"]
scope = "accounts"
{more}
"""


def fintech(name="fintech", auth="private_key_jwt", binding="dpop", more=""):
    return FINTECH.format(name=name, auth=auth, binding=binding, more=more)


def openssl(*arguments, feed=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=feed, check=True, capture_output=True).stdout


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A P-256 key that signs JWTs."""

    def __init__(self, folder, name):
        self.path, self.kid = folder / f"{name}.pem", name
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path)
        point = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")[-64:]
        self.jwk = {"kty": "EC", "crv": "P-256", "x": base64url(point[:32]), "y": base64url(point[32:])}

    def public(self):
        return {**self.jwk, "kid": self.kid, "alg": "ES256", "use": "sig"}

    def jwt(self, header, claims):
        text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "ES256", **header}, claims))
        der = openssl("dgst", "-sha256", "-sign", self.path, feed=text.encode())
        at, halves = 2, []
        for _ in range(2):
            length = der[at + 1]
            halves.append(der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0"))
            at += 2 + length
        return f"{text}.{base64url(b''.join(halves))}"

    def assertion(self, issuer, client):
        now = int(time.time())
        claims = {"iss": client, "sub": client, "aud": issuer, "iat": now, "exp": now + 60, "jti": secrets.token_urlsafe()}
        return self.jwt({"kid": self.kid, "typ": "JWT"}, claims)

    def proof(self, url, nonce=None):
        claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": secrets.token_urlsafe()}
        return self.jwt({"typ": "dpop+jwt", "jwk": self.jwk}, claims | ({"nonce": nonce} if nonce else {}))


class Authority:
    """A CA and what it certifies."""

    def __init__(self, folder):
        self.folder, self.key, self.certificate = folder, folder / "ca.key", folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test CA",
                "-addext", "keyUsage=critical,keyCertSign", "-keyout", self.key, "-out", self.certificate)

    def certify(self, name):
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        (self.folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n")
        request = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key)
        openssl("x509", "-req", "-CA", self.certificate, "-CAkey", self.key, "-days", "2", "-extfile", self.folder / "extensions", "-out", certificate, feed=request)
        return certificate, key


class AskedBank(Bank):
    """A bank that clients push to."""

    def post(self, form, headers=(), base=None, shows=None):
        """Status, error and nonce of a push."""
        context = self.context()
        if shows:
            context.load_cert_chain(*shows)
        common = {"response_type": "code", "redirect_uri": "https://fintech.example/callback", "scope": "accounts",
                  "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
        body = urllib.parse.urlencode(common | form).encode()
        request = urllib.request.Request((base or self.ready["issuer"]) + "/par", body, dict(headers))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, None, answer.headers.get("DPoP-Nonce")
        except urllib.error.HTTPError as error:
            return error.code, json.load(error).get("error"), error.headers.get("DPoP-Nonce")

    def push(self, key, client="fintech", headers=()):
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assertion = key.assertion(self.ready["issuer"], client)
        return self.post({"client_id": client, "client_assertion_type": kind, "client_assertion": assertion}, headers)


def key_file(folder, *keys):
    path = folder / f"{keys[0].kid}.jwks.json"
    path.write_text(json.dumps({"keys": [key.public() for key in keys]}))
    return f'jwks = "{path}"'


def all_faults_at_once(program, folder):
    more = '[development]\n[keys]\nrotate_days = 0\n[[user]]\nusername = "alice"\npassword = ""\n' + fintech(binding="none") + fintech(binding="mtls")
    path, _ = write(folder, "faults.toml", production="true", profile="fapi3", more=more)
    for option in ([], ["--check"]):
        refused = subprocess.run([program, "--config", path, *option], capture_output=True, text=True, timeout=20, check=False)
        told = ("mtls_listen", "[development]", "[tls] is required", "kek_env", "known are", "it forgets everything", "rotate_days", "binding", "two of", "password")
        missing = [one for one in told if one not in refused.stderr]
        check(f"all faults are told at once {option}", refused.returncode == 1 and not refused.stdout and not missing, f"missing {missing}")


def stops_whenever(program, folder):
    path, port = write(folder, "stops.toml")
    bank = AskedBank(program, path)
    other, _ = write(folder, "in-use.toml", port=port)
    second = AskedBank(program, other)
    second.process.communicate(timeout=20)
    told = second.told()
    check("a port in use is named", second.ready is None and f"listen 127.0.0.1:{port}" in told, told.strip()[-80:])
    check("the ready line is in its order", list(bank.ready) == ["ready", "issuer", "discovery", "jwks", "ca"])
    check("SIGTERM right after the ready line stops it", bank.stop() == 0)
    check("its CA goes with it", not os.path.exists(bank.ready["ca"]))


def keeps_over_a_restart(program, folder):
    key, proof = Key(folder, "kept"), Key(folder, "proof")
    store = f"redb:{folder / 'kept.redb'}"
    both = 'dpop_nonce = "required"\n' + fintech(more=key_file(folder, key)) + fintech("other", more=key_file(folder, key))
    path, port = write(folder, "kept.toml", store=store, more=both)
    bank, url = AskedBank(program, path), f"https://127.0.0.1:{port}/par"
    first = bank.push(key, headers={"DPoP": proof.proof(url)})
    check("a nonce is asked for", first[:2] == (400, "use_dpop_nonce") and first[2], first)
    check("another fintech is let in", bank.push(key, "other", {"DPoP": proof.proof(url, first[2])})[0] == 201)
    bank.stop()
    write(folder, "kept.toml", store=store, port=port, more='dpop_nonce = "required"\n' + fintech(more=key_file(folder, key)))
    bank = AskedBank(program, path)
    again = bank.push(key, headers={"DPoP": proof.proof(url, first[2])})
    check("the nonce still counts after a restart", again[0] == 201, again)
    removed = bank.push(key, "other", {"DPoP": proof.proof(url, again[2])})
    check("who is taken out of the configuration is unknown", removed[:2] == (401, "invalid_client"), removed)
    bank.stop()


class KeySets(http.server.BaseHTTPRequestHandler):
    keys = []

    def do_GET(self):
        body = json.dumps({"keys": [key.public() for key in self.keys]}).encode()
        if self.path == "/large":
            body = body[:-1] + b" " * (8 << 20) + body[-1:]
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "/jwks")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # it need not take all of it in

    def log_message(self, *_):
        pass


def follows_jwks_uri(program, folder, authority):
    certificate, key = authority.certify("fintech.example")
    port, first, second = free_port(), Key(folder, "first"), Key(folder, "second")
    uri = f"https://127.0.0.1:{port}"
    more = "".join(fintech(name, more=f'jwks_uri = "{uri}/{path}"') for name, path in (("fintech", "jwks"), ("large", "large"), ("elsewhere", "elsewhere")))
    path, _ = write(folder, "jwks-uri.toml", more=more)
    bank = AskedBank(program, path, {"SSL_CERT_FILE": str(authority.certificate)})
    check("jwks_uri not reached: 503", bank.push(first)[:2] == (503, "temporarily_unavailable"))
    KeySets.keys = [first]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), KeySets)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    time.sleep(FETCH_AGAIN)
    check("jwks_uri: its key is good", bank.push(first)[0] == 201)
    check("jwks_uri: a key it does not hold is not", bank.push(second)[:2] == (401, "invalid_client"))
    check("jwks_uri of 8 MiB: 503", bank.push(first, "large")[0] == 503)
    check("jwks_uri that leads elsewhere: 503", bank.push(first, "elsewhere")[0] == 503)
    KeySets.keys = [second]
    time.sleep(6 * FETCH_AGAIN)
    check("jwks_uri: a new key is good when it is used", bank.push(second)[0] == 201)
    check("jwks_uri: the old one no more", bank.push(first)[:2] == (401, "invalid_client"))
    server.shutdown()
    check("jwks_uri not reached any more: what is held is good", bank.push(second)[0] == 201)
    bank.stop()


def believes_its_proxy(program, folder, authority):
    proxy, member, stranger, server = (authority.certify(name) for name in ("proxy", "member", "stranger", "127.0.0.1"))
    mtls = free_port()
    more = f"""mtls_listen = "127.0.0.1:{mtls}"
mtls_base = "https://127.0.0.1:{mtls}"
proxy_address_in = "x-forwarded-for"
[tls]
cert = "{server[0]}"
key = "{server[1]}"
client_ca = "{authority.certificate}"
[[proxy]]
certificate = "{proxy[0]}"
""" + fintech(auth="tls_client_auth", binding="mtls", more='tls_client_auth_subject_dn = "CN=member"')
    path, _ = write(folder, "proxy.toml", more=more)
    bank = AskedBank(program, path)
    bank.ready["ca"] = str(authority.certificate)
    field, another = (":" + base64.b64encode(openssl("x509", "-in", one[0], "-outform", "DER")).decode() + ":" for one in (member, stranger))
    base = f"https://127.0.0.1:{mtls}"

    def push(field, shows, base=base):
        return bank.post({"client_id": "fintech"}, {"Client-Cert": field} if field else {}, base, shows)[0]

    check("a fintech's own certificate", push(None, member) == 201)
    check("handed on by the configured proxy", push(field, proxy) == 201)
    check("the proxy itself is no fintech", push(None, proxy) == 401)
    check("handed on by somebody else", push(field, stranger) == 401)
    check("on the listener without certificates", push(field, None, bank.ready["issuer"]) == 401)
    check("a field in a field", push(field + ", " + field, proxy) == 400)

    def push_from(address, field):
        # What stands before the last element is whatever the client wrote there.
        headers = {"Client-Cert": field, "X-Forwarded-For": f"203.0.113.9, {address}"}
        return bank.post({"client_id": "fintech"}, headers, base, proxy)[0]

    tries = next((tries for tries in range(1, 400) if push_from("198.51.100.1", another) == 429), None)
    check("who fails through the proxy is held back", tries, f"after {tries} tries")
    check("and nobody else is", push_from("198.51.100.2", another) == 401 and push_from("198.51.100.2", field) == 201)
    bank.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bank", required=True)
    program = str(pathlib.Path(parser.parse_args().bank).resolve())
    with tempfile.TemporaryDirectory(prefix="ingam-configured-") as name:
        folder = pathlib.Path(name)
        authority = Authority(folder)
        all_faults_at_once(program, folder)
        stops_whenever(program, folder)
        keeps_over_a_restart(program, folder)
        believes_its_proxy(program, folder, authority)
        follows_jwks_uri(program, folder, authority)
    return ended()


if __name__ == "__main__":
    sys.exit(main())
