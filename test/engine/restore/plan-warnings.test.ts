import {expect, test} from 'vitest';
import {newScene} from './scene.js';

test('a plan says that the old data of the restore before goes', async () => {
	const scene = newScene();
	const backup = await scene.create();
	const before = await scene.plan(backup);
	expect(before.warnings.join(' ')).not.toContain('undo brings back one restore');
	await scene.restore(backup);
	expect((await scene.plan(backup)).warnings.join(' ')).toMatch(
		/The old data kept from the last restore \(.+\) goes .*undo brings back one restore/,
	);
});
