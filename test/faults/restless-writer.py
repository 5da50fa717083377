"""Changes one large file without pause, in place and by a byte at a time, so that no reading of it finds it as it was.

usage: restless-writer.py FILE
"""
import os
import random
import sys
import time

SIZE = 8 * 1024 * 1024
with open(sys.argv[1], "wb") as file:
    file.write(os.urandom(SIZE))
descriptor = os.open(sys.argv[1], os.O_WRONLY)
os.write(1, b"changing\n")
while True:
    os.pwrite(descriptor, b"x", random.randrange(SIZE))
    time.sleep(0.0005)
