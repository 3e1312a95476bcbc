"""Users, headers, the rate limit, and changes of the configuration while the exporter runs."""

from web_config import OUVREZ, SECRET, TLS, WebConfigTest


def cpu_ticks(pid: int) -> int:
    """User and system time of a process. /metrics keeps its own figure for a second: too coarse for one hash."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        after_name = file.read().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


ALICE = f"basic_auth_users:\n  alice: {SECRET}\n"


class Access(WebConfigTest):
    def test_every_path_needs_a_password(self):
        exporter = self.serve(ALICE)
        for path in ("/metrics", "/", "/-/healthy", "/nowhere"):
            with self.subTest(path):
                answer = exporter.get(path)
                self.assertEqual((401, "Basic"), (answer.status, answer.headers["WWW-Authenticate"]))
        self.assertEqual(200, self.curl(exporter, "--user", "alice:secret", scheme="http").status)
        for wrong in ("alice:Secret", "alice:", "bob:secret", ":"):
            with self.subTest(wrong):
                self.assertEqual(401, self.curl(exporter, "--user", wrong, scheme="http").status)

    def test_users_over_tls(self):
        exporter = self.serve(TLS + ALICE)
        self.assertEqual(401, self.curl(exporter).status)
        self.assertEqual(200, self.curl(exporter, "--user", "alice:secret").status)

    def test_a_password_is_hashed_once(self):
        costly = "$2y$13$"  # half a second each; a wrong salt and digest do for a wrong password
        exporter = self.serve(f"basic_auth_users:\n  alice: {SECRET}\n  bob: {costly}{'a' * 53}\n")
        start = cpu_ticks(exporter.process.pid)
        self.curl(exporter, "--user", "bob:guess", scheme="http")
        before = cpu_ticks(exporter.process.pid)
        for _ in range(10):
            self.assertEqual(401, self.curl(exporter, "--user", "bob:guess", scheme="http").status)
        after = cpu_ticks(exporter.process.pid)
        self.assertLess(after - before, 5 * (before - start), "CPU time: it would be ten times that of the first")

    def test_configured_headers_are_on_every_answer(self):
        exporter = self.serve(
            ALICE + "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-Content-Type-Options: nosniff\n"
            "    Strict-Transport-Security: max-age=31536000\n"
        )
        answer = exporter.get("/metrics")
        self.assertEqual(401, answer.status)
        self.assertEqual(["deny"], answer.headers.get_all("X-Frame-Options"))
        self.assertEqual(["nosniff"], answer.headers.get_all("X-Content-Type-Options"))
        self.assertEqual(["max-age=31536000"], answer.headers.get_all("Strict-Transport-Security"))
        self.assertIsNone(answer.headers["Content-Security-Policy"])

    def test_above_the_rate_limit_is_429(self):
        exporter = self.serve("rate_limit:\n  interval: 1h\n  burst: 3\n")
        self.assertEqual([200, 200, 200, 429, 429], [exporter.get("/-/healthy").status for _ in range(5)])


class Reload(WebConfigTest):
    PASSWORD = ("--user", "alice:secret")

    def good(self, exporter, *flags: str, scheme: str = "http") -> float:
        return self.scrape(exporter, *flags, scheme=scheme).value("conntrack_exporter_web_config_reload_success")

    def test_users_change_without_a_restart(self):
        exporter = self.serve(ALICE)
        status = lambda user: self.curl(exporter, "--user", user, scheme="http").status  # noqa: E731
        self.assertEqual((200, 401), (status("alice:secret"), status("bob:ouvrez")))
        self.configure(f"basic_auth_users:\n  bob: {OUVREZ}\n")
        self.eventually(lambda: status("bob:ouvrez") == 200, "the new user is not let in")
        self.assertEqual(401, status("alice:secret"), "although the cache knew the old one")

    def test_a_broken_file_keeps_the_last_good_one_and_says_so_once(self):
        exporter = self.serve(ALICE)
        self.assertEqual(1, self.good(exporter, *self.PASSWORD))
        self.configure("basic_auth_users:\n  alice: plain text\n")
        self.eventually(lambda: self.good(exporter, *self.PASSWORD) == 0, "the broken file is not noticed")
        self.assertEqual(401, self.curl(exporter, scheme="http").status)
        self.assertEqual(1, exporter.log().count("web.yml:2:10: the password of this user is not a bcrypt hash"), exporter.log())
        self.configure(ALICE + f"  bob: $2y$15${'a' * 53}\n")
        self.eventually(lambda: self.good(exporter, *self.PASSWORD) == 0 and "bcrypt cost 15; above 14" in exporter.log(),
                        "the cost is not noticed")  # fmt: skip
        self.configure(ALICE)
        self.eventually(lambda: self.good(exporter, *self.PASSWORD) == 1, "the repaired file is not noticed")

    def test_tls_is_not_switched_off_by_a_file(self):
        exporter = self.serve(TLS)
        self.configure("")
        self.eventually(lambda: self.good(exporter, scheme="https") == 0, "the change is not noticed")
        self.assertIn("cannot be switched on or off", exporter.log())

    def test_a_new_certificate_is_picked_up_and_a_broken_one_is_not(self):
        self.authority.issue("renewed", "IP:127.0.0.1")
        exporter = self.serve("tls_server_config:\n  cert_file: renewed.crt\n  key_file: renewed.key\n")
        serial = lambda: self.serial(exporter)  # noqa: E731
        first = serial()
        self.assertTrue(first)
        self.authority.issue("renewed", "IP:127.0.0.1")
        self.eventually(lambda: serial() not in ("", first), "the new certificate is not used")
        second = serial()
        (self.folder / "renewed.crt").write_text("broken")
        self.eventually(lambda: self.good(exporter, scheme="https") == 0, "the broken one is not noticed")
        self.assertEqual(second, serial())

    def serial(self, exporter) -> str:
        said = self.s_client(exporter, "-showcerts")
        return self.namespace.run("openssl", "x509", "-noout", "-serial", stdin=said, check=False).stdout

    def test_a_change_of_the_tls_section_counts_for_the_next_connection(self):
        exporter = self.serve(TLS)
        self.assertTrue(self.negotiated(exporter, "-tls1_2"))
        self.configure(TLS + "  min_version: TLS13\n")
        self.eventually(lambda: not self.negotiated(exporter, "-tls1_2"), "TLS 1.2 is still spoken")
        self.assertTrue(self.negotiated(exporter, "-tls1_3"))
        self.configure(TLS + "  client_auth_type: RequireAnyClientCert\n")
        self.eventually(lambda: self.curl(exporter).status == 0, "clients without a certificate still get in")

    def test_without_a_configuration_there_are_no_metrics_about_it(self):
        names = self.start().scrape().names()
        self.assertFalse([name for name in names if "web_config" in name])
