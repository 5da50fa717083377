import {expect, test} from 'vitest';
import {phasesOf} from '../../bench/printkeep.js';

const phase = (name: string): string => JSON.stringify({type: 'phase', jobId: 'a', phase: name});

test('every second of a run belongs to a phase', () => {
	const phases = phasesOf({
		wall: 10,
		lines: [
			[0.5, '{"type":"job-started"}'],
			[1, phase('scanning')],
			[2, phase('writing')],
			[3, '{"type":"progress","phase":"writing"}'],
			[6, phase('syncing')],
			[7, phase('writing')],
			[9, '{"type":"job-finished"}'],
			[9.5, '{"type":"result"'],
		],
	});
	expect(phases).toEqual({start: 1, scanning: 1, writing: 6, syncing: 1, end: 1});
});

test('a program that tells nothing has started all the time', () => {
	expect(phasesOf({wall: 3, lines: []})).toEqual({start: 3});
});
