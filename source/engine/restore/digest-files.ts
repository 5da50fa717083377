/** Hashes files that are there, on whatever thread. */
import {setImmediate} from 'node:timers/promises';
import {advanceGauge, type Gauge} from '../pool/gauge.js';
import {type DigestedFile, digestFile} from './compare.js';

export type DigestFilesInput = {
	/** Bytes when a path is no UTF-8. */
	readonly paths: readonly (string | Uint8Array)[];
	/** False leaves the CRC-32 out, where the SHA-256 is known. */
	readonly needsChecksum: boolean;
	/** Told how many bytes are read. */
	readonly gauge: Gauge;
};

/** What the system said of a file that cannot be read. */
export type Unreadable = {readonly code: string; readonly syscall: string; readonly message: string};

export type DigestFilesOutput = {
	/** One for each path; null for what is no ordinary file, or cannot be read. */
	readonly digests: readonly (DigestedFile | null)[];
	/** By the position of the path. */
	readonly unreadable: ReadonlyMap<number, Unreadable>;
};

/** The thread does other things after so much was read. */
const bytesAtOnce = 4 * 1024 * 1024;

const toUnreadable = (error: unknown): Unreadable => {
	const {code = '', syscall = '', message} = error as NodeJS.ErrnoException;
	return {code, syscall, message};
};

/** Reads every file anew, whatever is remembered of it. @throws cancelled */
export const digestFiles = async ({
	paths,
	needsChecksum,
	gauge,
}: DigestFilesInput): Promise<{readonly output: DigestFilesOutput; readonly transfer: readonly ArrayBuffer[]}> => {
	const digests: (DigestedFile | null)[] = [];
	const unreadable = new Map<number, Unreadable>();
	let unpaused = 0;
	const breathe = async (): Promise<void> => {
		if (unpaused >= bytesAtOnce) {
			unpaused = 0;
			await setImmediate();
		}
	};
	const onBytes = (bytes: number): void => {
		unpaused += bytes;
		advanceGauge(gauge, bytes);
	};
	for (const [index, path] of paths.entries()) {
		const digest = await digestFile(typeof path === 'string' ? path : Buffer.from(path), {
			breathe,
			onBytes,
			needsChecksum,
			onUnreadable: error => unreadable.set(index, toUnreadable(error)),
		});
		digests.push(digest);
	}

	return {output: {digests, unreadable}, transfer: []};
};
