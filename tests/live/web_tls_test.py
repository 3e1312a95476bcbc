"""TLS as --web.config.file wants it, with curl and openssl s_client as clients."""

import subprocess

import binaries
import processes
from exporter_process import Exporter
from web_config import TLS, WebConfigTest

OLD = ("-cipher", "ALL:@SECLEVEL=0")  # OpenSSL 3 as a client has no TLS 1.0 and 1.1 on other levels
VERSIONS = ("tls1", "tls1_1", "tls1_2", "tls1_3")


class Handshake(WebConfigTest):
    def versions(self, exporter) -> list[str]:
        return [version for version in VERSIONS if self.negotiated(exporter, f"-{version}", *OLD)]

    def test_certificate_is_that_of_the_configuration(self):
        exporter = self.serve_tls()
        self.assertEqual(200, self.curl(exporter).status)
        self.assertIn("conntrack_entries", self.scrape(exporter).names())
        self.assertIn('msg="TLS is enabled" address=127.0.0.1', exporter.log())

    def test_certificate_and_key_may_stand_in_the_configuration(self):
        pem = {
            key: "".join(f"    {line}\n" for line in (self.folder / f"server.{key}").read_text().splitlines())
            for key in ("crt", "key")
        }
        exporter = self.serve(f"tls_server_config:\n  cert: |\n{pem['crt']}  key: |\n{pem['key']}")
        self.assertEqual(200, self.curl(exporter).status)

    def test_without_min_version_there_is_nothing_below_1_2(self):
        self.assertEqual(["tls1_2", "tls1_3"], self.versions(self.serve_tls()))

    def test_each_version_can_be_the_only_one(self):
        for name, version in zip(("TLS10", "TLS11", "TLS12", "TLS13"), VERSIONS):
            with self.subTest(name):
                exporter = self.serve_tls(f"min_version: {name}\nmax_version: {name}")
                self.assertEqual([version], self.versions(exporter))

    def test_all_versions(self):
        self.assertEqual(list(VERSIONS), self.versions(self.serve_tls("min_version: TLS10")))

    def test_ciphers_with_and_without_overlap(self):
        exporter = self.serve_tls("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]")
        wanted = "ECDHE-RSA-AES128-GCM-SHA256"
        self.assertEqual(wanted, self.negotiated(exporter, "-tls1_2", "-cipher", f"ECDHE-RSA-AES256-GCM-SHA384:{wanted}"))
        self.assertIsNone(self.negotiated(exporter, "-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"))
        self.assertIsNotNone(self.negotiated(exporter, "-tls1_3"), "a list without suites of TLS 1.3 is not about it")

    def test_ciphers_of_tls_1_3(self):
        exporter = self.serve_tls("cipher_suites: [TLS_CHACHA20_POLY1305_SHA256]")
        self.assertEqual("TLS_CHACHA20_POLY1305_SHA256", self.negotiated(exporter))
        self.assertIsNone(self.negotiated(exporter, "-ciphersuites", "TLS_AES_128_GCM_SHA256"))
        self.assertIsNone(self.negotiated(exporter, "-tls1_2"))

    def test_who_prefers_decides(self):
        suites = "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]"
        ask = ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384")
        self.assertEqual("ECDHE-RSA-AES256-GCM-SHA384", self.negotiated(self.serve_tls(suites), *ask))
        server = self.serve_tls(f"{suites}\nprefer_server_cipher_suites: false")
        self.assertEqual("ECDHE-RSA-AES128-GCM-SHA256", self.negotiated(server, *ask))

    def test_nothing_without_forward_secrecy_unless_it_is_named(self):
        ask = ("-tls1_2", "-cipher", "AES128-GCM-SHA256")
        self.assertIsNone(self.negotiated(self.serve_tls(), *ask))
        server = self.serve_tls("cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]")
        self.assertEqual("AES128-GCM-SHA256", self.negotiated(server, *ask))

    def test_curves_with_and_without_overlap(self):
        exporter = self.serve_tls("curve_preferences: [CurveP521]")
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                self.assertIn("secp521r1", self.s_client(exporter, version, "-groups", "X25519:P-521"))
                self.assertIsNone(self.negotiated(exporter, version, "-groups", "P-384"))

    def test_no_session_is_resumed(self):
        said = self.s_client(self.serve_tls(), "-tls1_2", "-reconnect")
        self.assertEqual((6, 0), (said.count("New, TLSv1.2"), said.count("Reused, TLSv1.2")), said)

    def test_a_plain_client_gets_nothing_from_a_tls_server(self):
        exporter = self.serve_tls()
        self.assertEqual(0, self.curl(exporter, scheme="http").status)
        self.assertEqual(200, self.curl(exporter).status, "and the server lives on")

    def test_a_tls_client_gets_nothing_from_a_plain_server(self):
        exporter = self.serve("")
        self.assertEqual(0, self.curl(exporter).status)
        self.assertEqual(200, self.curl(exporter, scheme="http").status)
        self.assertIn('msg="TLS is disabled"', exporter.log())

    def test_clients_that_prefer_http2_get_http_1_1(self):
        exporter = self.serve(TLS + "http_server_config:\n  http2: true\n")
        answer = self.curl(exporter, "--http2")
        self.assertEqual(200, answer.status)
        self.assertIn("no HTTP/2", exporter.log())

    def test_a_client_that_says_nothing_holds_up_nobody(self):
        exporter = self.serve_tls()
        silent = [exporter.connect() for _ in range(10)]
        self.assertEqual(200, self.curl(exporter).status)
        for connection in silent:
            connection.close()

    def test_the_exporter_stops_at_once_with_a_tls_connection_open(self):
        self.assert_stops_at_once(self.start_with_a_connection)

    def start_with_a_connection(self) -> Exporter:
        exporter = self.serve_tls()
        with self.namespace.entered():
            client = processes.start_for(
                self, ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{exporter.port}"],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        self.addCleanup(client.stdin.close)
        return exporter


class ClientCertificate(WebConfigTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.authority.issue
        stranger = type(cls.authority)(cls.folder, "stranger")
        cls.clients = {
            "none": (),
            "good": make("good", "DNS:prometheus.example", "IP:192.0.2.7"),
            "expired": make("expired", "DNS:prometheus.example", days=-1),
            "other CA": stranger.issue("other", "DNS:prometheus.example"),
        }

    def who_gets_in(self, exporter) -> set[str]:
        allowed = set()
        for version in ("1.2", "1.3"):
            for name, files in self.clients.items():
                flags = ("--cert", files[0], "--key", files[1]) if files else ()
                answer = self.curl(exporter, f"--tlsv{version}", "--tls-max", version, *flags)
                self.assertIn(answer.status, (0, 200), answer)
                if answer.status == 200:
                    allowed.add(f"{name} {version}")
        return {name for name in self.clients if {f"{name} 1.2", f"{name} 1.3"} <= allowed} | {
            one for one in allowed if not {f"{one[:-4]} 1.2", f"{one[:-4]} 1.3"} <= allowed
        }

    def serve_asking(self, auth: str, more: str = "") -> set[str]:
        return self.who_gets_in(self.serve_tls(f"client_auth_type: {auth}\n{more}"))

    def test_no_client_cert(self):
        self.assertEqual(set(self.clients), self.serve_asking("NoClientCert"))

    def test_request_client_cert_lets_everybody_in(self):
        self.assertEqual(set(self.clients), self.serve_asking("RequestClientCert"))

    def test_require_any_client_cert_lets_in_whoever_has_one(self):
        self.assertEqual(set(self.clients) - {"none"}, self.serve_asking("RequireAnyClientCert"))

    def test_verify_client_cert_if_given(self):
        self.assertEqual({"none", "good"}, self.serve_asking("VerifyClientCertIfGiven", "client_ca_file: ca.crt"))

    def test_require_and_verify_client_cert(self):
        self.assertEqual({"good"}, self.serve_asking("RequireAndVerifyClientCert", "client_ca_file: ca.crt"))

    def test_allowed_names(self):
        verify = "client_ca_file: ca.crt\nclient_allowed_sans"
        self.assertEqual(
            {"good"}, self.serve_asking("RequireAndVerifyClientCert", f"{verify}: [a.example, prometheus.example]"))
        self.assertEqual({"good"}, self.serve_asking("RequireAndVerifyClientCert", f"{verify}: [192.0.2.7]"))
        self.assertEqual(set(), self.serve_asking("RequireAndVerifyClientCert", f"{verify}: [example]"))
        self.assertEqual(set(), self.serve_asking("RequireAndVerifyClientCert", f"{verify}: [good]"), "a common name")

    def test_allowed_names_of_certificates_that_nobody_verifies(self):
        self.assertEqual(
            {"good", "expired", "other CA"},
            self.serve_asking("RequireAnyClientCert", "client_allowed_sans: [prometheus.example]"))
        self.assertEqual(set(), self.serve_asking("RequireAnyClientCert", "client_allowed_sans: [other.example]"))


class Start(WebConfigTest):
    def refused(self, text: str) -> str:
        """The log of a start that ends with exit code 2."""
        done = self.namespace.run(binaries.exporter(), "--web.listen-address=127.0.0.1:0",
                                  f"--web.config.file={self.configure(text)}", check=False)  # fmt: skip
        self.assertEqual(2, done.returncode, done.stderr)
        return done.stderr

    def test_what_is_wrong_is_named_with_its_place(self):
        self.assertIn("web.yml:4:3: unknown key in tls_server_config", self.refused(TLS + "  cert_fil: x\n"))
        self.assertIn(f"web.yml:2:14: cert_file, which is relative to {self.folder}: No such file",
                      self.refused(TLS.replace("server.crt", "none.crt")))  # fmt: skip

    def test_nothing_of_a_secret_that_is_taken_for_a_configuration_is_shown(self):
        for text in ("hunter2\n", "hunter2: x\n", "root:hunter2:0\n", "a: *hunter2\n", "a: b: hunter2\n", "%YAML hunter2\n---\n"):
            with self.subTest(text):
                said = self.refused(text)
                self.assertRegex(said, r"web\.yml:\d+:\d+: ")
                self.assertNotIn("hunter2", said)

    def test_a_password_too_dear_to_check_is_refused_with_the_remedy(self):
        said = self.refused(f"basic_auth_users:\n  bob: $2y$18${'a' * 53}\n")
        self.assertIn("web.yml:2:8: the password of this user has bcrypt cost 18", said)
        self.assertIn("htpasswd -n -B -C 10", said)

    def test_a_file_that_is_not_there(self):
        done = self.namespace.run(binaries.exporter(), "--web.config.file=/nowhere/web.yml", check=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("/nowhere/web.yml: No such file", done.stderr)
