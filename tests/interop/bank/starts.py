#!/usr/bin/env python3
"""Starts a stand-alone bank with configurations that are right and that are not.

python3 tests/interop/bank/starts.py --bank PATH works in a temporary folder; with --pkcs11 LIBRARY it only tries a bank
whose keys lie in a token. Exit code 1 if a wrong configuration became a bank, or a right one did not.
"""
import argparse
import json
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.request

from stage import Bank, check, ended, write

KEK = "nDlZ0gU2lmbDvVYWq0mJ5zE3Gk7r1bXhS8cTtQyPofA="


def refused_configurations(bank, folder):
    """A configuration that is not right never becomes a bank, and the message says where to look."""
    cases = [
        ("postgres", {"store": "postgres://localhost/bank"}, "redb:PATH"),
        ("unknown store", {"store": "sqlite:x"}, "redb:PATH"),
        ("unknown profile", {"profile": "fapi3"}, "known are fapi2-security"),
        ("a password's line", {"more": "[[user]]\nusername = \"alice\"\npassword = \"canary"}, "line 8"),
        ("unknown member", {"more": "dpop_nonces = \"required\""}, "line 6: unknown field `dpop_nonces`"),
        ("development in production", {"production": "true", "more": "[development]"}, "production = true"),
        ("memory in production", {"production": "true"}, "store = \"memory:\""),
        ("no certificate in production", {"production": "true", "store": "redb:x"}, "[tls]"),
        ("no key-encryption secret in production", {"production": "true"}, "[keys] kek_env or pkcs11"),
        ("half a mutual TLS listener", {"more": "mtls_listen = \"127.0.0.1:0\""}, "mtls_base"),
        ("a token without slot or label", {"more": "[keys]\npkcs11 = { module = \"/none.so\", pin_env = \"PIN\" }"}, "[keys] pkcs11"),
    ]
    for name, change, told in cases:
        path, _ = write(folder, "refused.toml", **change)
        ended = subprocess.run([bank, "--config", path], capture_output=True, text=True, timeout=20, check=False)
        right = ended.returncode not in (0, -signal.SIGKILL) and told in ended.stderr and not ended.stdout
        right = right and "canary" not in ended.stderr
        check(f"configuration refused: {name}", right, ended.stderr.strip().splitlines()[0][:110] if ended.stderr else "")


def certificate(folder):
    """A certificate of the bank's own for production; the members that name it."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=bank", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return f"""[tls]
cert = "{folder / "cert.pem"}"
key = "{folder / "key.pem"}"
[[user]]
username = "alice"
password = "correct horse battery staple"
"""


def started_and_stopped(bank, path, folder, environment):
    """The key ids that the bank shows, or why it does not start."""
    running = Bank(bank, path, environment)
    if not running.ready:
        running.process.wait(20)
        return running.told().strip().splitlines()[-1]
    context = ssl.create_default_context(cafile=folder / "cert.pem")
    with urllib.request.urlopen(running.ready["jwks"], context=context, timeout=10) as answer:
        seen = {key["kid"] for key in json.load(answer)["keys"]}
    running.stop()
    return seen


def production_bank(bank, folder):
    """With a certificate, a vault, a file and no test part it starts, and again with the same keys."""
    more = f"""{certificate(folder)}
[keys]
vault = "{folder / "vault"}"
kek_env = "BANK_KEK"
"""
    path, _ = write(folder, "production.toml", store=f"redb:{folder / 'bank.redb'}", production="true", more=more)
    first, again, other, none = (started_and_stopped(bank, path, folder, kek) for kek in ({"BANK_KEK": KEK}, {"BANK_KEK": KEK}, {"BANK_KEK": KEK[::-1]}, {}))
    check("production: starts, and again with the same keys", isinstance(first, set) and first and first == again, f"{len(first)} keys")
    check("production: another key-encryption secret is refused", isinstance(other, str), str(other)[:110])
    check("production: no key-encryption secret is refused", isinstance(none, str) and "BANK_KEK" in none, str(none)[:110])


def bank_in_a_token(bank, folder, module):
    """The signing keys are made in the token, stay in it, and come back with it; SOFTHSM2_CONF names an empty folder."""
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "bank", "--so-pin", "5678", "--pin", "1234"], check=True, capture_output=True)
    more = f"""{certificate(folder)}
[keys]
vault = "{folder / "vault"}"
pkcs11 = {{ module = "{module}", token = "bank", pin_env = "BANK_PIN" }}
"""
    path, _ = write(folder, "token.toml", store=f"redb:{folder / 'bank.redb'}", production="true", more=more)
    first, again, wrong, none = (started_and_stopped(bank, path, folder, pin) for pin in ({"BANK_PIN": "1234"}, {"BANK_PIN": "1234"}, {"BANK_PIN": "0000"}, {}))
    check("token: starts, and again with the same keys", isinstance(first, set) and first and first == again, str(first)[:110])
    check("token: another PIN is refused", isinstance(wrong, str) and "PIN" in wrong, str(wrong)[:110])
    check("token: no PIN is refused", isinstance(none, str) and "BANK_PIN" in none, str(none)[:110])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bank", required=True)
    parser.add_argument("--pkcs11", help="the library of SoftHSM; SOFTHSM2_CONF names its configuration")
    arguments = parser.parse_args()
    bank = str(pathlib.Path(arguments.bank).resolve())
    with tempfile.TemporaryDirectory(prefix="ingam-starts-") as name:
        folder = pathlib.Path(name)
        if arguments.pkcs11:
            bank_in_a_token(bank, folder, arguments.pkcs11)
        else:
            refused_configurations(bank, folder)
            production_bank(bank, folder)
    return ended()


if __name__ == "__main__":
    sys.exit(main())
