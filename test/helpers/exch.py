#!/usr/bin/env python3
"""What exch of util-linux does, for machines that have none: renameat2(2) with RENAME_EXCHANGE."""
import ctypes
import os
import sys

if sys.argv[1:] == ["--version"]:
    print("exch from util-linux 2.40")
    sys.exit(0)

first, second = (os.fsencode(path) for path in sys.argv[1:])
libc = ctypes.CDLL(None, use_errno=True)
if libc.renameat2(-100, first, -100, second, 2) != 0:
    sys.exit(f"exch: {os.strerror(ctypes.get_errno())}")
