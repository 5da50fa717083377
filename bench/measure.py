"""
Runs one program and tells what it cost: wall time, CPU time, peak memory of it and all its descendants, and when each line of its output came.

usage: measure.py < request     {"argv": [...], "env": {...}, "cwd": "...", "lines": bool}
prints {"code", "wall", "user", "system", "peakBytes", "lines": [[seconds, text], ...], "errors"}

Wall time goes from just before the program is started until it has been waited for. CPU time is what the kernel has counted for it and the descendants it
waited for. Peak memory is the largest sum of the resident memory of all processes of the tree, looked at every 10 ms, or the kernel's own high-water mark of
the largest process, whichever is more: a single process, threads included, is therefore exact, and pages that two processes share are counted twice.
The high-water mark starts with this script's own memory, so that little programs are not told apart below about 12 MB.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

page = os.sysconf('SC_PAGE_SIZE')


def tree(root):
    """The process and all its living descendants."""
    found = [root]
    for pid in found:
        try:
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/children') as children:
                    found.extend(int(child) for child in children.read().split())
        except OSError:
            pass
    return found


def resident(pid):
    """Bytes of a process that are in memory; 0 once it has ended."""
    try:
        with open(f'/proc/{pid}/statm') as statm:
            return int(statm.read().split()[1]) * page
    except (OSError, IndexError):
        return 0


request = json.load(sys.stdin)
lines = []
ended = threading.Event()
peak = 0

with tempfile.TemporaryFile() as errors:
    started = time.monotonic()
    child = subprocess.Popen(
        request['argv'],
        env=request['env'],
        cwd=request['cwd'],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if request['lines'] else subprocess.DEVNULL,
        stderr=errors,
    )

    def sample():
        global peak
        while not ended.wait(0.01):
            peak = max(peak, sum(resident(pid) for pid in tree(child.pid)))

    def listen():
        for line in child.stdout:
            lines.append([time.monotonic() - started, line.decode(errors='replace')])

    threads = [threading.Thread(target=sample)]
    if request['lines']:
        threads.append(threading.Thread(target=listen))
    for thread in threads:
        thread.start()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    for thread in threads:
        thread.join()
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - 4000))
    said = errors.read().decode(errors='replace')

json.dump(
    {
        'code': child.returncode,
        'wall': wall,
        'user': usage.ru_utime,
        'system': usage.ru_stime,
        'peakBytes': max(peak, usage.ru_maxrss * 1024),
        'lines': lines,
        'errors': said,
    },
    sys.stdout,
)
