"""What the web server answers."""

import gzip
import json

from exposition import Exposition
from live import LiveTest

TEXT = "text/plain; version=0.0.4"


class Http(LiveTest):
    def setUp(self):
        self.exporter = self.start()

    def collectors(self, query: str) -> set[str]:
        scrape = self.exporter.scrape(f"/metrics?{query}")
        return set(scrape.by("conntrack_scrape_collector_success", "collector"))

    def test_collect_restricts_a_scrape(self):
        self.assertEqual({"table"}, self.collectors("collect[]=table"))
        self.assertEqual({"table", "stat"}, self.collectors("collect%5B%5D=table&collect%5B%5D=stat"))

    def test_exclude_leaves_collectors_out(self):
        everything = self.collectors("")
        self.assertEqual(everything - {"flows"}, self.collectors("exclude[]=flows"))

    def test_an_unknown_collector_is_a_bad_request_that_names_it(self):
        answer = self.exporter.get("/metrics?collect[]=tabel")
        self.assertEqual(400, answer.status)
        self.assertIn("tabel", answer.text)

    def test_metrics_are_the_text_format(self):
        answer = self.exporter.get()
        self.assertEqual(200, answer.status)
        self.assertTrue(answer.headers["Content-Type"].startswith(TEXT), answer.headers["Content-Type"])
        self.assertEqual(len(answer.body), int(answer.headers["Content-Length"]))

    def test_gzip_only_where_it_is_asked_for(self):
        # Without kernel_log, to which another test's full table may add meanwhile; it is not always there.
        path = "/metrics?collect[]=table&collect[]=stat&collect[]=timeouts&collect[]=settings"
        plain = self.exporter.get(path)
        self.assertIsNone(plain.headers["Content-Encoding"])
        packed = self.exporter.get(path, Accept_Encoding="gzip")
        self.assertEqual("gzip", packed.headers["Content-Encoding"])
        self.assertTrue(packed.headers["Content-Type"].startswith(TEXT))
        self.assertEqual(
            Exposition(plain.text).names(), Exposition(gzip.decompress(packed.body).decode()).names()
        )
        self.assertIsNone(self.exporter.get(Accept_Encoding="gzip;q=0").headers["Content-Encoding"])

    def test_head_has_the_headers_and_no_body(self):
        answer = self.exporter.request("HEAD", "/metrics")
        self.assertEqual((200, b""), (answer.status, answer.body))
        self.assertTrue(answer.headers["Content-Type"].startswith(TEXT))

    def test_an_unknown_path_is_404(self):
        self.assertEqual(404, self.exporter.get("/nowhere").status)
        self.assertEqual(404, self.exporter.get("/metrics/../../etc/passwd").status)

    def test_methods_that_would_change_something_are_405(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"):
            with self.subTest(method):
                answer = self.exporter.request(method, "/metrics")
                self.assertEqual(405, answer.status)
                self.assertIn("GET", answer.headers["Allow"])

    def test_a_target_may_name_any_host(self):
        self.assertEqual(200, self.exporter.get("http://other.example/-/healthy").status)
        self.assertEqual(405, self.exporter.request("OPTIONS", "*").status)
        self.assertEqual(405, self.exporter.request("CONNECT", "other.example:443").status)
        self.assertEqual(400, self.exporter.get("other.example:443").status)

    def test_the_status_page_leads_to_the_metrics(self):
        answer = self.exporter.get("/")
        self.assertEqual(200, answer.status)
        self.assertTrue(answer.headers["Content-Type"].startswith("text/html"))
        self.assertIn('"/metrics"', answer.text)

    def test_probes_are_answered(self):
        self.assertEqual(200, self.exporter.get("/-/healthy").status)
        self.assertEqual(200, self.exporter.get("/-/ready").status)

    def test_the_path_of_the_metrics_can_be_chosen(self):
        exporter = self.start("--web.telemetry-path=/probe")
        self.assertIn("conntrack_entries", exporter.scrape("/probe").names())
        self.assertEqual(404, exporter.get("/metrics").status)

    def test_one_connection_serves_many_requests(self):
        connection = self.exporter.connect()
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("GET", "/metrics")
            self.assertIn("conntrack_entries", Exposition(connection.getresponse().read().decode()).names())

    def test_json_log_is_one_object_a_line(self):
        lines = self.start("--log.format=json").log().splitlines()
        self.assertIn("listening", {json.loads(line)["msg"] for line in lines})
