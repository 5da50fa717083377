"""Ends the process at a chosen moment, as a power cut would. Python imports this by itself when its folder is in PYTHONPATH.

PRINTKEEP_DIE_AT is a JSON object: {"event": NAME, "target": PATH, "number": N}. The process kills itself right before the Nth event of that name
(https://docs.python.org/3/library/audit_events.html) whose second argument is the path or, with a slash at its end, lies below it. Nothing of the
program is replaced.
"""
import json
import os
import signal
import sys

die_at = os.environ.get("PRINTKEEP_DIE_AT")

if die_at:
    chosen = json.loads(die_at)
    left = chosen["number"]

    def look(event, args):
        global left
        if event != chosen["event"]:
            return

        target = str(args[1])
        if target == chosen["target"] or (chosen["target"].endswith(os.sep) and target.startswith(chosen["target"])):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
