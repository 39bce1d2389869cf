"""A server for one author on one machine: the site as it was last written, and news of what changes in it."""

import json
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from early_vision.site.views.live import PAGE as LIVE_PAGE
from early_vision.site.views.live import POLICY as LIVE_POLICY

HOST = "127.0.0.1"
OWN = "/-/"
"""Where the server's own files are: no article's address can begin like this."""
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
POLICY = "default-src 'self'"
"""The policy under which pages have to work, so that an author sees at once what breaks it."""
STILL_THERE_S = 15.0
"""After so long without news a listener is sent a sign of life, by which one that has gone is noticed."""


@dataclass
class News:
    """What pages in browsers are told.

    Attributes:
        latest: the last message: `version`, `changed` (paths in the site, null for all) and `problems`.
    """

    latest: Mapping = field(default_factory=lambda: {"version": "", "changed": None, "problems": []})
    _listeners: set[queue.SimpleQueue] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, message: Mapping | None) -> None:
        """Send a message to all listeners; None for the end of all messages."""
        with self._lock:
            self.latest = message or self.latest
            for listener in self._listeners:
                listener.put(message)

    def listen(self) -> queue.SimpleQueue:
        """All messages from now on, the latest one first."""
        listener: queue.SimpleQueue = queue.SimpleQueue()
        with self._lock:
            listener.put(self.latest)
            self._listeners.add(listener)
        return listener

    def leave(self, listener: queue.SimpleQueue) -> None:
        with self._lock:
            self._listeners.discard(listener)


class Server(ThreadingHTTPServer):
    """Serves a folder on this machine alone.

    Args:
        port: where to listen.
        out: the site.
        own: holds the server's own script and style sheet, and the page for a site that was never built.
        news: what browsers are told.

    Raises:
        OSError: when the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, out: Path, own: Path, news: News):
        self.out, self.own, self.news = out.resolve(), own, news
        super().__init__((HOST, port), Handler)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request, client_address) -> None:
        """A browser that closes a connection is no news for the terminal."""

    def shut(self) -> None:
        """Send listeners away and stop."""
        self.news.tell(None)
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "early-vision", ""

    def do_GET(self) -> None:
        if not self._for_this_machine():
            self._refuse(HTTPStatus.FORBIDDEN, "Open this page by the address that build.py serve printed.")
        elif (path := unquote(urlsplit(self.path).path)) == f"{OWN}news":
            self._send_news()
        elif path.startswith(OWN):
            self._send_file(_inside(self.server.own, path.removeprefix(OWN)))
        else:
            self._send_page(path)

    def do_HEAD(self) -> None:
        if urlsplit(self.path).path == f"{OWN}news":
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Ask for this with GET.")
        else:
            self.do_GET()

    def log_message(self, *args) -> None:
        """The terminal is for what the author has to know."""

    def _for_this_machine(self) -> bool:
        """Whether the browser means this server, and is not led here by a name of somebody else's (DNS rebinding)."""
        names = [f"{name}:{self.server.server_port}" for name in ("127.0.0.1", "localhost")]
        origin = self.headers.get("Origin")
        return self.headers.get("Host", "").lower() in names and (
            origin is None or origin.lower() in [f"http://{name}" for name in names]
        )

    def _send_page(self, path: str) -> None:
        folder = path.endswith("/")
        file = _inside(self.server.out, f"{path}index.html" if folder else path)
        if file and file.is_dir() and not folder:
            self._redirect(f"{urlsplit(self.path).path}/")
        elif file and file.is_file():
            self._send_file(file)
        elif path == "/":
            # The site could not be built so far; what keeps it from that is told over it.
            self._send_file(self.server.own / "waiting.html")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"The site has no file {path}.")

    def _send_file(self, file: Path | None) -> None:
        try:
            data = file.read_bytes() if file else None
        except OSError:
            data = None
        if file is None or data is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such file.")
        elif file.suffix == ".html":
            self._send(HTTPStatus.OK, TYPES[".html"], live(data, self.server.news.latest["version"]))
        else:
            self._send(HTTPStatus.OK, TYPES.get(file.suffix.lower(), "application/octet-stream"), data)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._send(status, TYPES[".txt"], f"{status.value} {status.phrase}. {sentence}\n".encode())

    def _redirect(self, address: str) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        # Two slashes at the beginning would name another host.
        self.send_header("Location", f"/{address.lstrip('/')}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: HTTPStatus, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        computes = urlsplit(self.path).path.endswith(f"/{LIVE_PAGE}")
        self.send_header("Content-Security-Policy", LIVE_POLICY if computes else POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _send_news(self) -> None:
        """Server-sent events, until the browser or the server has enough."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        listener = self.server.news.listen()
        try:
            while (text := _next(listener)) is not None:
                self.wfile.write(text.encode())
                self.wfile.flush()
        except OSError:
            # The page was closed.
            pass
        finally:
            self.server.news.leave(listener)


def live(html: bytes, version: str) -> bytes:
    """A page with the script that listens to news: served so, and never written so."""
    tags = f'<script src="{OWN}live.js" data-version="{version}" defer></script>'
    return html.replace(b"</head>", tags.encode() + b"</head>", 1)


def listen_on(port: int, make: Callable[[int], Server], tries: int = 20) -> Server:
    """A server on a port, or on the next one that is free.

    Raises:
        OSError: when none of them is.
    """
    for candidate in range(port, port + tries):
        try:
            return make(candidate)
        except OSError:
            if candidate == port + tries - 1:
                raise
    raise ValueError("no port was tried")


def _inside(root: Path, path: str) -> Path | None:
    """A file of a folder by its path in it; None for one that is hidden, or that leads out of the folder."""
    parts = [part for part in path.split("/") if part]
    if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    file = root.joinpath(*parts)
    return file if file.resolve().is_relative_to(root.resolve()) else None


def _next(listener: queue.SimpleQueue) -> str | None:
    try:
        message = listener.get(timeout=STILL_THERE_S)
    except queue.Empty:
        return ": still there\n\n"
    return None if message is None else f"data: {json.dumps(message)}\n\n"
