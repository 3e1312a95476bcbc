"""An exporter with a web configuration, and the clients that people use: curl and openssl s_client."""

import json
import pathlib
import re
import subprocess
import tempfile
import time

from certificates import Authority
from exporter_process import Exporter
from exposition import Exposition
from live import LiveTest

_PATIENCE = 120  # seconds
# bcrypt hashes of the least cost.
SECRET = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"  # of "secret"
OUVREZ = "$2b$04$012345678901234567890uQK9WnTriolfwBrdbZPvxhqfnHpS9ggK"  # of "ouvrez"


class Client:
    """What curl says of one request: `status` is 0 where there was no answer."""

    def __init__(self, done: subprocess.CompletedProcess):
        said = json.loads(done.stdout.rsplit("\n", 1)[1])
        self.body = done.stdout.rsplit("\n", 1)[0]
        self.status, self.error = said["response_code"], said["errormsg"] or ""

    def __repr__(self) -> str:
        return f"{self.status} {self.error}"


class WebConfigTest(LiveTest):
    """Makes a folder with a server certificate for 127.0.0.1, a client CA, and certificates of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.folder.chmod(0o755)
        cls.authority = Authority(cls.folder, "ca")
        cls.authority.issue("server", "IP:127.0.0.1", rsa=True)

    def configure(self, text: str) -> str:
        path = self.folder / "web.yml"
        path.write_text(text)
        return str(path)

    def serve(self, text: str, *flags: str) -> Exporter:
        return self.start(f"--web.config.file={self.configure(text)}", *flags)

    def serve_tls(self, lines: str = "") -> Exporter:
        """With the certificate, and further lines of tls_server_config."""
        return self.serve(TLS + "".join(f"  {line}\n" for line in lines.splitlines()))

    def curl(self, exporter: Exporter, *flags: str, path: str = "/-/healthy", scheme: str = "https") -> Client:
        url = f"{scheme}://127.0.0.1:{exporter.port}{path}"
        done = self.namespace.run(
            "curl", "--silent", "--cacert", self.authority.certificate, "--max-time", str(_PATIENCE),
            "--write-out", "\n%{json}", *flags, url, check=False)  # fmt: skip
        return Client(done)

    def s_client(self, exporter: Exporter, *flags: str) -> str:
        """What openssl tells of a handshake: "New, TLSv1.3, Cipher is ..." where it went well."""
        address = f"127.0.0.1:{exporter.port}"
        return self.namespace.run("openssl", "s_client", "-connect", address, *flags, stdin="", check=False).stdout

    def negotiated(self, exporter: Exporter, *flags: str) -> str | None:
        match = re.search(r"^New, (?!\(NONE\)).*Cipher is (\S+)", self.s_client(exporter, *flags), re.MULTILINE)
        return match[1] if match else None

    def eventually(self, condition, what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.1)

    def scrape(self, exporter: Exporter, *flags: str, scheme: str = "https") -> Exposition:
        answer = self.curl(exporter, *flags, path="/metrics", scheme=scheme)
        self.assertEqual(200, answer.status, answer)
        return Exposition(answer.body)


TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
