#!/usr/bin/env python3
"""The receiver of deploy/prometheus/alertmanager.yml. Prints each notification to standard output."""

import http.server
import json
import time


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in told["alerts"]:
            labels, summary = alert["labels"], alert["annotations"].get("summary", "")
            line = f"{self.path[1:]}: {alert['status']} {labels['alertname']} ({labels.get('severity')}): {summary}"
            print(time.strftime("%H:%M:%S"), line, flush=True)
        self.send_response(204)
        self.end_headers()

    def do_GET(self):  # for the health check
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", 9095), Receiver).serve_forever()
