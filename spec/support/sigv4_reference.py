"""Signs requests by the book, with nothing but hashlib and hmac: the second opinion of spec/sigv4_spec.lua.

Reads one request a line as JSON, every string in hex, and prints the signature and the SHA-256 of the canonical
request for each. Written from the description of the algorithm and kept apart from the library on purpose.
"""
import hashlib
import hmac
import json
import sys
import time
from urllib.parse import quote

NEVER_SIGNED = {
    "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
}


def encode(data, keep=""):
    return quote(data, safe=keep + "-._~")


def resolve(path):
    """RFC 3986's dots, and AWS's rule that empty segments go."""
    kept = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    tail = b"/" if kept and path.endswith(b"/") else b""
    return b"/" + b"/".join(kept) + tail


def canonical_headers(pairs):
    grouped = {}
    for name, value in pairs:
        name = name.decode("latin-1").lower()
        if name not in NEVER_SIGNED:
            grouped.setdefault(name, []).append(b" ".join(value.split()))
    lines = b"".join(n.encode() + b":" + b",".join(grouped[n]) + b"\n" for n in sorted(grouped))
    return lines, ";".join(sorted(grouped)).encode()


def sign(case):
    def text(name):
        return bytes.fromhex(case[name])

    def pairs(name):
        return [(bytes.fromhex(n), bytes.fromhex(v)) for n, v in case[name]]

    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(case["time"])).encode()
    headers = pairs("headers") + [(b"X-Amz-Date", stamp)]
    if case["session_token"]:
        headers.append((b"X-Amz-Security-Token", text("session_token")))
    lines, names = canonical_headers(headers)
    query = "&".join("=".join(p) for p in sorted((encode(n), encode(v)) for n, v in pairs("query")))
    path = resolve(text("path")) if case["normalize"] else text("path")
    request = b"\n".join([
        text("method"), encode(path, "/").encode(), query.encode(), lines, names,
        hashlib.sha256(text("body")).hexdigest().encode(),
    ])
    date, region, service = stamp[:8], text("region"), text("service")
    scope = b"/".join([date, region, service, b"aws4_request"])
    digest = hashlib.sha256(request).hexdigest()
    key = b"AWS4" + text("secret_access_key")
    for part in (date, region, service, b"aws4_request"):
        key = hmac.new(key, part, hashlib.sha256).digest()
    message = b"\n".join([b"AWS4-HMAC-SHA256", stamp, scope, digest.encode()])
    return hmac.new(key, message, hashlib.sha256).hexdigest(), digest


for line in sys.stdin:
    print(*sign(json.loads(line)))
