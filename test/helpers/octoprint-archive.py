"""Writes an archive as OctoPrint's backup plugin does: Python's zipfile, deflated, files from the disk, the metadata as a string.

Arguments: folder with the files, archive to write.
"""

import json
import os
import sys
import zipfile

folder, target = sys.argv[1:]
with zipfile.ZipFile(
    target, mode="w", compression=zipfile.ZIP_DEFLATED, allowZip64=True
) as archive:
    archive.writestr("metadata.json", json.dumps({"version": "1.11.8", "excludes": []}))
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(place, name)
            entry = os.path.join("basedir", os.path.relpath(path, folder))
            archive.write(path, arcname=entry)
