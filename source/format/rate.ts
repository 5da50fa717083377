import {formatBytes} from './bytes.js';

/** A speed for a person: `12 MB/s`. @param bytesPerSecond as measured. */
export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;
