/** What a hostile archive may have helper threads hold in memory. */
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {systemDisk} from '../../../source/engine/disk.js';
import {createInlinePool, type Pool} from '../../../source/engine/pool/pool.js';
import type {TaskInput} from '../../../source/engine/pool/tasks.js';
import {craftZip} from '../../helpers/craft-zip.js';
import {writeBytes} from '../archive/helpers.js';
import {newScene} from './scene.js';

/** A deflated stream of nothing: empty blocks, and a last one. */
const nothing = (blocks: number): Buffer =>
	Buffer.concat([
		...Array.from({length: blocks}, () => Buffer.from([0, 0, 0, 0xff, 0xff])),
		Buffer.from([1, 0, 0, 0xff, 0xff]),
	]);

test('entries of much packed data and no content come in small batches, and are all restored', async () => {
	const scene = newScene();
	const packed = nothing(60_000);
	const path = join(scene.root, 'hostile.zip');
	writeBytes(
		path,
		craftZip([
			{name: 'metadata.json', data: JSON.stringify({version: '1.11.8', excludes: []})},
			{name: 'basedir/config.yaml', data: 'server:\n  firstRun: false\n'},
			...Array.from({length: 20}, (_, index) => ({
				name: `basedir/uploads/${index}.gcode`,
				data: '',
				packed,
				method: 8,
			})),
		]),
	);
	const runs: number[] = [];
	let files = 0;
	const inline = createInlinePool(systemDisk);
	const pool: Pool = {
		...inline,
		async run(name, input, transfer) {
			if (name === 'unpack-files') {
				const {entries} = input as TaskInput<'unpack-files'>;
				runs.push(entries.bytes);
				files += entries.count;
			}

			return inline.run(name, input, transfer);
		},
	};
	await scene.restore(path, {to: join(scene.root, 'to'), pool});
	expect(files).toBeGreaterThanOrEqual(21);
	expect(Math.max(...runs)).toBeLessThan(1.1 * 1024 * 1024);
});
