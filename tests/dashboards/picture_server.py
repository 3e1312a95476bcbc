"""Serves the renderer's page, what it is to draw, and the API of Prometheus, on a port of 127.0.0.1 of its own.

The page may ask no other server, so the API is passed on below the same address.
"""

import http.server
import json
import pathlib
import threading
import urllib.error
import urllib.parse
import urllib.request

_PATIENCE = 60  # seconds for an answer of Prometheus
_API = "/api/v1/"


class PictureServer:
    """`job` is what the page gets as /job.json; it may be replaced between two pages."""

    def __init__(self, page: pathlib.Path, prometheus: str):
        self.job: dict = {}
        outer = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            """The three things that are served."""

            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(page))

            def do_GET(self):  # pylint: disable=invalid-name
                if self.path == "/job.json":
                    self._answer(200, json.dumps(outer.job).encode())
                else:
                    super().do_GET()

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not self.path.startswith(_API):
                    self.send_error(404)
                    return
                self._answer(*_ask(prometheus.rstrip("/") + self.path, body))

            def _answer(self, status: int, body: bytes):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _ask(address: str, body: bytes) -> tuple[int, bytes]:
    """Prometheus says what is wrong with a query in the body of an answer with an error's status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=_PATIENCE) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        failure = {"status": "error", "errorType": "unreachable", "error": f"{address}: {error}"}
        return 502, json.dumps(failure).encode()
