import {formatBytes} from './bytes.js';

/** Bytes per second for a person: `12 MB/s`. */
export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;
