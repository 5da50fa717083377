import {checkEntries} from '../archive/check-entries.js';
import {checkLarge} from '../archive/check-large.js';
import {packFiles} from '../archive/pack-files.js';
import {packPiece} from '../archive/pack-piece.js';
import {digestFiles} from '../restore/digest-files.js';
import {unpackFiles} from '../restore/unpack-files.js';
import {unpackLarge} from '../restore/unpack-large.js';
import {loadPrevious} from '../reuse/load-previous.js';
import type {TaskHandlers} from './tasks.js';

/** The code behind every task: run by the helper threads, or by the engine's own where there are none. */
export const taskHandlers: TaskHandlers = {
	'check-entries': checkEntries,
	'check-large': checkLarge,
	'pack-files': packFiles,
	'pack-piece': packPiece,
	'unpack-files': unpackFiles,
	'unpack-large': unpackLarge,
	'digest-files': digestFiles,
	'load-previous': loadPrevious,
};
