/** A pool that the calling thread is part of. */
import {existsSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {beforeAll, describe, expect, test} from 'vitest';
import {newPieceMemory, type PackPieceInput, packPiece} from '../../../source/engine/archive/pack-piece.js';
import {startThreadPool} from '../../../source/engine/pool/pool.js';
import {createSweep} from '../../../source/engine/pool/sweep.js';
import {waitFor} from '../../helpers/wait-for.js';

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

test('garbage outside of the heap is swept up when much of it has gathered', async () => {
	setFlagsFromString('--expose-gc');
	const sweep = createSweep();
	const external = (): number => process.memoryUsage().arrayBuffers;
	const before = external();
	for (let index = 0; index < 40; index++) {
		new Uint8Array(new ArrayBuffer(1_000_000)).fill(1);
		sweep();
	}

	// V8 gives back what it has collected on a thread of its own, which comes to it later where much is to be done. Nothing else collects meanwhile.
	await waitFor('the memory to be given back', () => external() - before < 16_000_000);
});
