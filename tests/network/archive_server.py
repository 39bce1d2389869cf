"""A web server on loopback that misbehaves as it is told, request by request."""

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Reply:
    """How to answer a request.

    Attributes:
        status: instead of 200 or 206.
        headers: besides the usual.
        body: instead of the file.
        cut: break the connection off after so many bytes.
        piece, pause: send so many bytes at a time, with so many seconds between them.
        ranges: whether a part may be asked for.
        announce: whether Content-Length is sent.
        content_range: instead of the right one.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: int | None = None
    piece: int = 1 << 20
    pause: float = 0.0
    ranges: bool = True
    announce: bool = True
    content_range: str | None = None


@dataclass
class Served:
    """A running server.

    Attributes:
        url: of the file.
        requests: path and Range header of every request so far.
        replies: how to answer the next ones; the plain answer follows.
    """

    url: str
    requests: list[tuple[str, str | None]]
    replies: list[Reply]


@contextlib.contextmanager
def serving(content: bytes, name: str, *replies: Reply) -> Iterator[Served]:
    """Serve a file under /name (and whatever else is asked for)."""
    served = Served("", [], list(replies))

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            wanted = self.headers.get("Range")
            served.requests.append((self.path, wanted))
            reply = served.replies.pop(0) if served.replies else Reply()
            body, status, extra = (
                content if reply.body is None else reply.body,
                reply.status or 200,
                dict(reply.headers),
            )
            part = re.fullmatch(r"bytes=(\d+)-", wanted or "")
            if part and reply.ranges and reply.status is None:
                start = int(part[1])
                extra["Content-Range"] = reply.content_range or f"bytes {start}-{len(body) - 1}/{len(body)}"
                body, status = body[start:], 206
            if reply.status is not None and reply.body is None:
                body = b""
            self.send_response(status)
            for key, value in extra.items():
                self.send_header(key, value.replace("{url}", served.url))
            if reply.announce:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                whole = body if reply.cut is None else body[: reply.cut]
                for at in range(0, len(whole), reply.piece):
                    self.wfile.write(whole[at : at + reply.piece])
                    if reply.pause:
                        time.sleep(reply.pause)
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}/{name}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
