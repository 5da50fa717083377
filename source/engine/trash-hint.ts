import type {JobRequest} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';
import {formatBytes} from '../format/bytes.js';
import {trashBytes} from './trash-folder.js';

/** A full disk may have what a backup or an import needs in the trash. @returns the error, with what would free it as its hint */
export const withTrashHint = (error: ErrorData, {type, target}: JobRequest): ErrorData => {
	const bytes =
		error.code === 'no-space' && (type === 'create' || type === 'import' || type === 'fetch')
			? trashBytes(target.store)
			: 0;
	return bytes === 0
		? error
		: {
				...error,
				hint: `The trash holds ${formatBytes(bytes)}: free them with \`printkeep trash empty\`. ${error.hint}`.trim(),
			};
};
