/**
 * A backup with yazl as its documentation shows it: a walk, `addFile` for everything, one stream into the archive.
 *
 * usage: node yazl-create.mjs DATA_FOLDER ARCHIVE
 */
import {createWriteStream, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import yazl from 'yazl';

const [, , source, target] = process.argv;
const zip = new yazl.ZipFile();

const add = (folder, name) => {
	for (const entry of readdirSync(folder, {withFileTypes: true})) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) {
			add(path, `${name}/${entry.name}`);
		} else if (entry.isFile()) {
			zip.addFile(path, `${name}/${entry.name}`);
		}
	}
};

const written = pipeline(zip.outputStream, createWriteStream(target));
add(source, 'basedir');
zip.end();
await written;
