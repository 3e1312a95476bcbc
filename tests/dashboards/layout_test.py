"""layout.py finds what it is there for: each test moves one thing."""

import unittest

import dashboard as dashboards
import layout
import sample


class Layout(unittest.TestCase):
    def setUp(self):
        self.dashboard = sample.dashboard()
        self.left, self.right, self.open, self.below, self.closed = self.dashboard["panels"]
        self.within = self.closed["panels"][0]

    def assert_found(self, *words: str) -> None:
        found = layout.complaints(self.dashboard)
        self.assertEqual(len(words), len(found), found)
        for wanted, got in zip(words, found):
            self.assertIn(wanted, got)

    def test_nothing_wrong(self):
        self.assert_found()

    def test_overlaps(self):
        self.right["gridPos"]["x"] = 11
        self.assert_found("panel 1 'Left' and panel 2 'Right' overlap")

    def test_a_row_under_a_panel(self):
        self.left["gridPos"]["h"] = 9
        self.assert_found("panel 1 'Left' and panel 3 'Open' overlap")

    def test_overlaps_within_a_collapsed_row(self):
        self.closed["panels"].append(sample.panel(7, "Beside", 11, 25))
        self.assert_found("panel 6 'Within' and panel 7 'Beside' overlap")

    def test_what_a_collapsed_row_hides_overlaps_nothing_outside(self):
        self.dashboard["panels"].append(sample.panel(7, "Next", 0, 18))
        self.assert_found()

    def test_panels_that_touch_do_not_overlap(self):
        self.right["gridPos"] = {"x": 0, "y": 8, "w": 24, "h": 1}
        self.open["gridPos"]["y"] = 9
        self.below["gridPos"]["y"] = 10
        self.closed["gridPos"]["y"] = 18
        self.within["gridPos"]["y"] = 19
        self.assert_found()

    def test_beyond_the_grid(self):
        for side, value in (("x", 13), ("x", -1), ("w", 0), ("h", 0), ("y", -1)):
            with self.subTest(side, value=value):
                self.setUp()
                self.right["gridPos"][side] = value
                self.assert_found("panel 2 'Right' stands beyond the grid")

    def test_no_place(self):
        for place in (None, {}, {"x": 0, "y": 0, "w": 1}, {"x": 0, "y": 0, "w": 1, "h": 1.5}):
            with self.subTest(place):
                self.left["gridPos"] = place
                self.assert_found("panel 1 'Left' has no place")

    def test_ids_that_are_there_twice(self):
        self.within["id"] = 2
        self.assert_found("2 panels have the id 2")

    def test_ids_that_are_none(self):
        for value in (None, 0, "1"):
            with self.subTest(value):
                self.below["id"] = value
                self.assert_found("the id is not a number")

    def test_rows_that_are_no_lines(self):
        self.open["gridPos"]["w"] = 12
        self.assert_found("panel 3 'Open' is no line from edge to edge")

    def test_panels_in_an_open_row(self):
        self.closed["collapsed"] = False
        self.assert_found("panel 5 'Closed': a row holds its panels where it is collapsed")

    def test_a_collapsed_row_with_nothing_in_it(self):
        dashboards.rows(self.dashboard)[0]["collapsed"] = True
        self.assert_found("panel 3 'Open': a row holds its panels")

    def test_above_its_row(self):
        self.within["gridPos"]["y"] = 17
        self.assert_found("panel 6 'Within' stands above its row")


if __name__ == "__main__":
    unittest.main()
