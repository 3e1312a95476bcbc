"""What the formats of the metrics say on the running kernel, by Accept header."""

import gzip
import pathlib
import sys

from exposition import Exposition
from lab import skip
from live import LiveTest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import both_formats

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
DRAFT = "application/openmetrics-text; version=0.0.1; charset=utf-8"
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
TRIES = 20
# These tell of the scrape and the process itself: they differ from one scrape to the next.
OWN_FIGURES = (
    "process_",
    "conntrack_scrape_collector_duration_seconds",
    "conntrack_scrape_collector_reading_age_seconds",
    "conntrack_flows_sample_",
)


class Formats(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if both_formats.WHY_NOT:
            skip(both_formats.WHY_NOT)
        cls.fill("--profile", "mixed", "--count", "1000")

    def test_accept_decides(self):
        exporter = self.start()
        for accept, wanted in (
            (PROMETHEUS_3, OPENMETRICS),
            ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", DRAFT),
            ("*/*", TEXT),
            ("application/openmetrics-text;q=0", TEXT),
            ("application/json", TEXT),
            (";;q=,\"", TEXT),
        ):
            with self.subTest(accept):
                answer = exporter.get(Accept=accept)
                self.assertEqual((200, wanted), (answer.status, answer.headers["Content-Type"]))
                self.assertEqual(wanted != TEXT, answer.text.endswith("\n# EOF\n"))
        self.assertEqual(TEXT, exporter.get().headers["Content-Type"])

    def test_both_formats_say_the_same(self):
        exporter = self.start()
        exporter.get()  # a sample of flows that the next two share
        for _ in range(TRIES):  # the kernel may change something between the two
            text, openmetrics = exporter.get().text, exporter.get(Accept=PROMETHEUS_3).text
            different = both_formats.differences(text, openmetrics, OWN_FIGURES)
            if not different:
                break
        self.assertEqual([], different)
        self.assertIn(("conntrack_entries", frozenset()), both_formats.openmetrics_samples(openmetrics))
        self.assertIn("process_cpu_seconds_total", Exposition(text).names())

    def test_what_a_query_leaves_is_whole_too(self):
        exporter = self.start("--web.disable-exporter-metrics")
        for query in ("collect[]=stat", "exclude[]=flows", "collect[]=table&collect[]=memory"):
            body = exporter.get(f"/metrics?{query}", Accept=PROMETHEUS_3).text
            self.assertTrue(both_formats.openmetrics_samples(body), query)

    def test_gzip_goes_with_both(self):
        exporter = self.start()
        for accept, wanted in (("*/*", TEXT), (PROMETHEUS_3, OPENMETRICS)):
            packed = exporter.get(Accept=accept, Accept_Encoding="gzip")
            self.assertEqual(("gzip", wanted), (packed.headers["Content-Encoding"], packed.headers["Content-Type"]))
            body = gzip.decompress(packed.body).decode()
            if wanted == TEXT:
                self.assertIn("conntrack_entries", Exposition(body).names())
            else:
                self.assertIn(("conntrack_entries", frozenset()), both_formats.openmetrics_samples(body))
