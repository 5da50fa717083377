"""
Lists a folder of backups the way OctoPrint does: what is no ZIP or has no `metadata.json` is none.

usage: octoprint_list.py FOLDER
"""
import json
import os
import sys
import zipfile

backups = []
with os.scandir(sys.argv[1]) as entries:
    for entry in entries:
        if entry.name.startswith('.') or not entry.name.endswith('.zip') or not zipfile.is_zipfile(entry.path):
            continue
        with zipfile.ZipFile(entry.path) as archive:
            try:
                metadata = json.loads(archive.read('metadata.json'))
            except KeyError:
                continue
        status = entry.stat()
        backups.append({'name': entry.name, 'date': status.st_mtime, 'size': status.st_size, 'version': metadata['version']})
json.dump(backups, sys.stdout)
