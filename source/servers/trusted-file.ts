import {look} from './look.js';

/** What belongs to root, or to whom it runs as anyway, does nothing in their name that they could not do themselves. */
export const isTrusted = (file: string, uid: number): boolean => {
	const stats = look(file);
	return stats !== undefined && (stats.uid === 0 || stats.uid === uid) && (stats.mode & 0o002) === 0;
};
