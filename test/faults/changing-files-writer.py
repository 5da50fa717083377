"""Changes files without pause, in every way a print server or a person might, while they are being backed up.

usage: changing-files-writer.py FOLDER

Each file is written so that a copy of it shows whether it was taken in one piece.
"""
import os
import random
import socket
import sys

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
os.chdir(folder)
SIZE = 96 * 1024


def fill(version):
    """One letter all over: a copy with two of them is torn."""
    return bytes([65 + version % 26]) * (SIZE + version % 7)


def put(name, content):
    with open(name, "wb") as file:
        file.write(content)


def clear(name):
    if os.path.islink(name) or not os.path.isdir(name):
        try:
            os.unlink(name)
        except FileNotFoundError:
            pass
    else:
        os.rmdir(name)


def grow(version):
    with open("growing.gcode", "ab") as file:
        for _ in range(40):
            file.write(b"G1 X%08d\n" % (file.tell() // 13))
    if os.path.getsize("growing.gcode") > 400_000:
        os.unlink("growing.gcode")


def shrink(version):
    if version % 20 == 0:
        put("shrinking.gcode", b"M84 \n" * 40_000)
    else:
        with open("shrinking.gcode", "ab") as file:
            file.truncate(min(file.tell(), 200_000 - (version % 20) * 10_000))


def replace(version):
    put("new.tmp", fill(version))
    os.rename("new.tmp", "replaced.gcode")


def rewrite(version):
    """In place, the same length, and the date put back: only the change time tells."""
    with open("rewritten.gcode", "r+b" if os.path.exists("rewritten.gcode") else "wb") as file:
        file.write(bytes([97 + version % 26]) * SIZE)
    os.utime("rewritten.gcode", (1_700_000_000, 1_700_000_000))


def vanish(version):
    name = "vanishing-%d.gcode" % (version % 8)
    if os.path.exists(name):
        os.unlink(name)
    else:
        put(name, fill(version))


def move(version):
    names = ("here.gcode", "there.gcode")
    if not any(os.path.exists(name) for name in names):
        put(names[0], fill(0))
    else:
        os.rename(*(names if os.path.exists(names[0]) else names[::-1]))


def change_shape(version):
    clear("shape")
    kind = version % 6
    if kind == 0:
        put("shape", fill(version))
    elif kind == 1:
        os.mkfifo("shape")
    elif kind == 2:
        server = socket.socket(socket.AF_UNIX)
        server.bind("shape")
        server.close()
    elif kind == 3:
        os.symlink("replaced.gcode", "shape")
    elif kind == 4:
        os.mkdir("shape")
    else:
        os.symlink("nowhere", "shape")


changes = [grow, shrink, replace, rewrite, vanish, move, change_shape]
for version in range(10**9):
    if version == 200:
        os.write(1, b"changing\n")
    random.choice(changes)(version)
