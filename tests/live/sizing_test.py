"""Recommended sizes, computed a second time from what this kernel says."""

import pathlib
import re

from live import LiveTest


class Sizing(LiveTest):
    def test_the_peak_is_that_of_the_life_of_the_exporter(self):
        exporter = self.start()
        self.fill("--count", "1001")
        self.assertEqual(1502, exporter.scrape().value("conntrack_recommended_entries_limit", basis="peak"))
        self.namespace.run("conntrack", "-F")
        scrape = exporter.scrape()
        self.assertEqual(0, scrape.value("conntrack_entries"))
        self.assertEqual(1502, scrape.value("conntrack_recommended_entries_limit", basis="peak"))

    def test_memory_gives_at_least_what_memtotal_gives_and_at_most_a_twelfth_more(self):
        kibibytes = int(re.search(r"MemTotal: +(\d+) kB", pathlib.Path("/proc/meminfo").read_text())[1])
        by_mem_total = kibibytes * 1024 // 16384 // 2
        scrape = self.start("--collector.sizing.profile=nat-gateway").scrape()
        recommended = scrape.value("conntrack_recommended_entries_limit", basis="memory")
        self.assertGreaterEqual(recommended, by_mem_total)
        self.assertLessEqual(recommended, by_mem_total * 1.09)
        self.assertEqual(1048576, scrape.value("conntrack_recommended_entries_limit", basis="profile"))

    def test_buckets_go_with_the_limit_in_force(self):
        limit = self.namespace.sysctl("nf_conntrack_max")
        scrape = self.start().scrape()
        refuses_long_chains = "conntrack_stat_chain_toolong_total" in scrape.types
        buckets = limit if refuses_long_chains else limit / 4
        recommended = scrape.value("conntrack_recommended_hash_buckets")
        self.assertLess(recommended - buckets, 512)
        self.assertGreaterEqual(recommended, buckets)
        self.assertEqual(0, recommended % 512)
