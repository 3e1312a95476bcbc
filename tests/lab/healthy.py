"""A good day: nobody may be told anything."""

import time

import judge
import recorder
from exercise import Exercise
from laboratory import Laboratory
from results import Result

VALLEY, PEAK = 0.15, 0.52  # of the limit; bursts come on top


def live_through(lab: Laboratory, exercise: Exercise, seconds: float) -> Result:
    """Traffic that goes from night to day and back in so many seconds, with bursts."""
    hours = seconds * lab.monitoring.speed / 3600
    result = Result(f"none: {hours:.1f} healthy hours", "none")
    exercise.say(f"healthy load for {seconds:.0f} s, which are {hours:.1f} hours to the alerts")
    mark, pending = time.monotonic(), set()
    lab.load(int(PEAK * lab.LIMIT), f"--valley={VALLEY * lab.LIMIT}", f"--period={seconds}", "--bursts")
    fullest = _watch(lab, mark + seconds, pending)
    lab.load(lab.STEADY)
    exercise.say(f"healthy load: {fullest:.0%} of the limit at most; pending for a while: {', '.join(sorted(pending)) or 'none'}")
    told = [n for n in lab.monitoring.recorder.since(mark) if n.firing]
    result.false_alarms = sorted({judge.in_words(notification) for notification in told})
    result.title += f", {VALLEY:.0%} to {fullest:.0%} of the limit"
    if fullest < 0.4:
        result.failure = f"the load filled no more than {fullest:.0%} of the table: that proves nothing"
    return result


def _watch(lab: Laboratory, end: float, pending: set[str]) -> float:
    """How full the table was at most."""
    fullest = 0
    while time.monotonic() < end:
        fullest = max(fullest, lab.router.sysctl("nf_conntrack_count"))
        pending.update(f"{a['labels']['alertname']} ({recorder.in_words(a['labels'])})" for a in lab.monitoring.alerts())
        time.sleep(1)
    return fullest / lab.LIMIT
