/** Compares restored files with what is wanted, side by side: every one is read and hashed anew. */
import {isPrintkeepError} from '../../errors.js';
import {followTask} from '../pool/follow.js';
import {createGauge} from '../pool/gauge.js';
import {inlinePool, type Pool} from '../pool/pool.js';
import {createTurnstile} from '../pool/turnstile.js';
import {toDiskPath} from './byte-path.js';
import {isContentOf} from './compare.js';
import type {DigestFilesInput, DigestFilesOutput} from './digest-files.js';
import {liveOf} from './places.js';
import type {Survey} from './survey-result.js';
import type {WantedFile} from './wanted-tree.js';

/** A task is about so many files, or so much content; a larger file is one by itself. */
const batchFiles = 64;
const batchBytes = 4 * 1024 * 1024;

export type Restored = {
	readonly kept: readonly WantedFile[];
	/** Those of `kept` that begin like a database. */
	readonly databases: ReadonlySet<WantedFile>;
	readonly changed: readonly WantedFile[];
	/** Those of `changed` of which nobody knows what is in them, with what the system said. */
	readonly unreadable: ReadonlyMap<WantedFile, unknown>;
};

export type CompareRestoredOptions = {
	readonly pool: Pool;
	readonly breathe: () => Promise<void>;
	readonly onBytes: (bytes: number) => void;
	readonly onFiles: (files: number, last: string) => void;
};

/** What is restored is read on this thread, should the others have died: that is no fault of the disk's, and nothing is to be taken back for it. */
const digest = async (pool: Pool, input: DigestFilesInput): Promise<DigestFilesOutput> => {
	try {
		return await pool.run('digest-files', input);
	} catch (error) {
		if (isPrintkeepError(error) && error.code === 'engine-crashed') {
			return inlinePool.run('digest-files', input);
		}

		throw error;
	}
};

/** In the order of the files, whichever was read first. @throws what `breathe` throws */
export const compareRestored = async (
	{pairs, places}: Pick<Survey, 'pairs' | 'places'>,
	{pool, breathe, onBytes, onFiles}: CompareRestoredOptions,
): Promise<Restored> => {
	const isKept = new Uint8Array(pairs.length);
	const databases = new Set<WantedFile>();
	const unreadable = new Map<WantedFile, unknown>();
	const turnstile = createTurnstile(pool.size === 1 ? 1 : pool.size * 2);
	const running = new Set<Promise<void>>();
	let failure: {readonly error: unknown} | null = null;

	const compareBatch = async (first: number, batch: readonly WantedFile[]): Promise<void> => {
		const gauge = createGauge();
		const input = {
			paths: batch.map(file => toDiskPath(liveOf(places, file))),
			needsChecksum: batch.some(({sha256}) => sha256 === null),
			gauge,
		};
		const {digests, unreadable: unread} = await followTask(digest(pool, input), gauge, onBytes);
		for (const [index, wanted] of batch.entries()) {
			const found = digests[index] ?? null;
			const said = unread.get(index);
			if (isContentOf(found, wanted)) {
				isKept[first + index] = 1;
				if (found?.isDatabase) {
					databases.add(wanted);
				}
			} else if (said) {
				const {code, syscall, message} = said;
				unreadable.set(wanted, Object.assign(new Error(message), {code, syscall}));
			}
		}

		onFiles(batch.length, batch.at(-1)?.name ?? '');
	};

	const start = async (first: number, batch: readonly WantedFile[]): Promise<void> => {
		await turnstile.enter();
		const done = compareBatch(first, batch)
			.catch((error: unknown) => {
				failure ??= {error};
			})
			.then(() => {
				running.delete(done);
				turnstile.leave();
			});
		running.add(done);
	};

	try {
		let batch: WantedFile[] = [];
		let bytes = 0;
		for (const [index, wanted] of pairs.entries()) {
			await breathe();
			if (batch.length >= batchFiles || (batch.length > 0 && bytes + wanted.bytes > batchBytes)) {
				await start(index - batch.length, batch);
				batch = [];
				bytes = 0;
			}

			batch.push(wanted);
			bytes += wanted.bytes;
		}

		await start(pairs.length - batch.length, batch);
	} finally {
		await Promise.all(running);
	}

	const thrown = failure as {readonly error: unknown} | null;
	if (thrown) {
		throw thrown.error;
	}

	return {
		kept: pairs.filter((_, index) => isKept[index] === 1),
		databases,
		changed: pairs.filter((_, index) => isKept[index] === 0),
		unreadable,
	};
};
