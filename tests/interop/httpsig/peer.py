"""Signs and verifies with http-message-signatures and PyJWT what ingam-transaction verifies and signs.

    python peer.py PEER              both directions, every profile; prints a line per case
    python peer.py PEER --vectors D  also writes good and bad vectors of each profile into the folder D
"""
import base64
import copy
import datetime
import hashlib
import json
import pathlib
import subprocess
import sys
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives import hashes, serialization
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

peer = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
NOW = int(time.time())
URL = "https://bank.example/accounts/a-1/transactions?from=2026-01-01&to=2026%2D01%2D31"
BODY = '{"payee":"Kim","amount":{"currency":"KRW","minor":150000}}'
cases = 0


def ask(**command):
    peer.stdin.write(json.dumps(command) + "\n")
    peer.stdin.flush()
    return json.loads(peer.stdout.readline())


def expect(name, got, wanted):
    global cases
    cases += 1
    if got != wanted:
        print(f"FAILED {name}: got {got}, wanted {wanted}")
        sys.exit(1)
    print(f"ok {name}")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self, alg):
        self.alg = alg
        self.kid = f"python-{alg.lower()}"
        number = lambda value: b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        if alg == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
            private, public = self.private.private_numbers(), self.private.public_key().public_numbers()
            coordinate = lambda value: b64(value.to_bytes(32, "big"))
            self.jwk = {"kty": "EC", "crv": "P-256", "x": coordinate(public.x), "y": coordinate(public.y)}
            secret = {"d": coordinate(private.private_value)}
            self.algorithm = algorithms.ECDSA_P256_SHA256
        elif alg == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
            raw = serialization.Encoding.Raw
            x = self.private.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
            d = self.private.private_bytes(raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
            self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(x)}
            secret = {"d": b64(d)}
            self.algorithm = algorithms.ED25519
        else:
            self.private = rsa.generate_private_key(65537, 2048)
            private, public = self.private.private_numbers(), self.private.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
            secret = {
                "d": number(private.d), "p": number(private.p), "q": number(private.q),
                "dp": number(private.dmp1), "dq": number(private.dmq1), "qi": number(private.iqmp),
            }
            self.algorithm = PS256
        self.jwk |= {"kid": self.kid, "alg": alg, "use": "sig"}
        self.private_jwk = self.jwk | secret


class PS256(algorithms.HTTPSignatureAlgorithm):
    """RSASSA-PSS as JOSE has it; RFC 9421 section 3.3.7 lets it be used without `alg`."""

    algorithm_id = "none-registered"
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)

    def __init__(self, public_key=None, private_key=None):
        self.public_key, self.private_key = public_key, private_key

    def sign(self, message):
        return self.private_key.sign(message, self.pss, hashes.SHA256())

    def verify(self, signature, message):
        self.public_key.verify(signature, message, self.pss, hashes.SHA256())


class Keys(HTTPSignatureKeyResolver):
    def __init__(self, key):
        self.key = key

    def resolve_public_key(self, key_id):
        return self.key.private.public_key() if key_id == self.key.kid else None

    def resolve_private_key(self, key_id):
        return self.key.private


class LeaveDigest(HTTPMessageSigner.content_digest_class):
    """The digest field is part of each case, right or wrong, so the library is kept from making or judging it."""

    @classmethod
    def prepare(cls, headers, body, **options):
        pass


class Signer(HTTPMessageSigner):
    content_digest_class = LeaveDigest


class Headers(dict):
    """Names in lower case."""

    def __init__(self, pairs):
        super().__init__((name.lower(), value) for name, value in pairs)

    def __setitem__(self, name, value):
        super().__setitem__(name.lower(), value)

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __contains__(self, name):
        return super().__contains__(name.lower())


class Request:
    def __init__(self, method, url, headers, body=""):
        self.method, self.url, self.headers, self.body = method, url, Headers(headers), body

    def message(self):
        return {"method": self.method, "url": self.url, "headers": [list(h) for h in lower(self)], "body": self.body}


class Response:
    def __init__(self, status, headers, body, request):
        self.status_code, self.headers, self.body, self.request = status, Headers(headers), body, request

    def message(self):
        return {"status": self.status_code, "headers": [list(h) for h in lower(self)], "body": self.body}


def lower(message):
    return [(name.lower(), value) for name, value in message.headers.items()]


def digest(body, name="sha-256"):
    hasher = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512, "md5": hashlib.md5}[name]
    return f"{name}=:{base64.b64encode(hasher(body.encode()).digest()).decode()}:"


PROFILES = {
    "fapi-2-http-signatures": {
        "tags": ("fapi-2-request", "fapi-2-response"),
        "headers": [("authorization", "DPoP abc.def.ghi"), ("dpop", "eyJ0.eyJq.c2ln"), ("content-type", "application/json")],
        "covers": ["@method", "@target-uri", "authorization", "dpop", "content-digest"],
    },
    "korea": {
        "tags": ("ingam-korea-request", "ingam-korea-response"),
        "headers": [("authorization", "Bearer abc.def.ghi"), ("x-api-tran-id", "M2026"), ("content-type", "application/json")],
        "covers": ["@method", "@target-uri", "authorization", "x-api-tran-id", "content-type", "content-digest"],
    },
}
ANSWER = ["@status", "content-digest", '"@method";req', '"@target-uri";req', '"content-digest";req', '"signature";req', '"signature-input";req']


def python_signs(message, key, covers, tag, created=None, **options):
    covers = [component for component in covers if component != "content-digest" or message.body]
    if message.body and "content-digest" not in message.headers:
        message.headers["content-digest"] = digest(message.body)
    created = datetime.datetime.fromtimestamp(NOW if created is None else created)
    options = {"include_alg": key.alg != "PS256", "label": "sig1", "nonce": hashlib.sha256(repr(covers).encode()).hexdigest()[:20]} | options
    Signer(signature_algorithm=key.algorithm, key_resolver=Keys(key)).sign(
        message, key_id=key.kid, created=created, covered_component_ids=covers, tag=tag, **options)
    return message


def python_verifies(message, key, tag):
    verifier = HTTPMessageVerifier(signature_algorithm=key.algorithm, key_resolver=Keys(key))
    [result] = verifier.verify(message, expect_tag=tag, body=message.body.encode())
    assert (result.body or b"") == message.body.encode(), "the body is under the digest"
    return sorted(result.covered_components)


def call(profile, method="POST", body=BODY):
    return Request(method, URL, PROFILES[profile]["headers"], body)


def both_directions(profile, key):
    row = PROFILES[profile]
    tag, answer_tag = row["tags"]
    name = f"{profile} {key.alg}"
    for method, body in [("POST", BODY), ("GET", ""), ("DELETE", ""), ("POST", '{"이름":"홍길동"}')]:
        # Python signs, Ingam checks.
        request = python_signs(call(profile, method, body), key, row["covers"], tag)
        reply = ask(do="check", profile=profile, keys=[key.jwk], request=request.message(), now=NOW)
        expect(f"{name} python signs {method}", reply, {"ok": True})
        # Ingam answers, Python verifies.
        response = Response(200, [("content-type", "application/json")], '{"balance":"1000"}', request)
        signed = ask(do="answer", profile=profile, key=key.private_jwk, request=request.message(), response=response.message(), now=NOW)
        response.headers = Headers(signed["headers"])
        python_verifies(response, key, answer_tag)
        expect(f"{name} ingam answers {method}", signed["ok"], True)
        # Ingam signs, Python verifies.
        request = call(profile, method, body)
        signed = ask(do="sign", profile=profile, key=key.private_jwk, request=request.message(), now=NOW)
        request.headers = Headers(signed["headers"])
        covered = python_verifies(request, key, tag)
        needed = [f'"{component}"' for component in row["covers"] if body or component not in ("content-digest", "content-type")]
        expect(f"{name} ingam signs {method}", [component for component in needed if component not in covered], [])
        # Python answers, Ingam verifies; and an answer to another request is refused.
        covers = [component for component in ANSWER if body or component != '"content-digest";req']
        response = python_signs(Response(403, [], '{"error":"no"}', request), key, covers, answer_tag)
        reply = ask(do="verify", profile=profile, keys=[key.jwk], request=request.message(), response=response.message(), now=NOW)
        expect(f"{name} python answers {method}", reply, {"ok": True, "status": 403})
        other = call(profile, method, body)
        other.headers = Headers(ask(do="sign", profile=profile, key=key.private_jwk, request=other.message(), now=NOW)["headers"])
        reply = ask(do="verify", profile=profile, keys=[key.jwk], request=other.message(), response=response.message(), now=NOW)
        expect(f"{name} python answers another {method}", reply, {"ok": False, "error": "ResponseNotBound"})


def bad(profile, key):
    """Requests that Python signs well and Ingam must refuse."""
    row = PROFILES[profile]
    tag = row["tags"][0]
    made = []

    def add(error, change=None, after=None, **options):
        request = call(profile)
        if change:
            change(request)
        covers = options.pop("covers", row["covers"])
        request = python_signs(request, key, covers, options.pop("tag", tag), **options)
        if after:
            after(request)
        made.append((error, request.message()))

    def put(name, value):
        return lambda request: request.headers.__setitem__(name, value)

    for dropped in row["covers"]:
        add("RequiredComponentMissing", covers=[component for component in row["covers"] if component != dropped])
    add("RequiredComponentMissing", change=put("content-digest", digest(BODY, "md5")))
    add("TooOld", created=NOW - 61)
    add("CreatedInFuture", created=NOW + 11)
    add("Expired", expires=datetime.datetime.fromtimestamp(NOW))
    add("WrongTag", tag="another")
    add("DigestMismatch", after=lambda request: setattr(request, "body", BODY.replace("150000", "950000")))
    add("DigestMismatch", change=put("content-digest", digest("other")))
    add("BadSignature", after=lambda request: request.headers.__setitem__("content-digest", digest("x")))
    add("BadSignature", after=put("authorization", "DPoP stolen"))
    add("BadSignature", after=lambda request: setattr(request, "method", "PUT"))
    add("BadSignature", after=lambda request: setattr(request, "url", URL + "&x=1"))
    add("BadSignature", after=lambda request: request.headers.__setitem__(
        "signature-input", request.headers["signature-input"].replace('"@method" "@target-uri"', '"@target-uri" "@method"')))
    add("LabelMismatch", after=lambda request: request.headers.__setitem__(
        "signature-input", request.headers["signature-input"].replace("sig1=", "sig2=")))
    add("DuplicateLabel", after=lambda request: request.headers.__setitem__(
        "signature-input", request.headers["signature-input"] + ", " + request.headers["signature-input"]))
    add("DuplicateComponent", after=lambda request: request.headers.__setitem__(
        "signature-input", request.headers["signature-input"].replace('"@method"', '"@method" "@method"', 1)))
    add("LabelMismatch", after=lambda request: request.headers.pop("signature"))
    return made


def answers(profile, key):
    """Answers that Python signs, good ones and bad ones, each with the request it is read against."""
    row = PROFILES[profile]
    tag, answer_tag = row["tags"]
    request = python_signs(call(profile), key, row["covers"], tag, nonce="one")
    other = python_signs(call(profile), key, row["covers"], tag, nonce="other")
    made = []

    def add(expected, covers=ANSWER, against=request, after=None, **options):
        response = python_signs(Response(201, [("content-type", "application/json")], '{"id":"p-1"}', request), key, covers, answer_tag, **options)
        if after:
            after(response)
        made.append((expected, {"request": against.message(), "response": response.message()}))

    add("accepted")
    for component in ANSWER:
        add("RequiredComponentMissing", covers=[kept for kept in ANSWER if kept != component])
    add("ResponseNotBound", against=other)
    add("ResponseNotBound", after=lambda response: setattr(response, "status_code", 200))
    add("DigestMismatch", after=lambda response: setattr(response, "body", '{"id":"p-2"}'))
    add("TooOld", created=NOW - 61)
    add("CreatedInFuture", created=NOW + 11)
    return made


def components(key):
    """Every component and parameter, in one signature each, signed by Python and read by Ingam."""
    headers = [
        ("example-dict", "a=1,   b=2;x=1;y=2,   c=(a   b   c), d"), ("x-empty", ""), ("x-ows", "  spaced  out \t"),
        ("content-type", "text/plain"), ("content-digest", digest("")),
    ]
    url = "https://Bank.Example:443/path/to?param=value&foo=bar+baz&caf%C3%A9=cr%C3%A8me&empty="
    request = Request("OPTIONS", url, headers)
    covers = [
        "@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query",
        '"@query-param";name="param"', '"@query-param";name="foo"', '"@query-param";name="caf%C3%A9"', '"@query-param";name="empty"',
        '"example-dict"', '"example-dict";key="a"', '"example-dict";key="b"', '"example-dict";key="c"', '"example-dict";key="d"',
        '"x-empty"', '"x-ows"', '"x-ows";bs', '"content-digest";sf', '"content-type"',
    ]
    request.url = url.replace("Bank.Example:443", "bank.example")
    signer = Signer(signature_algorithm=key.algorithm, key_resolver=Keys(key))
    prepared = signer.prepare(request, key_id=key.kid, include_alg=key.alg != "PS256", covered_component_ids=covers, label="all", nonce='q"uo\\te', tag="t")
    signer.apply(request, prepared, signer.signature_algorithm(private_key=key.private).sign(prepared.signature_base))
    message = request.message() | {"url": url}
    reply = ask(do="bases", keys=[key.jwk], request=message)
    expect(f"every component {key.alg}: base", reply["bases"][0]["base"], prepared.signature_base.decode())
    expect(f"every component {key.alg}: signature", reply["bases"][0]["holds"], True)


def python_message(profile, key, claims, header=None, body=BODY):
    """A message signed with PyJWT's primitives."""
    header = {"alg": key.alg, "kid": key.kid} | (header or {})
    if profile == "detached-jws":
        header |= {"typ": "JOSE", "b64": False} | claims | (header or {})
        header["crit"] = header.get("crit", ["b64"] + list(claims))
        token = jwt.api_jws.encode(body.encode(), key.private, algorithm=key.alg, headers=header, is_payload_detached=True)
        return body, [["content-type", "application/json"], ["x-jws-signature", token]]
    header = {"typ": "transaction+jwt"} | header
    token = jwt.encode(claims | {"message": json.loads(body)}, key.private, algorithm=key.alg, headers=header)
    return token, [["content-type", "application/jwt"]]


TARGET = "https://bank.example/payments"


def stated(**changes):
    return {"issuer": "peer", "audience": TARGET, "method": "POST"} | changes


def claims(**changes):
    made = {"iss": "peer", "aud": TARGET, "iat": NOW, "jti": "id-1", "htm": "POST"} | changes
    return {name: value for name, value in made.items() if value is not None}


def messages(profile, key):
    body, headers = python_message(profile, key, claims())
    reply = ask(do="check-message", profile=profile, keys=[key.jwk], body=body, headers=headers, now=NOW, **stated())
    expect(f"{profile} {key.alg} python signs", reply, {"ok": True})
    signed = ask(do="sign-message", profile=profile, key=key.private_jwk, body=BODY, now=NOW, **stated())
    public = key.private.public_key()
    if profile == "detached-jws":
        token = signed["field"][1]
        # PyJWT's decoder knows no critical header but b64, so its algorithms are used without it.
        head, _, signature = token.split(".")
        header = json.loads(base64.urlsafe_b64decode(head + "=="))
        algorithm = jwt.get_algorithm_by_name(key.alg)
        holds = algorithm.verify(head.encode() + b"." + BODY.encode(), public, base64.urlsafe_b64decode(signature + "=="))
        expect(f"{profile} {key.alg} ingam signs", holds, True)
        expect(f"{profile} {key.alg} ingam states", [header["iss"], header["aud"], header["htm"], header["b64"]], ["peer", TARGET, "POST", False])
    else:
        read = jwt.decode(signed["body"], public, algorithms=[key.alg], audience=TARGET, issuer="peer")
        expect(f"{profile} {key.alg} ingam signs", [read["message"], read["jti"]], [json.loads(BODY), signed["id"]])


def bad_messages(profile, key):
    made = []

    def add(error, header=None, after=None, **changes):
        body, headers = python_message(profile, key, claims(**changes), header)
        if after:
            body, headers = after(body, headers)
        made.append((error, {"body": body, "headers": headers} | stated()))

    add("WrongIssuer", iss="other")
    add("WrongAudience", aud="https://bank.example/other")
    add("WrongMethod", htm="PUT")
    add("TooOld", iat=NOW - 61)
    add("IssuedInFuture", iat=NOW + 11)
    for claim in ("iss", "aud", "jti", "htm"):
        add("ClaimMissing", **{claim: None})
    if profile == "jwt-body":  # PyJWT writes iat only as a number, and needs none
        add("ClaimMissing", iat=None)
        add("Expired", exp=NOW)
        add("WrongType", header={"typ": "JWT"})
        add("WrongType", header={"typ": "dpop+jwt"})
        add("SignatureMissing", after=lambda body, headers: (body, [["content-type", "application/json"]]))
        add("Malformed", after=lambda body, headers: (body + ".x", headers))
    else:
        add("ResponseNotBound", in_reply_to="something")
        add("BadSignature", after=lambda body, headers: (body.replace("150000", "950000"), headers))
        add("SignatureMissing", after=lambda body, headers: (body, headers[:1]))
        add("SeveralSignatures", after=lambda body, headers: (body, headers + headers[1:]))
        add("UnsupportedCritical", header={"crit": ["b64"]})
    add("UnknownKey", header={"kid": "nobody"})
    add("UnsupportedHeader", header={"jku": "https://evil.example/jwks"})
    return made


def write(folder, profile, key, good_cases, bad_cases):
    cases = [{"expect": "accepted"} | message for message in good_cases]
    cases += [{"expect": error} | message for error, message in bad_cases]
    document = {
        "source": "made by tests/interop/httpsig/peer.py with http-message-signatures 3.0.0 and PyJWT 2.15.1",
        "profile": profile,
        "now": NOW,
        "keys": [key.jwk],
        "cases": cases,
    }
    path = pathlib.Path(folder) / f"{profile}.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    print(f"wrote {path}: {len(good_cases)} good, {len(bad_cases)} bad")


folder = sys.argv[3] if sys.argv[2:3] == ["--vectors"] else None
for alg in ("ES256", "EdDSA", "PS256"):
    key = Key(alg)
    components(key)
    for profile in PROFILES:
        if profile == "korea" and alg == "EdDSA":
            request = python_signs(call(profile), key, PROFILES[profile]["covers"], PROFILES[profile]["tags"][0])
            reply = ask(do="check", profile=profile, keys=[key.jwk], request=request.message(), now=NOW)
            expect("korea EdDSA python signs", reply, {"ok": False, "error": "AlgorithmNotAllowed"})
            continue
        both_directions(profile, key)
        refused = bad(profile, key)
        for error, message in refused:
            reply = ask(do="check", profile=profile, keys=[key.jwk], request=message, now=NOW)
            expect(f"{profile} {alg} refused as {error}", reply, {"ok": False, "error": error})
        replies = answers(profile, key)
        for wanted, message in replies:
            reply = ask(do="verify", profile=profile, keys=[key.jwk], now=NOW, **message)
            expect(f"{profile} {alg} answer {wanted}", reply.get("error", "accepted"), wanted)
        refused = [(error, {"request": message}) for error, message in refused] + replies
        if folder and alg == "ES256":
            row = PROFILES[profile]
            good = [python_signs(call(profile, method, body), key, row["covers"], row["tags"][0]).message()
                    for method, body in (("POST", BODY), ("GET", ""), ("POST", '{"이름":"홍길동"}'))]
            write(folder, profile, key, [{"request": message} for message in good], refused)
    for profile in ("detached-jws", "jwt-body"):
        messages(profile, key)
        refused = bad_messages(profile, key)
        for error, message in refused:
            reply = ask(do="check-message", profile=profile, keys=[key.jwk], now=NOW, **message)
            expect(f"{profile} {alg} refused as {error}", reply, {"ok": False, "error": error})
        if folder and alg == "ES256":
            body, headers = python_message(profile, key, claims())
            write(folder, profile, key, [{"body": body, "headers": headers} | stated()], refused)
peer.stdin.close()
peer.wait(timeout=10)
print(f"{cases} cases, 0 failed")
