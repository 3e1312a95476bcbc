"""What the laboratory changes in the shipped configuration, and what it leaves alone."""

import unittest

import binaries
import monitoring_config
import yaml


def shipped(name: str) -> dict:
    return yaml.safe_load((binaries.ROOT / "deploy/prometheus" / name).read_text(encoding="utf-8"))


def prometheus(config: dict, speed: int = 60) -> dict:
    return monitoring_config.prometheus(config, speed, "10.9.0.1:10318", "127.0.0.1:9093", "127.0.0.1:9091", ["r.yml"])


class Prometheus(unittest.TestCase):
    def test_the_shipped_job_scrapes_the_router(self):
        config = prometheus(shipped("prometheus.yml"))
        (job,) = config["scrape_configs"]
        self.assertEqual([{"targets": ["10.9.0.1:10318"]}], job["static_configs"])
        self.assertEqual(shipped("prometheus.yml")["scrape_configs"][0]["job_name"], job["job_name"])
        self.assertEqual("http://127.0.0.1:9091/api/v1/write", config["remote_write"][0]["url"])

    def test_scrapes_and_evaluations_follow_the_speed_down_to_a_second(self):
        for speed, interval in ((1, "15s"), (3, "5s"), (60, "1s")):
            every = {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval}
            self.assertEqual(every, prometheus(shipped("prometheus.yml"), speed)["global"])

    def test_relabelling_and_other_settings_of_the_job_stay(self):
        relabelling = [{"target_label": "cluster", "replacement": "prod"}]
        job = {
            "job_name": "a",
            "scrape_interval": "15s",
            "static_configs": [{"targets": ["x:10318"]}],
            "relabel_configs": relabelling,
        }
        config = prometheus({"global": {"scrape_interval": "15s"}, "scrape_configs": [job]})
        self.assertEqual(relabelling, config["scrape_configs"][0]["relabel_configs"])
        self.assertNotIn("scrape_interval", config["scrape_configs"][0])

    def test_a_configuration_without_our_exporter_is_refused(self):
        other = {"scrape_configs": [{"job_name": "node", "static_configs": [{"targets": ["x:9100"]}]}]}
        with self.assertRaisesRegex(ValueError, "node"):
            prometheus({"global": {"scrape_interval": "15s"}, **other})


class Alertmanager(unittest.TestCase):
    def setUp(self):
        self.shipped = shipped("alertmanager.yml")
        self.config = self.at_speed(60)

    def at_speed(self, speed: int) -> dict:
        return monitoring_config.alertmanager(self.shipped, speed, "http://127.0.0.1:9099")

    def test_inhibition_is_the_shipped_one(self):
        self.assertEqual(self.shipped["inhibit_rules"], self.config["inhibit_rules"])

    def test_routing_is_the_shipped_one_but_for_its_pace(self):
        def without_pace(route):
            kept = {key: value for key, value in route.items() if key not in ("group_wait", "group_interval", "routes")}
            return kept | {"routes": [without_pace(child) for child in route.get("routes", [])]}

        self.assertEqual(without_pace(self.shipped["route"]), without_pace(self.config["route"]))
        self.assertNotIn("group_wait", str(self.config["route"]["routes"]))
        self.assertEqual(("0s", "1s"), (self.config["route"]["group_wait"], self.config["route"]["group_interval"]))

    def test_at_real_speed_routing_is_the_shipped_one_altogether(self):
        self.assertEqual(self.shipped["route"], self.at_speed(1)["route"])

    def test_every_receiver_tells_the_recorder_under_its_own_name(self):
        names = [receiver["name"] for receiver in self.shipped["receivers"]]
        told = {receiver["name"]: receiver["webhook_configs"][0] for receiver in self.config["receivers"]}
        self.assertEqual({name: f"http://127.0.0.1:9099/{name}" for name in names}, {n: t["url"] for n, t in told.items()})
        self.assertTrue(all(webhook["send_resolved"] for webhook in told.values()))

    def test_the_shipped_configuration_itself_is_left_alone(self):
        self.assertEqual(shipped("alertmanager.yml"), self.shipped)


if __name__ == "__main__":
    unittest.main()
