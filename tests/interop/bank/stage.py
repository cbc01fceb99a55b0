"""A stand-alone bank on free ports in a temporary folder, and what was found of it."""
import json
import socket
import ssl
import subprocess

failures = []


def check(name, right, detail=""):
    print(f"{'ok  ' if right else 'FAIL'} {name} {detail}", flush=True)
    if not right:
        failures.append(name)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


CONFIG = """listen = "127.0.0.1:{port}"
issuer = "https://127.0.0.1:{port}"
store = "{store}"
production = {production}
profile = "{profile}"
{more}
"""


def write(folder, name="bank.toml", store="memory:", production="false", profile="fapi2-security", more="", port=None):
    port = port or free_port()
    path = folder / name
    path.write_text(CONFIG.format(port=port, store=store, production=production, profile=profile, more=more))
    return path, port


def ended():
    """The closing line and the exit code."""
    print(f"{len(failures)} failed" if failures else "the bank stands: 0 failed")
    return 1 if failures else 0


class Bank:
    def __init__(self, bank, folder):
        path, self.port = write(folder)
        self.log = open(folder / "bank.log", "w", encoding="utf-8")
        self.process = subprocess.Popen([bank, "--config", path], stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.context = ssl.create_default_context(cafile=self.ready["ca"])

    def tls(self, alpn=("http/1.1",), timeout=60.0):
        context = ssl.create_default_context(cafile=self.ready["ca"])
        context.set_alpn_protocols(list(alpn))
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        stream = context.wrap_socket(raw, server_hostname="127.0.0.1")
        stream.settimeout(timeout)
        return stream
