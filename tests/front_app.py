"""What stands behind the front in its tests, instead of Django."""

import json
from urllib.parse import unquote


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/file":
        order = json.loads(unquote(environ["QUERY_STRING"]))
        headers = [("X-Portal-Send", json.dumps(order)), ("Content-Length", "0")]
        start_response("200 OK", [*headers, ("Content-Type", "text/csv"), ("ETag", '"e"')])
        return []
    if path == "/big":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"x" * 100_000 for _ in range(100))
    if path == "/refuse":
        start_response("413 Too Large", [("Content-Length", "9")])
        return [b"too large"]
    if path == "/nothing":
        start_response("304 Not Modified", [("ETag", '"e"')])
        return []
    size = 0
    while chunk := environ["wsgi.input"].read(65_536):
        size += len(chunk)
    said = {name: value for name, value in environ.items() if isinstance(value, str)}
    body = json.dumps(said | {"size": size}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
