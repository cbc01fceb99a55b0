"""A stand-alone bank on free ports in a temporary folder, and what was found of it."""
import json
import os
import signal
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
    """One run of the program; `ready` is nothing where it never came to listen."""

    def __init__(self, program, path, environment=None):
        self.log = path.with_suffix(".log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program, "--config", path], stdout=subprocess.PIPE, stderr=log, text=True,
                                            env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else None

    def context(self):
        """What believes in the bank's certificate."""
        return ssl.create_default_context(cafile=self.ready["ca"])

    def told(self):
        return self.log.read_text(encoding="utf-8")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        return self.process.returncode
