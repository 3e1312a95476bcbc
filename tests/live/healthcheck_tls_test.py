"""`conntrack_exporter healthcheck` where the exporter has TLS."""

import signal
import subprocess

import binaries
from exporter_process import Exporter
from web_config import SECRET, TLS, WebConfigTest

MUTUAL = "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n"


class HealthcheckOverTls(WebConfigTest):
    def ask(self, *flags: str) -> subprocess.CompletedProcess:
        return self.namespace.run(binaries.exporter(), "healthcheck", *flags, check=False)

    def assert_healthy(self, exporter: Exporter, how: str = "healthy") -> None:
        for flag in (f"--url=https://127.0.0.1:{exporter.port}", f"--web.listen-address=:{exporter.port}"):
            done = self.ask(flag)
            self.assertEqual((0, ""), (done.returncode, done.stderr), flag)
            self.assertEqual(f"https://127.0.0.1:{exporter.port}/-/healthy: {how}\n", done.stdout)

    def test_https_is_found_without_being_told(self):
        self.assert_healthy(self.serve_tls())

    def test_every_version_of_tls(self):
        for version in ("TLS10", "TLS11", "TLS12", "TLS13"):
            with self.subTest(version):
                self.assert_healthy(self.serve_tls(f"min_version: {version}\nmax_version: {version}"))

    def test_wanting_a_user_is_healthy(self):
        self.assert_healthy(self.serve(f"{TLS}basic_auth_users:\n  scraper: {SECRET}\n"),
                            "healthy (it requires a user and password: 401)")  # fmt: skip

    def test_wanting_a_certificate_is_healthy(self):
        for version in ("TLS12", "TLS13"):  # which refuse at different moments
            with self.subTest(version):
                exporter = self.serve(f"{TLS}{MUTUAL}  max_version: {version}\n")
                self.assert_healthy(exporter, "healthy, though it wants a certificate")

    def test_http_named_on_purpose_is_not_made_https(self):
        done = self.ask(f"--url=http://127.0.0.1:{self.serve_tls().port}")
        self.assertEqual(1, done.returncode)
        self.assertIn("https://", done.stderr)

    def test_an_exporter_that_hangs_is_unhealthy(self):
        exporter = self.serve_tls()
        exporter.hold()
        self.addCleanup(exporter.process.send_signal, signal.SIGCONT)
        done = self.ask(f"--web.listen-address=:{exporter.port}", "--timeout=0.5")
        self.assertEqual(1, done.returncode)
        self.assertIn("in time", done.stderr)
