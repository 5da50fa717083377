"""
Backs up a data folder the way OctoPrint's own backup plugin does, without OctoPrint around it.

usage: octoprint_backup.py DATA_FOLDER ARCHIVE

What the plugin does is done here in the same order and with the same calls of Python's library: the sizes of all files are added up and compared with the
free space, everything is put into a hidden archive with `zipfile` at its usual level, file by file, folders walked with `scandir`, links followed, only
regular files; progress is worked out after every file; at the end the archive gets its name. It has no comment, no checksums of its own, and nothing is synced.
"""
import json
import os
import shutil
import sys
import zipfile

source, target = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
left_out = {os.path.join(source, name) for name in ('generated', 'logs', 'watched', 'uploadtemp')}
left_out.add(os.path.dirname(target))


def size_of(folder):
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.path in left_out:
                continue
            if entry.is_dir():
                total += size_of(entry.path)
            elif entry.is_file():
                total += entry.stat().st_size
    return total


class Progress:
    def __init__(self, total):
        self.total = total
        self.done = 0
        self.told = -1.0

    def add(self, path):
        self.done += os.stat(path).st_size
        share = self.done / self.total if self.total else 1.0
        if share - self.told >= 0.01:
            self.told = share


def add(archive, path, name, progress):
    if path in left_out:
        return
    if os.path.isdir(path):
        with os.scandir(path) as entries:
            for entry in entries:
                add(archive, entry.path, f'{name}/{entry.name}', progress)
    elif os.path.isfile(path):
        archive.write(path, arcname=name)
        progress.add(path)


total = size_of(source)
if shutil.disk_usage(os.path.dirname(target)).free < total:
    sys.exit('not enough space')

hidden = os.path.join(os.path.dirname(target), f'.{os.path.basename(target)}')
progress = Progress(total)
with zipfile.ZipFile(hidden, mode='w', compression=zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
    archive.writestr('metadata.json', json.dumps({'version': '1.11.8', 'excludes': []}))
    with os.scandir(source) as entries:
        for entry in entries:
            add(archive, entry.path, f'basedir/{entry.name}', progress)
    archive.writestr('plugin_list.json', json.dumps([]))
shutil.move(hidden, target)
