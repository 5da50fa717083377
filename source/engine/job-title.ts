import type {JobRequest, Target} from '../client/protocol.js';
import {plural} from '../format/plural.js';
import {safeText} from '../format/safe-text.js';

/** What a job is called on screens. */
export const jobTitle = (request: JobRequest): string => {
	const name = (target: Target): string => safeText(target.instance.name);
	switch (request.type) {
		case 'create':
			return `Backing up ${name(request.target)}`;
		case 'verify':
			return 'Verifying';
		case 'plan':
		case 'compare':
			return 'Comparing';
		case 'restore':
			return request.to === undefined ? `Restoring ${name(request.target)}` : `Restoring to ${safeText(request.to)}`;
		case 'undo':
			return 'Undoing the last restore';
		case 'delete':
			return `Deleting ${plural(request.keys.length, 'backup')}`;
		case 'trash-restore':
			return `Bringing back ${plural(request.ids.length, 'backup')}`;
		case 'trash-empty':
			return 'Emptying the trash';
		case 'import':
			return 'Importing';
		case 'export':
			return 'Exporting';
		case 'send':
			return `Sending a copy to ${safeText(request.agent)}`;
		case 'fetch':
			return `Fetching ${safeText(request.id)} from ${safeText(request.agent)}`;
		case 'recover':
			return 'Cleaning up';
		case 'reinstall-plugins':
			return request.dryRun ? 'Looking for plugins' : `Installing plugins of ${name(request.target)}`;
	}
};
