"""Announced connections that never come."""

import crowds

_MOST = 12000  # announcements that this incident is willing to make

_RULES = """
table ip announced {{
  ct helper ftp {{ type "ftp" protocol tcp; }}
  chain forward {{
    type filter hook forward priority filter;
    tcp dport {ftp} ct helper set "ftp"
  }}
}}
"""


class Expectations(crowds.CrowdIncident):
    """FTP clients that announce where they wait for data (PORT), which the router's helper writes down."""

    name = "expectations"
    title = "more announced FTP connections than there is room for"
    alert = "ConntrackExpectationTableFull"
    labels = {"severity": "warning"}

    def impossible(self, lab):
        if not lab.takes(_RULES.format(ftp=crowds.FTP)):
            return "no FTP helper in this kernel (CONFIG_NF_CONNTRACK_FTP, CONFIG_NFT_CT)"
        wanted = lab.router.sysctl("nf_conntrack_expect_max")
        return f"nf_conntrack_expect_max is {wanted}: too many to fill" if wanted > _MOST else None

    def begin(self, lab):
        lab.add_table(_RULES.format(ftp=crowds.FTP), "ip announced")
        crowds.answering(lab, lab.server, lab.SERVER)
        count = int(0.85 * lab.router.sysctl("nf_conntrack_expect_max"))
        # The helper learns from the first line where the next one begins.
        crowds.connections(lab, crowds.FTP, count, "--say", "USER anonymous", "PORT {here}")

    def reached(self, lab):
        scrape = lab.scrape()
        return scrape.value("conntrack_expectations") > 0.8 * scrape.value("conntrack_expectations_limit")
