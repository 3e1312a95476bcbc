"""A healthy day: no alert may be sent."""

from incident import Incident


class HealthyDay(Incident):
    name = "healthy"
    afresh = True
    VALLEY, PEAK = 0.15, 0.52  # of the limit; bursts come on top
    title = f"healthy traffic: night, day and night again with bursts, {VALLEY:.0%} to {PEAK:.0%} of the limit"

    def __init__(self):
        self.live_for(150)

    def live_for(self, seconds: float) -> None:
        """Sets the length of the day."""
        self._day = self.begins_within = seconds
        self.lasts = 0.7 * seconds  # from the morning, when reached() is true, to the night

    def begin(self, lab):
        lab.until_end.callback(lab.load, lab.STEADY)
        valley = f"--valley={self.VALLEY * lab.LIMIT}"
        lab.load(int(self.PEAK * lab.LIMIT), valley, f"--period={self._day}", "--bursts")

    def reached(self, lab):
        return lab.router.sysctl("nf_conntrack_count") > 0.4 * lab.LIMIT
