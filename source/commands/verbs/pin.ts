import {safeText} from '../../format/safe-text.js';
import type {CommandContext} from '../context.js';
import {findBackup} from '../find-backup.js';
import type {Command} from '../spec.js';
import {defineCommand} from '../spec.js';

const setPinned = async (context: CommandContext, keys: readonly string[], pinned: boolean) => {
	const {target} = await context.resolveForArchives();
	const client = await context.client();
	// All are looked up before the first is changed.
	const found = [];
	for (const key of keys) {
		found.push(await findBackup(context, key, undefined));
	}

	const backups = [];
	for (const {key, origin} of found) {
		backups.push(await client.request('backup.pin', {target, key, origin, pinned}));
		context.print(`${pinned ? 'Pinned' : 'Unpinned'} ${safeText(key)}.`);
	}

	return {exit: 0, json: {backups}};
};

const operands = {usage: 'KEY…', minimum: 1, maximum: 1000} as const;

export const pinCommand: Command = defineCommand({
	name: 'pin',
	summary: 'Protect backups from being deleted',
	details: ['A pinned backup is deleted only when its name is typed at the question, whatever options are given.'],
	operands,
	options: {},
	examples: [],
	output: 'document',
	run: async (context, {operands: keys}) => setPinned(context, keys, true),
});

export const unpinCommand: Command = defineCommand({
	name: 'unpin',
	summary: 'Take the protection away again',
	details: [],
	operands,
	options: {},
	examples: [],
	output: 'document',
	run: async (context, {operands: keys}) => setPinned(context, keys, false),
});
