"""The reader of the text format, which all other tests trust, refuses histograms that are none."""

import unittest

from exposition import Exposition

WHOLE = """# TYPE a histogram
a_bucket{x="y",le="0.1"} 1
a_bucket{x="y",le="+Inf"} 3
a_sum{x="y"} 7
a_count{x="y"} 3
"""


class Histograms(unittest.TestCase):
    def test_a_whole_one_is_read(self):
        scrape = Exposition(WHOLE)
        self.assertEqual({0.1: 1, float("inf"): 3}, scrape.buckets("a", x="y"))
        self.assertEqual(7, scrape.value("a_sum", x="y"))
        self.assertRaises(KeyError, scrape.buckets, "a", x="z")

    def test_what_breaks_a_rule_is_refused(self):
        for old, new in (
            ('a_bucket{x="y",le="+Inf"} 3\n', ""),
            ('a_sum{x="y"} 7\n', ""),
            ('a_count{x="y"} 3\n', ""),
            ('a_count{x="y"} 3', 'a_count{x="y"} 4'),
            ('le="0.1"} 1', 'le="0.1"} 5'),
            (',le="0.1"', ""),
            ('a_sum{x="y"} 7', 'a{x="y"} 7'),
            ('a_sum{x="y"} 7', 'a_sum{x="z"} 7'),
            ("histogram", "counter"),
        ):
            with self.subTest(new=new):
                self.assertRaises(ValueError, Exposition, WHOLE.replace(old, new))

    def test_names_that_only_look_like_parts_are_families_of_their_own(self):
        self.assertEqual(1, Exposition("# TYPE b_count gauge\nb_count 1\n").value("b_count"))
