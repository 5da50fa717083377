import {createWriteStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import yazl from 'yazl';

/** Content of an archive as OctoPrint writes it, as small as can be. */
export const octoprintMembers: Readonly<Record<string, string>> = {
	'metadata.json': JSON.stringify({version: '1.11.8', excludes: []}),
	'basedir/config.yaml': 'server:\n  firstRun: false\n',
	'basedir/users.yaml': 'admin: {}\n',
	'basedir/uploads/cube.gcode': 'G28\n',
};

/** Writes an archive of some other program's. */
export const makeForeignArchive = async (
	path: string,
	members: Readonly<Record<string, string | Buffer>> = octoprintMembers,
): Promise<void> => {
	const zip = new yazl.ZipFile();
	for (const [name, content] of Object.entries(members)) {
		zip.addBuffer(Buffer.from(content), name, {mtime: new Date(2026, 0, 1), mode: 0o100644});
	}

	zip.end();
	await pipeline(zip.outputStream, createWriteStream(path, {mode: 0o600}));
};
