import type {JobPhase} from '../../client/protocol.js';

/** What a job is doing, in a word or two. */
export const phaseTitles = {
	waiting: 'Waiting',
	scanning: 'Looking through the data',
	databases: 'Copying databases',
	writing: 'Writing',
	syncing: 'Waiting for the disk',
	verifying: 'Verifying',
	comparing: 'Comparing',
	staging: 'Unpacking',
	swapping: 'Switching over',
	checking: 'Checking',
	stopping: 'Stopping the server',
	starting: 'Starting the server',
	copying: 'Copying',
	sending: 'Sending',
	receiving: 'Receiving',
	deleting: 'Deleting',
	cleaning: 'Cleaning up',
	fetching: 'Asking what there is',
	installing: 'Installing plugins',
	cancelling: 'Cancelling',
} as const satisfies Record<JobPhase, string>;
