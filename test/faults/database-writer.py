"""Writes to a database as fast as it can, two rows that belong together in each transaction.

usage: database-writer.py FILE JOURNAL-MODE
"""
import os
import sqlite3
import sys

# What is tested gets the machine first; this writes whenever it can.
os.nice(5)

database = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
database.execute("PRAGMA journal_mode = " + sys.argv[2])
database.execute("PRAGMA synchronous = OFF")
database.execute("CREATE TABLE IF NOT EXISTS moves (id INTEGER PRIMARY KEY, side TEXT, filler TEXT)")
opened = os.stat(sys.argv[1]).st_ino
try:
    for count in range(10**9):
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO moves (side, filler) VALUES ('from', ?)", ("x" * 300,))
        database.execute("INSERT INTO moves (side, filler) VALUES ('to', ?)", ("y" * 300,))
        if count % 3000 == 2999:
            # So that it stays a file a test can copy: what goes is whole pairs.
            database.execute("DELETE FROM moves WHERE id <= (SELECT max(id) FROM moves) - 1000")
        database.execute("COMMIT")
        if count == 20:
            os.write(1, b"writing\n")
except sqlite3.OperationalError:
    # A restore has put another file in the place of this one, which SQLite refuses to write to then. Any other error is told.
    if os.path.exists(sys.argv[1]) and os.stat(sys.argv[1]).st_ino == opened:
        raise
