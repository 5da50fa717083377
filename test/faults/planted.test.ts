/** Whether the tests notice what they are there for: faults are planted in a copy of the source, one at a time. planted/README.md says how. */
import {afterAll, describe, expect, test} from 'vitest';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {createCounts, isFull} from './counts.js';
import {checkApplies, tryFault} from './planted/plant.js';
import {plantedFaults} from './planted/table.js';

const counts = createCounts('planted faults');
const isWanted =
	isFull || (process.env.PRINTKEEP_FAULT_SUITES ?? '').split(' ').some(name => name.startsWith('planted'));

afterAll(() => {
	counts.tell();
});

test('every fault has a name of its own and can be planted in the source as it is', () => {
	expect(new Set(plantedFaults.map(({name}) => name)).size).toBe(plantedFaults.length);
	for (const fault of plantedFaults) {
		checkApplies(fault);
		counts.add('faults that can be planted');
	}

	expect(plantedFaults.length).toBeGreaterThanOrEqual(8);
});

describe.runIf(isWanted)('is caught', () => {
	test.each(plantedFaults)('$name', async fault => {
		const outcome = await tryFault(fault, temporaryDirectory());
		counts.add(outcome.type === 'caught' ? 'faults planted and caught' : `not caught: ${fault.name}`);
		console.log(`${fault.name}: ${outcome.type}${outcome.type === 'caught' ? `, by ${outcome.by}` : ''}`);
		expect(outcome, fault.damage).toMatchObject({type: 'caught'});
	});
});
