/** Has files read and compressed before their turn in the archive comes, as many as fit into bounded memory. */
import {closeSync} from 'node:fs';
import {seemsCompressible} from '../archive/compress.js';
import {createFileReader} from '../archive/file-reader.js';
import {statsOf} from '../archive/file-stats.js';
import {type PackPieceOutput, pieceBytes} from '../archive/pack-piece.js';
import {createPieceMemory, startFilePieces, untilShort} from '../archive/pieces.js';
import {type Channel, createChannel} from '../pool/channel.js';
import type {Pool} from '../pool/pool.js';
import {createTurnstile} from '../pool/turnstile.js';
import type {PreviousEntry} from '../reuse/previous-entries.js';
import type {SettledBefore} from '../scan/settled.js';
import type {ScannedFile} from '../scan.js';
import {type OpenedFile, openForBackup, startsLikeSqlite} from './take-file.js';
import type {ReadAhead, Unit} from './units.js';

/** Unchanged files that are being joined: an object for each of many would be garbage at once. */
type Run = {
	readonly type: 'unchanged';
	readonly run: {-readonly [Key in keyof PreviousEntry]: PreviousEntry[Key]};
	readonly part: string;
	target: string;
	count: number;
};

/** True when an entry lies right behind a run, there as here, and both are short enough to be copied in one go. */
const isNext = ({part, run}: Run, partOfEntry: string, entry: PreviousEntry): boolean =>
	run.end === entry.start &&
	run.recordEnd === entry.recordStart &&
	run.lineEnd === entry.lineStart &&
	part === partOfEntry &&
	entry.end - run.start <= runBytes;

type Reading = {readonly pieces: Channel<Promise<PackPieceOutput>>; isWanted: boolean};

/** A batch is large enough to be worth its messages, and small enough to be held several times. */
const batchFiles = 200;
const batchBytes = 1024 * 1024;

/** Copied in one go: short enough that progress is seen and cancelling heard. */
const runBytes = 4 * 1024 * 1024;

/** Units under way: three for each thread, since the one that hands them out works as well, and one that is being written. */
const unitsAhead = (pool: Pool): number => (pool.size === 1 ? 1 : pool.size * 3 + 1);

export const createReadAhead = ({
	pool,
	level,
	settledBefore,
}: {
	readonly pool: Pool;
	readonly level: number;
	readonly settledBefore: SettledBefore;
}): ReadAhead => {
	const turnstile = createTurnstile(unitsAhead(pool));
	const units = createChannel<Unit>();
	const memory = createPieceMemory();
	const files = createFileReader();
	const running = new Set<Promise<unknown>>();
	let run: Run | null = null;
	let batch: ScannedFile[] = [];
	let bytesInBatch = 0;
	let isStopped = false;

	const track = <Value>(promise: Promise<Value>): Promise<Value> => {
		// A failure is thrown where its turn comes; until then it must not count as unhandled.
		const settled = promise
			.catch(() => undefined)
			.then(() => {
				running.delete(settled);
			});
		running.add(settled);
		return promise;
	};

	const flushRun = async (): Promise<boolean> => {
		const unit = run;
		run = null;
		if (!unit) {
			return !isStopped;
		}

		if (!(await turnstile.enter())) {
			return false;
		}

		units.push(unit);
		return true;
	};

	const flushBatch = async (): Promise<boolean> => {
		const items = batch;
		const [first] = items;
		batch = [];
		bytesInBatch = 0;
		if (!first) {
			return !isStopped;
		}

		if (!(await turnstile.enter())) {
			return false;
		}

		const room = memory.take();
		const packed = track(
			pool.run(
				'pack-files',
				{
					files: items.map(({source, entryName, rawPath}) => ({
						source,
						name: entryName,
						...(rawPath === undefined ? {} : {rawPath}),
					})),
					part: first.part,
					level,
					maximumBytes: pieceBytes,
					settledBefore: settledBefore(first),
					memory: room,
				},
				[room],
			),
		);
		units.push({type: 'batch', items, packed});
		return true;
	};

	const startRun = async (part: string, target: string, entry: PreviousEntry): Promise<boolean> => {
		if (!(await flushBatch()) || !(await flushRun())) {
			return false;
		}

		run = {type: 'unchanged', run: {...entry}, part, target, count: 1};
		return !isStopped;
	};

	/** Pieces as they are asked for; each that was taken makes room for another to be started. */
	const taking = async function* (reading: Reading): AsyncGenerator<PackPieceOutput> {
		try {
			for await (const promise of reading.pieces) {
				try {
					const piece = await promise;
					yield piece;
					memory.free(piece.content.buffer);
				} finally {
					turnstile.leave();
				}
			}
		} finally {
			// Nobody listens any more: the file turned out shorter, or the backup failed.
			reading.isWanted = false;
			for (const promise of reading.pieces.takeRest()) {
				await promise.catch(() => undefined);
				turnstile.leave();
			}
		}
	};

	const addLarge = async (item: ScannedFile): Promise<boolean> => {
		let descriptor: number;
		try {
			descriptor = openForBackup(item.source);
		} catch {
			return addSingle(item);
		}

		const giveUp = async (): Promise<boolean> => {
			closeSync(descriptor);
			return addSingle(item);
		};
		const settled = settledBefore(item);
		let stats: OpenedFile['stats'];
		let compress: boolean;
		try {
			stats = statsOf(descriptor);
			if (!stats.isFile() || stats.size <= pieceBytes || startsLikeSqlite(descriptor)) {
				return giveUp();
			}

			compress = seemsCompressible(Number(stats.size), (position, bytes) => files.read(descriptor, position, bytes));
		} catch {
			// Whatever is the matter is told in its turn.
			return giveUp();
		}

		const bytes = Number(stats.size);
		const reading: Reading = {pieces: createChannel(), isWanted: true};
		const started = {compress, pieces: untilShort(taking(reading), bytes)};
		const begun = new Set<Promise<unknown>>();
		const idle = async (): Promise<void> => {
			reading.isWanted = false;
			await Promise.allSettled(begun);
		};
		units.push({type: 'large', item, opened: {descriptor, stats, settled, started, idle}});
		for (const start of startFilePieces({pool, memory, descriptor, bytes, level: compress ? level : null})) {
			if (!(await turnstile.enter())) {
				reading.pieces.end();
				return false;
			}

			if (!reading.isWanted) {
				turnstile.leave();
				break;
			}

			const piece = track(start());
			begun.add(piece);
			piece.then(
				() => begun.delete(piece),
				() => begun.delete(piece),
			);
			reading.pieces.push(piece);
		}

		reading.pieces.end();
		return true;
	};

	const addSingle = async (item: ScannedFile): Promise<boolean> => {
		if (!(await turnstile.enter())) {
			return false;
		}

		units.push({type: 'single', item});
		return true;
	};

	return {
		async add(item) {
			const [first] = batch;
			const isLarge = item.bytes > pieceBytes;
			if (
				first &&
				(isLarge ||
					batch.length >= batchFiles ||
					bytesInBatch + item.bytes > batchBytes ||
					item.part !== first.part ||
					item.device !== first.device) &&
				!(await flushBatch())
			) {
				return false;
			}

			if (run && !(await flushRun())) {
				return false;
			}

			if (isLarge) {
				return addLarge(item);
			}

			batch.push(item);
			bytesInBatch += item.bytes;
			return !isStopped;
		},
		addUnchanged(part, target, entry) {
			if (!run || !isNext(run, part, entry)) {
				return startRun(part, target, entry);
			}

			run.run.end = entry.end;
			run.run.recordEnd = entry.recordEnd;
			run.run.lineEnd = entry.lineEnd;
			run.run.bytes += entry.bytes;
			run.target = target;
			run.count++;
			return !isStopped;
		},
		async flush() {
			await flushBatch();
			await flushRun();
		},
		free({entries}) {
			memory.free(entries.buffer);
		},
		end: units.end,
		units,
		done(unit) {
			// The pieces of a large file leave one by one.
			if (unit.type !== 'large') {
				turnstile.leave();
			}
		},
		stop() {
			isStopped = true;
			turnstile.close();
		},
		async settle() {
			await Promise.all(running);
			memory.clear();
			for (const unit of units.takeRest()) {
				if (unit.type === 'large') {
					await unit.opened.idle();
					closeSync(unit.opened.descriptor);
				}
			}
		},
	};
};
