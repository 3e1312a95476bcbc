"""Clients that mean no good, over plain HTTP: a scrape still works while each goes on, and nothing is left of it."""

import binaries
from abuse import AbuseTest
from attack import Attack

GET = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
SCRAPE = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
PART = "GET /metrics HTTP/1.1\r\nX: "


class Slow(AbuseTest):
    def setUp(self):
        self.exporter = self.start()

    def test_connections_that_say_nothing(self):
        self.withstands(self.exporter, Attack(connections=300))

    def test_heads_that_come_byte_by_byte(self):
        seen = self.withstands(self.exporter, Attack(connections=300, opening=PART, drip="a", every=0.2))
        self.assertGreater(seen.answers, 0, "they are told why")

    def test_connections_that_stay_idle_after_an_answer(self):
        self.withstands(self.exporter, Attack(connections=300, opening=GET))

    def test_connections_that_always_ask_again(self):
        self.withstands(self.exporter, Attack(connections=200, opening=GET, drip=GET, every=0.05))

    def test_answers_that_nobody_takes(self):
        self.withstands(
            self.exporter, Attack(connections=200, opening=SCRAPE * 200, reads=False, receive_buffer=2048))

    def test_answers_that_are_taken_byte_by_byte(self):
        self.withstands(self.exporter, Attack(connections=200, opening=SCRAPE * 200, receive_buffer=2048, takes=1))

    def test_bodies_that_never_end(self):
        for head in ("Content-Length: 1000000000", "Transfer-Encoding: chunked", "Content-Length: 9\r\nExpect: 100-continue"):
            with self.subTest(head):
                opening = f"POST /metrics HTTP/1.1\r\n{head}\r\n\r\n"
                self.withstands(self.exporter, Attack(connections=100, opening=opening, drip="1\r\na\r\n", every=0.05))


class Floods(AbuseTest):
    def setUp(self):
        self.exporter = self.start()

    def test_ten_thousand_connections_that_say_nothing(self):
        self.withstands(self.exporter, Attack(connections=10_000, sources=16))

    def test_ten_thousand_connections_that_begin_a_request(self):
        self.withstands(self.exporter, Attack(connections=10_000, sources=16, opening="GET"))

    def test_ten_thousand_connections_from_the_source_of_the_scrape(self):
        self.withstands(self.exporter, Attack(connections=10_000, sources=0))

    def test_more_scrapes_than_are_allowed_at_once(self):
        for limit in ("4", "40", "0"):
            with self.subTest(limit):
                exporter = self.start(f"--web.max-requests={limit}")
                self.withstands(exporter, Attack(connections=100, sources=1, opening=SCRAPE, drip=SCRAPE, every=0.02))

    def test_connections_that_are_reset(self):
        self.withstands(self.exporter, Attack(connections=100, opening=SCRAPE, reset=True))
        self.withstands(self.exporter, Attack(connections=100, opening=SCRAPE, reset=True, reads=False))

    def test_descriptors_are_never_used_up(self):
        exporter = self.start(program=("prlimit", "--nofile=256:256", binaries.exporter()))
        self.withstands(exporter, Attack(connections=1000, opening="GET"))
        self.assertNotIn("Too many open files", exporter.log())


class Malformed(AbuseTest):
    def setUp(self):
        self.exporter = self.start()

    def withstood(self, opening: str, **how) -> None:
        seen = self.withstands(self.exporter, Attack(connections=50, opening=opening, **how))
        self.assertGreater(seen.ended, 0)

    def test_garbage(self):
        self.withstood("\x16\x03\x01 garbage {n}\r\n\r\n")

    def test_heads_that_are_too_large(self):
        self.withstood("GET / HTTP/1.1\r\nX: " + "a" * 100_000)
        self.withstood("GET /" + "a" * 100_000 + " HTTP/1.1\r\n\r\n")
        self.withstood("GET / HTTP/1.1\r\n" + "X: 1\r\n" * 2_000 + "\r\n")

    def test_heads_that_never_end(self):
        self.withstood("GET / HTTP/1.1\r\n", drip="X: " + "a" * 500 + "\r\n", every=0.01)

    def test_pipelined_requests(self):
        self.withstood(GET * 1000)
        self.withstood(GET * 10 + "garbage\r\n\r\n")

    def test_clients_that_close_their_own_side(self):
        self.withstood(SCRAPE, half_close=True)
        self.withstood(PART, half_close=True)

    def test_paths_that_lead_elsewhere(self):
        lines = ("/../../../etc/passwd", "/metrics/%2e%2e/%2e%2e/etc/passwd", "/metrics%00", "/%c0%ae%c0%ae/", "//metrics", "/%")
        self.withstood("".join(f"GET {path} HTTP/1.1\r\n\r\n" for path in lines))

    def test_thousands_of_collectors(self):
        self.withstood(f"GET /metrics?{'collect[]=table&' * 900} HTTP/1.1\r\nConnection: close\r\n\r\n")
        self.withstood(f"GET /metrics?{'collect[]={n}&' * 900} HTTP/1.1\r\nConnection: close\r\n\r\n")
        self.withstood(f"GET /metrics?{'&'.join('a' * 7000)} HTTP/1.1\r\nConnection: close\r\n\r\n")

    def test_long_lists_of_what_the_client_would_like(self):
        likes = ",".join(f"gzip;q=0.{n % 1000:03}" for n in range(900))
        self.withstood(f"GET /metrics HTTP/1.1\r\nAccept-Encoding: {likes}\r\nConnection: close\r\n\r\n")
        likes = ",".join(f"text/plain;q=0.{n % 1000:03}" for n in range(600))
        self.withstood(f"GET /metrics HTTP/1.1\r\nAccept: {likes}\r\nConnection: close\r\n\r\n")
