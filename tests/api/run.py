"""Holds a running gateway to its OpenAPI document: whatever is sent, no answer is a 5xx, and none is undocumented.

OSTIARY_URL says where the gateway is, OSTIARY_SAMPLE_URL where the sample MCP server answers, and OSTIARY_SECONDS how
long to go on. An account is made first, with a server, so that there is something to find.
"""

import json
import os
import subprocess
import sys
import urllib.request
from http.cookies import SimpleCookie
from pathlib import Path

BASE = os.environ["OSTIARY_URL"].rstrip("/")
SECONDS = os.environ.get("OSTIARY_SECONDS", "45")

# No answer of the stream ends; the key that is used, and the session it was made with, must not be revoked on the way.
LEFT_OUT = ["stream_decisions", "revoke_api_key"]

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]


def post(path: str, body: dict, headers: dict) -> tuple[dict, dict]:
    request = urllib.request.Request(
        f"{BASE}/api/v1{path}",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", **headers},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), dict(answer.headers)


def make_account() -> str:
    """A key of an account's owner."""
    body = {"email": "fuzz@example.com", "password": "kettle-orbit-94", "account_name": "Fuzz"}
    _, headers = post("/auth/sign-up", body, {})
    cookie = SimpleCookie(headers["set-cookie"])
    session = "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())
    minted, _ = post("/api-keys", {"label": "fuzz", "role": "owner"}, {"cookie": session})
    return minted["key"]


def main() -> int:
    key = make_account()
    bearer = {"authorization": f"Bearer {key}"}
    server, _ = post("/servers", {"name": "Sample", "url": os.environ["OSTIARY_SAMPLE_URL"]}, bearer)
    post("/grants", {"label": "Agent", "bindings": [{"server_id": server["id"]}]}, bearer)
    left_out = [argument for name in LEFT_OUT for argument in ("--exclude-operation-id", name)]
    return subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{BASE}/api/v1/openapi.json",
            "--header",
            f"Authorization: Bearer {key}",
            "--checks",
            ",".join(CHECKS),
            "--phases",
            "examples,coverage,fuzzing",
            "--max-time",
            SECONDS,
            "--warnings",
            "off",
            "--no-color",
            *left_out,
        ],
        check=False,
    ).returncode


sys.exit(main())
