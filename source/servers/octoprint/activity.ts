import type {ServerAdapter} from '../adapter.js';
import {isRunning} from './running.js';

/** What OctoPrint does now. */
export const activity: ServerAdapter['activity'] = async (ports, instance) =>
	isRunning(ports, instance) === false
		? {state: 'stopped', detail: ''}
		: {state: 'unknown', detail: 'It could not be asked.'};
