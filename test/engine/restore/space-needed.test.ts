import {join} from 'node:path';
import {expect, test} from 'vitest';
import {emptyPath, toBytePath} from '../../../source/engine/restore/byte-path.js';
import type {SwapRecord} from '../../../source/engine/restore/journal.js';
import {createMounts} from '../../../source/engine/restore/mounts.js';
import {spaceNeeded} from '../../../source/engine/restore/space-needed.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

test('what the journal takes is counted, also for files that stay and only get their dates back', () => {
	const live = toBytePath(temporaryDirectory());
	const attributes = {mode: 0o100644, modifiedSeconds: 1_780_315_200.123456, uid: 4_294_967_294, gid: 4_294_967_294};
	const changes: SwapRecord['folders'] = Array.from({length: 5000}, (_, index) => ({
		place: 0,
		path: toBytePath(join('uploads', `part ${index}.gcode`)),
		before: attributes,
		after: attributes,
	}));
	const places = [{target: emptyPath, live, work: live, made: false, only: null}];
	const [space] = spaceNeeded({files: []}, {places, mounts: createMounts(), moves: [], changes});
	// The journal is replaced by its next version while it is still there.
	expect(space?.neededBytes).toBeGreaterThan(2 * JSON.stringify(changes).length);
});
