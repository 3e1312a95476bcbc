"""Alertmanager's webhook: keeps every notification with the time at which it came."""

import dataclasses
import http.server
import json
import threading
import time

from lab import Namespace


@dataclasses.dataclass(frozen=True)
class Notification:
    """One alert in one call of the webhook."""

    at: float  # time.monotonic()
    receiver: str  # as the shipped alertmanager.yml names them: pager, ticket, nobody
    firing: bool  # or resolved
    labels: dict[str, str]

    @property
    def alert(self) -> str:
        return self.labels["alertname"]

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")


def parse(body: bytes, receiver: str, at: float) -> list[Notification]:
    """The alerts in the body of one call."""
    return [
        Notification(at, receiver, alert["status"] == "firing", alert["labels"]) for alert in json.loads(body)["alerts"]
    ]


def in_a_line(notification: Notification) -> str:
    """15:04:05  pager    FIRING   ConntrackTableFull (critical)"""
    clock = time.strftime("%H:%M:%S", time.localtime(time.time() - time.monotonic() + notification.at))
    state = "FIRING  " if notification.firing else "resolved"
    return f"{clock}  {notification.receiver:8} {state} {in_words(notification.labels)}"


def in_words(labels: dict[str, str]) -> str:
    """ConntrackStateLeak (warning, flow_state=CLOSE_WAIT): without the labels that are the same for all alerts."""
    common = {"alertname", "severity", "job", "instance"}
    others = [f"{name}={value}" for name, value in sorted(labels.items()) if name not in common]
    return f"{labels['alertname']} ({', '.join([labels.get('severity', ''), *others])})"


class Recorder:
    """Listens in a namespace, on a port of 127.0.0.1."""

    def __init__(self, namespace: Namespace, port: int):
        self._notifications: list[Notification] = []
        self._lock = threading.Lock()
        with namespace.entered():
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def keep(self, notifications: list[Notification]) -> None:
        with self._lock:
            self._notifications += notifications

    def since(self, mark: float) -> list[Notification]:
        """All that came at or after time.monotonic() `mark`, oldest first."""
        with self._lock:
            return [notification for notification in self._notifications if notification.at >= mark]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(recorder: Recorder) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        """Takes notifications, and shows them."""

        def do_POST(self):  # pylint: disable=invalid-name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            recorder.keep(parse(body, self.path.strip("/"), time.monotonic()))
            self._answer("")

        def do_GET(self):  # pylint: disable=invalid-name
            newest_first = reversed(recorder.since(0))
            self._answer("".join(f"{in_a_line(notification)}\n" for notification in newest_first) or "none yet\n")

        def _answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(text.encode())))
            self.send_header("Refresh", "2")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    return Handler
