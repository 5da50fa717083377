"""
Restores an archive the way OctoPrint's own backup plugin does, without OctoPrint around it: no plugins are looked up and no server is restarted.

usage: octoprint_restore.py ARCHIVE DATA_FOLDER TEMPORARY_FOLDER

Every entry is extracted by Python's `zipfile` into the temporary folder, those that would lie outside left out, and gets the time it had; the times of
folders come last. Then the two files a restore cannot do without are looked for, the old data folder is moved aside and the new one into its place. Modes are not
restored, and nothing is synced. The folders are on the same file system, which is the fast case.
"""
import json
import os
import shutil
import sys
import time
import zipfile

archive_path, target, temporary = (os.path.abspath(argument) for argument in sys.argv[1:4])
os.mkdir(temporary)
with zipfile.ZipFile(archive_path) as archive:
    json.loads(archive.read('metadata.json'))['version']
    folders = {}
    for entry in archive.infolist():
        path = os.path.abspath(os.path.join(temporary, entry.filename))
        if os.path.commonpath([temporary, path]) != temporary:
            continue
        extracted = archive.extract(entry, temporary)
        stamp = time.mktime((*entry.date_time, 0, 0, -1))
        if entry.is_dir():
            folders[extracted] = stamp
        else:
            os.utime(extracted, (stamp, stamp))
    for folder, stamp in sorted(folders.items(), reverse=True):
        os.utime(folder, (stamp, stamp))

restored = os.path.join(temporary, 'basedir')
for name in ('config.yaml', 'users.yaml'):
    if not os.path.isfile(os.path.join(restored, name)):
        sys.exit(f'{name} is missing')
if os.path.exists(target):
    shutil.move(target, f'{target}.bck')
shutil.move(restored, target)
shutil.rmtree(temporary)
