/**
 * Copies of backups in another folder: a USB stick, a network folder. Each copy is two files, the archive and a small JSON file that says what it is. The JSON
 * file is written last, when the archive is complete and on the medium: an archive without one is an upload that did not get to its end, and is not listed.
 */
import {createReadStream} from 'node:fs';
import {mkdir, open, readdir, readFile, rename, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {agentError, definePlugin, invalidSetting, notFound} from 'printkeep/plugin';

const suffix = '.json';

/** Names of archives only: none leads out of the folder, none is hidden. */
const isName = id => /^[^./\\][^/\\]*$/u.test(id) && !id.endsWith(suffix);

/** What the operating system says no to is the place's trouble, and none of this plugin's. */
const atPlace = async (folder, work) => {
	try {
		return await work();
	} catch (error) {
		if (typeof error?.syscall === 'string') {
			throw agentError(
				error.code === 'ENOENT'
					? `The folder ${folder} is not there. Is its disk mounted?`
					: `The folder ${folder} cannot be used: ${error.code}.`,
			);
		}

		throw error;
	}
};

/** Writes a file so that its name appears only when all of it is on the medium. */
const writeLasting = async (path, write) => {
	const partial = `${path}.part`;
	await rm(partial, {force: true});
	const file = await open(partial, 'wx', 0o600);
	try {
		await write(file);
		await file.sync();
		await file.close();
		await rename(partial, path);
	} catch (error) {
		await file.close();
		await rm(partial, {force: true});
		throw error;
	}
};

const readRecord = async (folder, id) => {
	try {
		const record = JSON.parse(await readFile(join(folder, id + suffix), 'utf8'));
		const {size} = await stat(join(folder, id));
		return record.id === id && record.bytes === size ? record : null;
	} catch {
		// Not complete, or somebody else's.
		return null;
	}
};

const folderAgent = folder => {
	const get = async id => {
		const record = isName(id) ? await readRecord(folder, id) : null;
		if (!record) {
			throw notFound(id);
		}

		return record;
	};

	return {
		id: 'folder',
		name: folder,
		list: () =>
			atPlace(folder, async () => {
				const names = (await readdir(folder)).filter(name => name.endsWith(suffix));
				const records = await Promise.all(names.map(name => readRecord(folder, name.slice(0, -suffix.length))));
				return records.filter(record => record !== null);
			}),
		get,
		upload: ({backup, openStream, onProgress}, {signal}) =>
			atPlace(folder, async () => {
				if (!isName(backup.id)) {
					throw agentError(`The folder cannot hold a file called ${backup.id}.`);
				}

				await mkdir(folder, {recursive: true, mode: 0o700});
				await writeLasting(join(folder, backup.id), async file => {
					let bytes = 0;
					for await (const piece of openStream()) {
						signal.throwIfAborted();
						await file.writeFile(piece);
						bytes += piece.length;
						onProgress(bytes);
					}
				});
				await writeLasting(join(folder, backup.id + suffix), file => file.writeFile(JSON.stringify(backup)));
			}),
		async download(id) {
			await get(id);
			return createReadStream(join(folder, id));
		},
		async delete(id) {
			await get(id);
			// Without its record the archive is none any more, whatever happens then.
			await atPlace(folder, async () => {
				await rm(join(folder, id + suffix));
				await rm(join(folder, id));
			});
		},
	};
};

let tellOfChange = () => undefined;

export default definePlugin({
	apiVersion: 1,
	id: 'folder-agent',
	name: 'Copies in a folder',
	version: '1.0.0',
	description: 'Keeps copies of backups in a folder of your choice.',
	settings: {
		defaults: {folder: ''},
		onSave(values) {
			const folder = values.folder ?? '';
			if (typeof folder !== 'string' || (folder !== '' && !folder.startsWith('/'))) {
				throw invalidSetting('folder must be an absolute path.');
			}

			// The list of agents depends on the folder; it is asked for again when this is stored.
			setTimeout(tellOfChange);
			return values;
		},
	},
	agents: {
		agents({settings}) {
			const folder = settings.get(['folder']);
			return typeof folder === 'string' && folder.startsWith('/') ? [folderAgent(folder)] : [];
		},
		onChange(changed) {
			tellOfChange = changed;
		},
	},
});
