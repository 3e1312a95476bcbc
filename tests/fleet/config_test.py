"""What deploy/prometheus has for a fleet is what Prometheus takes, and does what its comments say."""

import json
import tempfile
import unittest

import rule_pack
import shipped
import yaml

TARGETS = [f"gateway-{number}:10318" for number in range(200)]
SHARDS = 3
DISCOVERY = "--timeout=2s"  # it takes all of that, however soon it has found them


def shard(number: int, of: int) -> dict:
    """site.yml as its comments say: with its own number, the modulus, and a list of machines."""
    config = shipped.load("site.yml")
    config["global"]["external_labels"]["shard"] = str(number)
    (job,) = config["scrape_configs"]
    job["static_configs"] = [{"targets": TARGETS}]
    choose, keep = job["relabel_configs"]
    choose["modulus"] = of
    keep["regex"] = str(number)
    return {"scrape_configs": [job], "global": config["global"]}


class Syntax(unittest.TestCase):
    def test_the_agent(self):
        out = rule_pack.run("promtool", "check", "config", "--agent", str(shipped.FOLDER / "agent.yml"))
        self.assertIn("SUCCESS", out)

    def test_a_server_of_a_site_and_the_centre(self):
        for name in ("prometheus.yml", "site.yml", "global.yml"):
            with self.subTest(name):
                out = rule_pack.run("promtool", "check", "config", "--lint=all", "--lint-fatal", str(shipped.FOLDER / name))
                self.assertIn("rule files found", out)

    def test_rules(self):
        for name in ("global.rules.yml", "node-exporter-names.rules.yml"):
            rule_pack.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(shipped.FOLDER / name))


class Agent(unittest.TestCase):
    def test_it_sends_what_the_rules_read_and_no_more(self):
        recorded = {rule["record"] for rule in rule_pack.rules() if "record" in rule}
        read = {found.metric for rule in rule_pack.rules() for found in rule_pack.selectors(rule["expr"])} - recorded - {"ALERTS"}
        known = set(rule_pack.golden())
        self.assertLessEqual(read, known)
        self.assertEqual(read, set(filter(shipped.sends("agent.yml"), known)))


class Site(unittest.TestCase):
    def test_it_sends_what_the_rules_record_for_a_whole_job_and_no_more(self):
        sends = shipped.sends("site.yml")
        recorded = {rule["record"] for rule in rule_pack.rules() if "record" in rule}
        self.assertEqual({name for name in recorded if name.startswith("job:")}, set(filter(sends, recorded)))
        self.assertEqual([], list(filter(sends, rule_pack.golden())))

    def test_each_machine_is_in_one_shard_and_shards_are_of_like_size(self):
        shards = [self.scraped(shard(number, SHARDS)) for number in range(SHARDS)]
        self.assertEqual(sorted(TARGETS), sorted(target for found in shards for target in found))
        self.assertGreater(min(map(len, shards)), len(TARGETS) / SHARDS / 2)

    def scraped(self, config: dict) -> list[str]:
        """The targets that are left, as Prometheus itself relabels them."""
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump(config, file)
            file.flush()
            found = json.loads(rule_pack.run("promtool", "check", "service-discovery", DISCOVERY, file.name, "conntrack"))
        return [target["labels"]["instance"] for target in found if target["labels"]]


class Centre(unittest.TestCase):
    def test_its_rules_do_what_they_say(self):
        out = rule_pack.run("promtool", "test", "rules", str(shipped.HERE / "global_rules.yml"))
        self.assertIn("SUCCESS", out)

    def test_it_has_rules_for_all_that_a_site_sends(self):
        read = {
            found.metric
            for group in shipped.load("global.rules.yml")["groups"]
            for rule in group["rules"]
            for found in rule_pack.selectors(rule["expr"])
        }
        recorded = {rule["record"] for rule in rule_pack.rules() if "record" in rule}
        self.assertEqual(set(filter(shipped.sends("site.yml"), recorded)), read)

    def test_it_federates_what_a_site_would_send(self):
        (job,) = shipped.load("global.yml")["scrape_configs"]
        (relabelling,) = shipped.load("site.yml")["remote_write"][0]["write_relabel_configs"]
        self.assertEqual([f'{{__name__=~"{relabelling["regex"]}"}}'], job["params"]["match[]"])
        self.assertTrue(job["honor_labels"])


class Page(unittest.TestCase):
    def test_its_links_lead_somewhere(self):
        self.assertEqual([], shipped.broken_links(rule_pack.ROOT / "docs/fleet.md"))


if __name__ == "__main__":
    unittest.main()
