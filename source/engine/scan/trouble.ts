/** What can go wrong with a path of an instance, in words. */
/** Codes of what is simply not there any more. */
export const vanished = new Set(['ENOENT', 'ENOTDIR']);

/** A sentence per code. */
export const reasons: Readonly<Record<string, string>> = {
	EACCES: 'Permission was denied.',
	EPERM: 'Permission was denied.',
	EIO: 'The disk reported an input/output error.',
	ENOTCONN: 'Its disk is not connected.',
	ESTALE: 'Its network share has to be mounted again.',
	ELOOP: 'Its links lead in a circle.',
	ENAMETOOLONG: 'Its path is too long.',
};

/** The system's code of an error, or what it says. */
export const codeOf = (error: unknown): string =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
