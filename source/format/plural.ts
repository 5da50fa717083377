import {formatCount} from './count.js';

/**
 * A number and its noun: `1 file`, `12,345 files`, `0 entries`.
 * @param many the plural when it is not the singular with an s.
 */
export const plural = (count: number, one: string, many = `${one}s`): string =>
	`${formatCount(count)} ${count === 1 ? one : many}`;
