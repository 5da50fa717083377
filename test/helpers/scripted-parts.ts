/** Answers about parts for a scripted engine. */

import {makeParts, makeSizes, makeStoreInfo} from './make-model.js';
import type {Script} from './scripted-client.js';

/** An instance with five parts on a disk with 12 GB free. */
export const partAnswers: NonNullable<Script['answers']> = {
	'parts.list': () => makeParts(),
	'parts.measure': ({part}) =>
		makeSizes().find(({name}) => name === part) ?? {name: part, bytes: 0, files: 0, estimatedBytes: 0},
	'parts.left-out': () => makeParts().map(({name, leftOut}) => ({name, leftOut, notes: []})),
	'store.info': ({target}) => makeStoreInfo({path: target.store}),
};
