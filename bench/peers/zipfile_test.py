"""
Reads every entry of an archive and checks its CRC, as Python's `zipfile` does it.

usage: zipfile_test.py ARCHIVE
"""
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    damaged = archive.testzip()
if damaged is not None:
    sys.exit(f'{damaged} is damaged')
