"""Clients that lose power or their network: nothing closes their connections, and the router keeps them for five days."""

import crowds

from .nearly_full import FillingUp

_WITHOUT_A_WORD = """
table ip vanished {{
  chain output {{
    type filter hook output priority filter;
    tcp dport {port} tcp flags & (fin | rst) != 0 drop
  }}
}}
"""


class VanishedClients(FillingUp):
    name = "vanished-clients"
    title = "clients that vanish: established connections pile up"

    def fill(self, lab, start, *growth):
        lab.client.nft(_WITHOUT_A_WORD.format(port=crowds.HOLD))
        lab.until_end.callback(lab.client.nft, "delete table ip vanished\n")
        crowds.holding(lab)
        crowds.connections(lab, crowds.HOLD, start, *growth, "--close")
