#!/usr/bin/env python3
"""Abuses a stand-alone bank on loopback while a good client keeps being served.

python3 tests/interop/bank/abuse.py --bank PATH starts the bank on free ports in a temporary folder. Everything is
bounded: connections, bytes, seconds. Prints what was done and how it ended; exit code 1 if the bank let anything of it
pass, or let the good client wait.
"""
import argparse
import json
import os
import pathlib
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from stage import Bank, check, ended, write

SLOW = 40          # connections of each slow kind
HEADERS_OVER = 16  # seconds: the bank gives a header section ten
BODY_OVER = 36     # seconds: the bank gives a body thirty
WAIT = 2.0         # seconds that the good client may wait at most


def tcp(bank):
    return socket.create_connection(("127.0.0.1", urllib.parse.urlsplit(bank.ready["issuer"]).port), timeout=15)


def tls(bank, alpn=("http/1.1",), timeout=60.0):
    """A connection to the bank, with nothing said on it yet."""
    context = bank.context()
    context.set_alpn_protocols(list(alpn))
    stream = context.wrap_socket(tcp(bank), server_hostname="127.0.0.1")
    stream.settimeout(timeout)
    return stream


class GoodClient(threading.Thread):
    """Asks for the key set again and again, on a new connection each time."""

    def __init__(self, bank):
        super().__init__(daemon=True)
        self.bank, self.served, self.failed, self.longest, self.stopped = bank, 0, [], 0.0, threading.Event()

    def run(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.bank.context()))
        while not self.stopped.wait(0.05):
            started = time.monotonic()
            try:
                with opener.open(self.bank.ready["jwks"], timeout=10) as answer:
                    assert json.load(answer)["keys"]
                self.served += 1
            except Exception as error:  # whatever it is, the good client was not served
                self.failed.append(repr(error))
            self.longest = max(self.longest, time.monotonic() - started)


def closed_within(stream, seconds, drip):
    """Whether the other side ends the connection, or answers with a refusal, while one byte goes out each second."""
    ends, answer = time.monotonic() + seconds, b""
    stream.settimeout(1.0)
    while time.monotonic() < ends:
        try:
            stream.sendall(drip)
            got = stream.recv(4096)
            if not got:
                return True
            answer += got
        except (TimeoutError, ssl.SSLWantReadError):
            continue
        except OSError:
            return True
    return answer.startswith(b"HTTP/1.1 4")


def slow(bank, name, opening, drip, seconds):
    results = []

    def one():
        try:
            stream = tls(bank)
            stream.sendall(opening)
            results.append(closed_within(stream, seconds, drip))
            stream.close()
        except OSError:
            results.append(True)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(SLOW)]
    for thread in threads:
        thread.start()

    def join():
        for thread in threads:
            thread.join(seconds + 15)
        check(name, len(results) == SLOW and all(results), f"{sum(results)} of {SLOW} were sent away")

    return join


def statuses(stream, most=1 << 20):
    """The status codes of whatever comes until the end of the connection."""
    answer = b""
    try:
        while len(answer) < most and (got := stream.recv(65536)):
            answer += got
    except OSError:
        pass
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def pipelined(bank):
    stream = tls(bank, timeout=10)
    one = b"GET /jwks HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    last = b"GET /jwks HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    stream.sendall(one * 199 + last)
    got = statuses(stream)
    check("pipelining: each answered once, in order", got == [200] * 200, f"{len(got)} answers")


def answered_4xx(bank, name, request, allowed=(400, 408, 413, 414, 431), answers=1):
    try:
        stream = tls(bank, timeout=40)
        try:
            stream.sendall(request)
        except OSError:
            pass  # it need not take all of it in
        got = statuses(stream)
    except OSError:
        got = []
    check(name, all(status in allowed for status in got) and len(got) <= answers, f"answered {got or 'by closing'}")


def malformed(bank):
    post = b"POST /par HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    answered_4xx(bank, "header of 1 MB", b"GET /jwks HTTP/1.1\r\nHost: h\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n")
    answered_4xx(bank, "10,000 header fields", b"GET /jwks HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 10_000 + b"\r\n")
    answered_4xx(bank, "target of 1 MB", b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: h\r\n\r\n")
    answered_4xx(bank, "Content-Length of 1 TB", post + b"Content-Length: 1099511627776\r\n\r\na")
    answered_4xx(bank, "Content-Length that is no number", post + b"Content-Length: -1\r\n\r\n")
    answered_4xx(bank, "two Content-Lengths", post + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")
    answered_4xx(bank, "garbage for HTTP", b"\x00\xff" * 500 + b"\r\n\r\n")
    # What comes after the stated length is another request, and no good one.
    longer = post + b"Content-Length: 1\r\n\r\naGARBAGE\r\n\r\n"
    answered_4xx(bank, "body longer than stated", longer, (400, 401), answers=2)


def garbage_tls(bank):
    ended = 0
    for body in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x00" * 300, os.urandom(2000), b"\x80" * 50):
        raw = tcp(bank)
        try:
            raw.sendall(body)
            while raw.recv(4096):
                pass
            ended += 1
        except TimeoutError:
            pass
        except OSError:
            ended += 1
        raw.close()
    check("garbage instead of TLS", ended == 4, f"{ended} of 4 were cut off")


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def rapid_reset(bank):
    """CVE-2023-44487: streams opened and reset at once, by hand-made frames."""
    stream = tls(bank, ("h2",), timeout=10)
    if stream.selected_alpn_protocol() != "h2":
        check("HTTP/2 rapid reset", True, "HTTP/2 is not offered")
        return
    path, host = b"/jwks", b"127.0.0.1"
    # HPACK: :method GET, :scheme https, then :path and :authority as literals without indexing (RFC 7541 section 6.2.2).
    fields = b"\x82\x87\x04" + bytes([len(path)]) + path + b"\x01" + bytes([len(host)]) + host
    sent = 0
    went_away = False
    try:
        stream.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
        for number in range(10_000):
            identifier = 2 * number + 1
            stream.sendall(frame(1, 0x05, identifier, fields) + frame(3, 0, identifier, struct.pack(">I", 8)))
            sent += 1
    except OSError:
        went_away = True
    answer = b""
    try:
        while got := stream.recv(65536):
            answer += got
        went_away = True
    except TimeoutError:
        pass
    except OSError:
        went_away = True
    check("HTTP/2 rapid reset", went_away, f"sent away after at most {sent} streams, {len(answer)} bytes came back")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bank", required=True)
    bank_path = str(pathlib.Path(parser.parse_args().bank).resolve())
    with tempfile.TemporaryDirectory(prefix="ingam-abuse-") as name:
        folder = pathlib.Path(name)
        bank = Bank(bank_path, write(folder)[0])
        try:
            good = GoodClient(bank)
            good.start()
            header = b"GET /jwks HTTP/1.1\r\nHost: h\r\nX: "
            body = b"POST /par HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\n"
            waiting = [slow(bank, "slow-loris headers", header, b"a", HEADERS_OVER), slow(bank, "slow-loris bodies", body, b"a", BODY_OVER)]
            pipelined(bank)
            malformed(bank)
            garbage_tls(bank)
            rapid_reset(bank)
            for join in waiting:
                join()
            good.stopped.set()
            good.join(15)
            check("the good client was served throughout", good.served > 100 and not good.failed, f"{good.served} times, {len(good.failed)} failures {good.failed[:2]}")
            check("the good client never waited long", good.longest < WAIT, f"{good.longest:.2f} s at most")
            check("the bank still runs", bank.process.poll() is None)
            code = bank.stop()
            check("SIGTERM stops it", code == 0, f"exit code {code}")
        finally:
            if bank.process.poll() is None:
                bank.process.kill()
        check("nothing panicked", "panicked" not in bank.told())
        pathlib.Path(bank.ready["ca"]).unlink(missing_ok=True)
    return ended()


if __name__ == "__main__":
    sys.exit(main())
