/** Large content in pieces that are compressed side by side and come back in their order. */
import type {Pool} from '../pool/pool.js';
import {newPieceMemory, type PackPieceOutput, pieceBytes, pieceMemoryBytes, windowBytes} from './pack-piece.js';
import {giveBack} from './room.js';

/** Memory that goes round: a fresh megabyte for every piece would cost more than reading into it. */
export type PieceMemory = {
	readonly take: () => ArrayBuffer;
	readonly free: (memory: ArrayBuffer) => void;
	/** Gives back to the system what is free. */
	readonly clear: () => void;
};

const mostFree = 8;

export const createPieceMemory = (): PieceMemory => {
	const free: ArrayBuffer[] = [];
	return {
		take: () => free.pop() ?? newPieceMemory(),
		free(memory) {
			if (memory.byteLength === pieceMemoryBytes && free.length < mostFree) {
				free.push(memory);
			} else {
				giveBack(new Uint8Array(memory));
			}
		},
		clear() {
			for (const memory of free.splice(0)) {
				giveBack(new Uint8Array(memory));
			}
		},
	};
};

/** Pieces under way at the same time: enough that no thread waits for the next. */
const piecesAhead = (pool: Pool): number => (pool.size === 1 ? 1 : pool.size * 2);

type StartPiece = () => Promise<PackPieceOutput>;

/** Awaits pieces that were started earlier, in order, keeping a number of them under way. A piece is valid until the next is asked for. */
const inOrder = async function* (
	starts: Iterable<StartPiece>,
	ahead: number,
	memory: PieceMemory,
): AsyncGenerator<PackPieceOutput, void, undefined> {
	const running: Promise<PackPieceOutput>[] = [];
	const finish = async function* (promise: Promise<PackPieceOutput>): AsyncGenerator<PackPieceOutput, void, undefined> {
		const piece = await promise;
		yield piece;
		memory.free(piece.content.buffer);
	};

	try {
		for (const start of starts) {
			const promise = start();
			// A failure is thrown where its turn comes; until then it must not count as unhandled.
			promise.catch(() => undefined);
			running.push(promise);
			const oldest = running.length >= ahead ? running.shift() : undefined;
			if (oldest) {
				yield* finish(oldest);
			}
		}

		for (let oldest = running.shift(); oldest; oldest = running.shift()) {
			yield* finish(oldest);
		}
	} finally {
		// Whoever stops listening may close the file next, which no thread may be reading then.
		await Promise.allSettled(running);
	}
};

/** Starts the reading of a file's pieces one by one. */
export const startFilePieces = function* ({
	pool,
	memory,
	descriptor,
	bytes,
	level,
}: {
	readonly pool: Pool;
	readonly memory: PieceMemory;
	readonly descriptor: number;
	readonly bytes: number;
	readonly level: number | null;
}): Generator<StartPiece, void, undefined> {
	for (let position = 0; position < bytes; position += pieceBytes) {
		yield async () => {
			const piece = memory.take();
			const length = Math.min(pieceBytes, bytes - position);
			return pool.run('pack-piece', {descriptor, position, bytes: length, level, memory: piece}, [piece]);
		};
	}
};

/** Stops after a piece that is shorter than it should be: what follows does not belong to it. */
export const untilShort = async function* (
	pieces: AsyncIterable<PackPieceOutput>,
	bytes: number,
): AsyncGenerator<PackPieceOutput, void, undefined> {
	let position = 0;
	for await (const piece of pieces) {
		yield piece;
		position += pieceBytes;
		if (piece.content.length < Math.min(pieceBytes, bytes - position + pieceBytes)) {
			return;
		}
	}
};

/** The pieces of a file from its start: at most `bytes`, fewer when it ends before. */
export const filePieces = (options: Parameters<typeof startFilePieces>[0]): AsyncIterable<PackPieceOutput> =>
	untilShort(inOrder(startFilePieces(options), piecesAhead(options.pool), options.memory), options.bytes);

/** The pieces of content that is made chunk by chunk. */
export const chunkPieces = ({
	pool,
	memory,
	chunks,
	level,
}: {
	readonly pool: Pool;
	readonly memory: PieceMemory;
	readonly chunks: Iterable<Uint8Array>;
	readonly level: number | null;
}): AsyncIterable<PackPieceOutput> => {
	const starts = function* (): Generator<StartPiece, void, undefined> {
		let position = 0;
		let filled = 0;
		let piece = new Uint8Array(memory.take());
		const start = (): StartPiece => {
			const input = {descriptor: null, position, bytes: filled, level, memory: piece.buffer} as const;
			const before = Math.min(position, windowBytes);
			const next = new Uint8Array(memory.take());
			const nextBefore = Math.min(position + filled, windowBytes);
			next.set(piece.subarray(before + filled - nextBefore, before + filled));
			piece = next;
			position += filled;
			filled = 0;
			return async () => pool.run('pack-piece', input, [input.memory]);
		};

		for (const chunk of chunks) {
			for (let done = 0; done < chunk.length; ) {
				const part = chunk.subarray(done, done + pieceBytes - filled);
				piece.set(part, Math.min(position, windowBytes) + filled);
				filled += part.length;
				done += part.length;
				if (filled === pieceBytes) {
					yield start();
				}
			}
		}

		if (filled > 0) {
			yield start();
		}

		memory.free(piece.buffer);
	};

	return inOrder(starts(), piecesAhead(pool), memory);
};
