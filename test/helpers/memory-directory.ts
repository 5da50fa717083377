import {existsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {makeTemporaryDirectory} from './temporary.js';

/** A new folder in memory where the system has such a place: sweeps that write a file for each of thousands of cases. The caller removes it. */
export const makeMemoryDirectory = (): string => makeTemporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
