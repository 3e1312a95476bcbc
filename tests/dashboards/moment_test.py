"""Times of a picture."""

import unittest

import moment


class Moment(unittest.TestCase):
    """As they are written, in seconds since 1970."""

    def test_before_now(self):
        self.assertEqual(moment.seconds("now", 1000), 1000)
        self.assertEqual(moment.seconds("now-15m", 1000), 100)

    def test_seconds(self):
        self.assertEqual(moment.seconds("1700000000.5", 0), 1700000000.5)

    def test_dates(self):
        self.assertEqual(moment.seconds("1970-01-01T00:01:00Z", 0), 60)
        self.assertEqual(moment.seconds("1970-01-01T01:01:00+01:00", 0), 60)

    def test_a_date_without_a_time_zone_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no time zone"):
            moment.seconds("1970-01-01T00:01:00", 0)

    def test_nonsense_is_named(self):
        with self.assertRaisesRegex(ValueError, "yesterday is no time"):
            moment.seconds("yesterday", 0)


if __name__ == "__main__":
    unittest.main()
