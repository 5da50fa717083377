"""Runs a program in a pseudo terminal and tells, with times, every byte it writes.

usage: run-in-pty.py COLUMNS ROWS PROGRAM [ARGUMENT...]

Standard input takes one JSON object per line: {"write": BASE64, "id": N}, {"resize": [COLUMNS, ROWS]}, {"hangup": true}.
Standard output gives one per line: {"pid": N, "at": MS}, {"at": MS, "bytes": BASE64}, {"sent": N, "at": MS}, {"exit": CODE}.
Times are milliseconds of the monotonic clock, taken where the bytes pass, so that no other process delays them.
"""
import base64
import fcntl
import json
import os
import select
import signal
import struct
import sys
import termios
import time


def milliseconds():
    return time.monotonic() * 1000


def say(message):
    os.write(1, (json.dumps(message) + "\n").encode())


def set_size(descriptor, columns, rows):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    columns, rows = int(sys.argv[1]), int(sys.argv[2])
    master, slave = os.openpty()
    set_size(slave, columns, rows)
    started = milliseconds()
    pid = os.fork()
    if pid == 0:
        os.close(master)
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for descriptor in (0, 1, 2):
            os.dup2(slave, descriptor)
        os.closerange(3, 256)
        os.execvp(sys.argv[3], sys.argv[3:])
    os.close(slave)
    say({"pid": pid, "at": started})
    pending = b""
    open_master, open_input = True, True
    while open_master:
        readable, _, _ = select.select([master] + ([0] if open_input else []), [], [])
        if master in readable:
            try:
                data = os.read(master, 65536)
            except OSError:
                data = b""
            at = milliseconds()
            if not data:
                open_master = False
            else:
                say({"at": at, "bytes": base64.b64encode(data).decode()})
        if 0 in readable:
            data = os.read(0, 65536)
            if not data:
                open_input = False
                os.kill(pid, signal.SIGHUP)
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                message = json.loads(line)
                if "write" in message:
                    at = milliseconds()
                    os.write(master, base64.b64decode(message["write"]))
                    say({"sent": message["id"], "at": at})
                elif "resize" in message:
                    set_size(master, *message["resize"])
                elif "hangup" in message:
                    os.close(master)
                    open_master = False
                    break
    _, status = os.waitpid(pid, 0)
    say({"exit": os.waitstatus_to_exitcode(status)})


main()
