"""What promql.py reads out of a query."""

import unittest

import promql


def only(expr: str) -> promql.Selector:
    (selector,) = promql.read(expr).selectors
    return selector


def metrics(expr: str) -> list[str]:
    return [selector.metric for selector in promql.read(expr).selectors]


class Selectors(unittest.TestCase):
    def test_matchers_and_variables(self):
        found = only('conntrack_flows{job=~"$job", state!="A|}B", port=~"\\\\d+"}')
        self.assertEqual("conntrack_flows", found.metric)
        self.assertEqual((("job", "=~", "$job"), ("state", "!=", "A|}B"), ("port", "=~", "\\\\d+")), found.matchers)

    def test_without_matchers(self):
        self.assertEqual(("up", (), None, ()), (only("up").metric, only("up").matchers, only("up").window, only("up").calls))

    def test_without_a_name(self):
        self.assertEqual(("", (("job", "=", "x"),)), (only('{job="x"}').metric, only('{job="x"}').matchers))

    def test_the_window_belongs_to_its_selector(self):
        self.assertEqual("$__rate_interval", only('rate(a{b="c"}[$__rate_interval])').window)
        self.assertEqual("5m", only("rate(a[5m])").window)
        self.assertIsNone(only("a").window)

    def test_a_subquery_is_no_window(self):
        query = promql.read("max_over_time((a + b)[1h:5m])")
        self.assertEqual([None, None], [selector.window for selector in query.selectors])
        self.assertEqual(("1h:5m",), query.windows_of_subqueries)

    def test_what_stands_around(self):
        self.assertEqual(("sum", "rate"), only("sum without (cpu) (rate(a[1m]))").calls)
        self.assertEqual(("sum", "rate"), only("sum(rate(a[1m])) by (cpu)").calls)
        self.assertEqual(("topk", "", "rate"), only("topk(5, (rate(a[1m])))").calls)
        self.assertEqual(("",), only("(a)").calls)

    def test_words_are_no_metrics(self):
        self.assertEqual(["a", "b", "c"], metrics("a > bool 1 and on (x) b offset 5m unless (c @ end())"))
        self.assertEqual(["a", "b"], metrics("a * on (x) group_left b"))
        self.assertEqual(["a"], metrics("clamp_max(a, Inf) # b"))

    def test_strings_are_no_metrics(self):
        self.assertEqual(["a"], metrics('label_replace(a, "made", "$1", "of", "(.*) b")'))

    def test_variables_are_no_metrics(self):
        self.assertEqual(["a"], metrics("topk($n, a) > ${limit:raw}"))

    def test_nonsense(self):
        with self.assertRaisesRegex(ValueError, "'; b' is no PromQL"):
            promql.read("a ; b")


class Labels(unittest.TestCase):
    def test_of_groupings(self):
        query = promql.read("sum by (a, b) (x) / on (c) group_left (d) y")
        self.assertEqual((("by", {"a", "b"}), ("on", {"c"}), ("group_left", {"d"})), query.groupings)
        self.assertEqual({"a", "b", "c", "d"}, query.grouping)
        self.assertEqual(set(), promql.read("x / y").grouping)

    def test_that_functions_make(self):
        self.assertEqual({"made"}, promql.read('label_replace(a{b="c"}, "made", "$1", "of", "x")').made)
        self.assertEqual({"made"}, promql.read('label_join(a{b="c"}, "made", "-", "of", "x")').made)
        self.assertEqual({"made"}, promql.read('count_values("made", a{b="c"})').made)
        twice = 'label_replace(label_replace(a, "made", "", "", ""), "outer", "", "", "")'
        self.assertEqual({"made", "outer"}, promql.read(twice).made)


if __name__ == "__main__":
    unittest.main()
