import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Server:
    """A web server on this machine with one file in it, that can break off and forget what ranges are."""

    def __init__(self, body):
        self.body = body
        self.version = '"v1"'
        self.ranges = True
        self.length = True
        self.break_after = []  # bytes after which each coming answer breaks off; empty: none does
        self.asked = []  # the Range header of each request
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_port}/file.bin"

    def checksum(self, kind="sha256"):
        return f"{kind}:{hashlib.new(kind, self.body).hexdigest()}"

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *_args):
                pass

        return Handler

    def answer(self, request):
        asked = request.headers.get("Range")
        self.asked.append(asked)
        if not request.path.endswith("file.bin"):
            request.send_error(404)
            return
        same = request.headers.get("If-Range") in (None, self.version)
        start = int(re.match(r"bytes=(\d+)-$", asked)[1]) if asked and self.ranges and same else None
        if start is not None and start >= len(self.body):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(self.body)}")
            request.end_headers()
            return
        body = self.body[start or 0 :]
        request.send_response(200 if start is None else 206)
        if start is not None:
            request.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        if self.length:
            request.send_header("Content-Length", str(len(body)))
        if self.version:
            request.send_header("ETag", self.version)
        request.end_headers()
        request.wfile.write(body[: self.break_after.pop(0)] if self.break_after else body)


@pytest.fixture
def server():
    server = Server(bytes(range(256)) * 4000)
    yield server
    server.http.shutdown()
    server.http.server_close()
