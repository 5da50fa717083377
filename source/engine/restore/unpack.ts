import {createHash} from 'node:crypto';
import {readEntry} from '../archive/reader.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, toDiskPath} from './byte-path.js';
import type {OpenedBackup} from './opened-backup.js';
import {wrongContent} from './unpack-files.js';
import type {WantedFile} from './wanted-tree.js';

/**
 * Unpacks one file; its content is hashed on the way.
 * @returns its open descriptor.
 * @throws archive-damaged when it is not the one that was backed up, the disk's errors, cancelled; it is closed then.
 */
export const unpack = async (
	{ports, report, signal, breathe}: JobContext,
	{backup}: {readonly backup: OpenedBackup},
	file: WantedFile,
	path: BytePath,
): Promise<number> => {
	const {disk} = ports;
	const descriptor = disk.create(toDiskPath(path), 0o600);
	try {
		if (file.content) {
			disk.write(descriptor, file.content, 0);
			report.advance(file.content.length, 0);
			return descriptor;
		}

		const hash = file.sha256 === null ? null : createHash('sha256');
		let position = 0;
		await readEntry(
			backup.archive,
			file.entry,
			chunk => {
				hash?.update(chunk);
				disk.write(descriptor, chunk, position);
				position += chunk.length;
				report.advance(chunk.length, 0);
			},
			{signal, breathe},
		);
		if (hash && hash.digest('hex') !== file.sha256) {
			throw wrongContent(file.name);
		}

		return descriptor;
	} catch (error) {
		disk.close(descriptor);
		throw error;
	}
};
