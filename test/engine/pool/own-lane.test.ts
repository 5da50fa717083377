/** A pool that the calling thread is part of. */
import {existsSync} from 'node:fs';
import {beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {newPieceMemory, type PackPieceInput, packPiece} from '../../../source/engine/archive/pack-piece.js';
import {startThreadPool} from '../../../source/engine/pool/pool.js';
import {createSweep} from '../../../source/engine/pool/sweep.js';

const helper = new URL('../../../dist/helper.js', import.meta.url);

beforeAll(() => {
	expect(existsSync(helper), 'dist/ is built first: npm run build').toBe(true);
});

const piece = (seed: number): PackPieceInput => {
	const memory = newPieceMemory();
	const content = new Uint8Array(memory, 0, 300_000);
	for (let index = 0; index < content.length; index++) {
		content[index] = 0x30 + ((index * seed) % 23);
	}

	return {descriptor: null, position: 0, bytes: content.length, level: 5, memory};
};

describe('a pool of two, one of them the calling thread', () => {
	test('has both do tasks, with the same results', async () => {
		const pool = startThreadPool(helper, 2, {takesPart: true});
		try {
			const inputs = Array.from({length: 12}, (_, index) => piece(index + 1));
			const outputs = await Promise.all(inputs.map(async input => pool.run('pack-piece', input, [input.memory])));
			expect(pool.size).toBe(2);
			// What goes to another thread is gone here; what stays is not moved.
			const own = inputs.filter(({memory}) => memory.byteLength > 0).length;
			expect(own).toBeGreaterThan(0);
			expect(own).toBeLessThan(inputs.length);
			for (const [index, {packed}] of outputs.entries()) {
				expect(packed).toEqual(packPiece(piece(index + 1)).output.packed);
			}
		} finally {
			await pool.close();
		}
	});

	test('fails as a whole when its helper dies, and ends when its own task has ended', async () => {
		const dying = new URL(
			`data:text/javascript,${encodeURIComponent("import {parentPort} from 'node:worker_threads'; parentPort.on('message', () => process.exit(1));")}`,
		);
		const pool = startThreadPool(dying, 2, {takesPart: true});
		const results = await Promise.allSettled(
			Array.from({length: 6}, async (_, index) => pool.run('pack-piece', piece(index + 1))),
		);
		expect(results.filter(({status}) => status === 'rejected').length).toBeGreaterThanOrEqual(3);
		await expect(pool.run('pack-piece', piece(1))).rejects.toMatchObject({code: 'engine-crashed'});
		await pool.close();
	});
});

test('when much memory outside of the heap has gathered, garbage is collected, and not before', () => {
	const scope = globalThis as {gc?: unknown};
	const before = scope.gc;
	let collections = 0;
	scope.gc = () => {
		collections++;
	};
	onTestFinished(() => {
		scope.gc = before;
	});
	const sweep = createSweep();
	const kept: Uint8Array[] = [];
	const after = (megabytes: number): number => {
		while (kept.length < megabytes) {
			kept.push(new Uint8Array(new ArrayBuffer(1_000_000)).fill(1));
			sweep();
		}

		return collections;
	};

	// What was there before counts until it is collected for the first time.
	while (collections === 0 && kept.length < 40) {
		after(kept.length + 1);
	}

	const first = kept.length;
	// From then on it looks after every fourth task, and lets 8 MiB gather.
	expect(after(first + 8)).toBe(1);
	expect(after(first + 12)).toBe(2);
	expect(after(first + 20)).toBe(2);
	expect(after(first + 24)).toBe(3);
});
