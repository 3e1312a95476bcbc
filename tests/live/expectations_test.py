"""Expectations of real helpers by name, as conntrack(8) lists them."""

import collections
import re
import socket

import binaries
import lab
from exporter_process import FRESH
from live import LiveTest

FAMILY = "conntrack_expectations_by_helper"
FLAGS = (*FRESH, "--collector.disable-defaults", "--collector.table", "--collector.expectations_by_helper")
FTP, TFTP = 21, 69
RULES = f"""
table inet announced {{
  ct helper ftp {{ type "ftp" protocol tcp; }}
  ct helper tftp {{ type "tftp" protocol udp; }}
  chain output {{
    type filter hook output priority filter;
    tcp dport {FTP} ct helper set "ftp"
    udp dport {TFTP} ct helper set "tftp"
  }}
}}
"""


class Expectations(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        taken = cls.namespace.run("nft", "-f", "-", stdin=RULES, check=False)
        if taken.returncode != 0:
            lab.skip(f"no helpers in this kernel (CONFIG_NF_CONNTRACK_FTP, _TFTP, CONFIG_NFT_CT): {taken.stderr.strip()}")

    def announce(self, *, ftp: int, tftp: int) -> None:
        """As many expectations of each helper, until the end of the test."""
        self.addCleanup(self.namespace.drop_flows)
        with self.namespace.entered(), socket.create_server(("127.0.0.1", FTP)) as server:
            for number in range(ftp):
                client = socket.create_connection(("127.0.0.1", FTP))
                self.addCleanup(client.close)
                accepted, _ = server.accept()
                self.addCleanup(accepted.close)
                # The helper learns from the first line where the next one begins.
                for line in ("USER anonymous", "PORT 127,0,0,1,160,%d" % number):
                    client.sendall(f"{line}\r\n".encode())
                    accepted.recv(100)
            for _ in range(tftp):
                client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self.addCleanup(client.close)  # until then no other one has its port, and its expectation
                client.sendto(b"\0\1file\0octet\0", ("127.0.0.1", TFTP))

    def listed(self) -> dict[str, int]:
        done = self.namespace.run("conntrack", "-L", "expect")
        return dict(collections.Counter(re.findall(r" helper=(\S+)", done.stdout)))

    def test_expectations_are_those_that_conntrack_lists(self):
        self.announce(ftp=3, tftp=5)
        listed = self.listed()
        self.assertEqual({"ftp": 3, "tftp": 5}, listed)
        scrape = self.start(*FLAGS).scrape()
        self.assert_success(scrape, expectations_by_helper=1)
        self.assertEqual({**listed, "other": 0}, scrape.by(FAMILY, "helper"))
        self.assertEqual(8, scrape.value("conntrack_expectations"))

    def test_a_dump_of_several_datagrams_is_added_up(self):
        self.announce(ftp=2, tftp=700)
        scrape = self.start(*FLAGS).scrape()
        self.assertEqual({**self.listed(), "other": 0}, scrape.by(FAMILY, "helper"))
        self.assertEqual(700, scrape.value(FAMILY, helper="tftp"))

    def test_there_is_only_other_where_there_is_no_expectation(self):
        scrape = self.start(*FLAGS).scrape()
        self.assertEqual({"other": 0}, scrape.by(FAMILY, "helper"))

    def test_it_is_off_by_default_and_fails_without_the_capability(self):
        self.assertNotIn(FAMILY, self.start(*FRESH).scrape().names())
        scrape = self.start(*FLAGS, program=lab.without_net_admin(binaries.exporter())).scrape()
        self.assert_success(scrape, expectations_by_helper=0, table=1)
        self.assertNotIn(FAMILY, scrape.names())
