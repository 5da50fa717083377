import {createHash} from 'node:crypto';

/** A short id that stays the same as long as the leftover does. */
export const leftoverId = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 12);
