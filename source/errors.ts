import {type ZipFault, zipFaults} from './zip-faults.js';

/**
 * Every failure printkeep can name. One table maps a code to the exit code of a command and to the words used when
 * there is nothing more precise to say; `printkeep help exit-codes` is printed from it.
 */
export const errorTable = {
	failed: {exit: 1, title: 'The operation failed'},
	bug: {exit: 1, title: 'Something went wrong inside printkeep'},
	'engine-crashed': {exit: 1, title: 'The archive engine stopped unexpectedly'},
	'store-unwritable': {exit: 1, title: 'The backup folder cannot be written'},
	'source-unreadable': {exit: 1, title: 'The data folder cannot be read'},
	'not-a-file': {exit: 1, title: 'This is not an ordinary file'},
	'io-error': {exit: 1, title: 'The disk reported an error'},
	'read-only': {exit: 1, title: 'The file system is read-only'},
	'permission-denied': {exit: 1, title: 'Permission was denied'},
	'name-clash': {exit: 1, title: 'There is a backup of that name already'},
	'destination-exists': {exit: 1, title: 'The destination exists already'},
	'plugin-failed': {exit: 1, title: 'A plugin failed'},
	'needs-recovery': {exit: 1, title: 'An interrupted restore has to be finished first'},
	usage: {exit: 2, title: 'The command was not understood'},
	'invalid-name': {exit: 2, title: 'This name cannot be used'},
	'invalid-setting': {exit: 2, title: 'This setting cannot take that value'},
	'ambiguous-instance': {exit: 2, title: 'There are several instances'},
	partial: {exit: 3, title: 'Done, but not everything'},
	'not-a-zip': {exit: 4, title: 'This is not a ZIP archive'},
	'archive-truncated': {exit: 4, title: 'The archive is cut off'},
	'archive-damaged': {exit: 4, title: 'The archive is damaged'},
	'archive-refused': {exit: 4, title: 'The archive breaks a safety rule'},
	...zipFaults,
	'archive-too-new': {exit: 4, title: 'The archive was written by a newer printkeep'},
	'wrong-server': {exit: 4, title: 'The archive belongs to another kind of server'},
	'newer-version': {exit: 5, title: 'The backup is newer than the installed server'},
	'restore-unsupported': {exit: 5, title: 'Restoring is switched off here'},
	'needs-confirmation': {exit: 5, title: 'This needs your confirmation'},
	pinned: {exit: 5, title: 'The backup is pinned'},
	'unsafe-destination': {exit: 5, title: 'Writing there is not safe'},
	printing: {exit: 5, title: 'A print is running'},
	'not-found': {exit: 10, title: 'There is no such backup'},
	'no-instance': {exit: 10, title: 'No print server was found'},
	'missing-folder': {exit: 10, title: 'The folder does not exist'},
	'no-plugin': {exit: 10, title: 'There is no such plugin'},
	'no-agent': {exit: 10, title: 'There is no such place for copies'},
	'nothing-to-undo': {exit: 10, title: 'There is no restore to undo'},
	busy: {exit: 11, title: 'Another job is running'},
	'in-use': {exit: 11, title: 'The backup is in use'},
	'wrong-key': {exit: 12, title: 'The password or key is wrong'},
	'no-space': {exit: 13, title: 'There is not enough space'},
	'remote-failed': {exit: 14, title: 'The remote place failed'},
	overdue: {exit: 15, title: 'The last good backup is too old'},
	cancelled: {exit: 130, title: 'Cancelled'},
} as const satisfies Record<string, {readonly exit: number; readonly title: string}>;

export type ErrorCode = keyof typeof errorTable;

/** What a check can find wrong with an archive itself, and not only with the disk, the rights on it, or what it is wanted for. */
export type ArchiveFault = 'not-a-zip' | 'archive-truncated' | 'archive-damaged' | 'archive-refused' | ZipFault;

export const archiveFaults: readonly ArchiveFault[] = [
	'not-a-zip',
	'archive-truncated',
	'archive-damaged',
	'archive-refused',
	...(Object.keys(zipFaults) as ZipFault[]),
];

/** True when the failure is a fault of an archive's own: it is damaged, hostile or none. */
export const isArchiveFault = (code: ErrorCode): code is ArchiveFault =>
	(archiveFaults as readonly ErrorCode[]).includes(code);

/** An error as plain data, as it crosses threads and reaches the screens and printers. */
export type ErrorData = {
	readonly code: ErrorCode;
	/** What failed and why, one sentence for a person. File names in it are already safe to print. */
	readonly message: string;
	/** What to do about it, one sentence; empty when there is nothing to do. */
	readonly hint: string;
	/** Technical detail for the log: a system error code, an entry name. Never shown as the main text. */
	readonly detail?: string;
};

export type ErrorOptions = {
	readonly hint?: string;
	readonly detail?: string;
	readonly cause?: unknown;
};

/** A failure a person can understand: what failed, why, and what to do. */
export class PrintkeepError extends Error {
	override readonly name = 'PrintkeepError';
	readonly hint: string;
	readonly detail: string | undefined;

	constructor(
		readonly code: ErrorCode,
		message: string,
		{hint = '', detail, cause}: ErrorOptions = {},
	) {
		super(message, cause === undefined ? undefined : {cause});
		this.hint = hint;
		this.detail = detail;
	}
}

/** True for printkeep's own errors, also when they come from another copy of this module. */
export const isPrintkeepError = (error: unknown): error is PrintkeepError =>
	error instanceof Error && error.name === 'PrintkeepError' && 'code' in error;

/** The exit code of a command that failed with this code. */
export const exitCodeOf = (code: ErrorCode): number => errorTable[code].exit;

type SystemError = Error & {readonly code: string; readonly syscall?: string; readonly path?: string};

const isSystemError = (error: unknown): error is SystemError =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;

const fullHint = 'Free some space or choose another place, then try again.';
const rightsHint = 'Run printkeep as the user that owns the folder.';
const openFilesHint = 'See how many may be open with `ulimit -n`; allow more, or close other programs, then try again.';
const busyHint = 'See what uses it with `findmnt` or `lsof`; unmount or stop that, then try again.';

const systemErrors: Readonly<Record<string, {code: ErrorCode; why: string; hint: string}>> = {
	ENOSPC: {code: 'no-space', why: 'the disk is full', hint: fullHint},
	EDQUOT: {
		code: 'no-space',
		why: 'the disk quota of this user is used up',
		hint: 'Free some space of yours (`quota` says how much there is) or choose another place, then try again.',
	},
	EROFS: {
		code: 'read-only',
		why: 'the file system is read-only',
		hint: 'A failing SD card is often remounted read-only: check `dmesg`, and take a copy to another disk.',
	},
	EACCES: {code: 'permission-denied', why: 'permission was denied', hint: rightsHint},
	EPERM: {code: 'permission-denied', why: 'the operation is not permitted', hint: rightsHint},
	ENOENT: {code: 'failed', why: 'it does not exist', hint: ''},
	ENOTDIR: {code: 'failed', why: 'a part of the path is a file and not a folder', hint: 'Check the path.'},
	EIO: {
		code: 'io-error',
		why: 'the disk reported an input/output error',
		hint: 'The disk may be dying: copy your backups to another one now.',
	},
	EBUSY: {code: 'failed', why: 'something is mounted there, or it is in use', hint: busyHint},
	ETXTBSY: {
		code: 'failed',
		why: 'it is a program that is running',
		hint: 'End that program, or stop the server, then try again.',
	},
	EXDEV: {
		code: 'failed',
		why: 'it would have to be moved to another disk',
		hint: 'Something may have been mounted there meanwhile: see `findmnt`, then try again.',
	},
	EMFILE: {code: 'failed', why: 'printkeep has too many files open', hint: openFilesHint},
	ENFILE: {
		code: 'failed',
		why: 'all programs together have too many files open',
		hint: 'Close other programs, then try again.',
	},
	ECANCELED: {
		code: 'failed',
		why: 'what was written could not be waited for, since the program that does it did not get to its end',
		hint: 'Nothing of yours was changed. Try again.',
	},
	ENAMETOOLONG: {
		code: 'failed',
		why: 'the name is too long for this file system',
		hint: 'Choose a shorter name, or a folder with a shorter path.',
	},
};

/**
 * Turns anything thrown into a PrintkeepError: system errors get words, everything unknown is a bug.
 * @param doing what was being done, as in "The backup could not be written"; starts the sentence.
 */
export const toPrintkeepError = (error: unknown, doing = 'The operation failed'): PrintkeepError => {
	if (isPrintkeepError(error)) {
		return error;
	}

	if (isSystemError(error)) {
		const known = systemErrors[error.code];
		return new PrintkeepError(known?.code ?? 'failed', `${doing}: ${known?.why ?? error.code}.`, {
			hint: known?.hint ?? '',
			detail: error.message,
			cause: error,
		});
	}

	return new PrintkeepError('bug', `${doing}: ${error instanceof Error ? error.message : String(error)}`, {
		hint: 'This is a bug in printkeep. Please report it with the log.',
		detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
		cause: error,
	});
};

/** The plain-data form of any thrown value. */
export const toErrorData = (error: unknown, doing?: string): ErrorData => {
	const {code, message, hint, detail} = toPrintkeepError(error, doing);
	return {code, message, hint, ...(detail === undefined ? {} : {detail})};
};

/** The error object of plain data that crossed a thread. */
export const fromErrorData = ({code, message, hint, detail}: ErrorData): PrintkeepError =>
	new PrintkeepError(code, message, {hint, ...(detail === undefined ? {} : {detail})});
