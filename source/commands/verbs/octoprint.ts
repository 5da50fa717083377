import * as fs from 'node:fs';
import * as path from 'node:path';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {chooseParts} from '../parts.js';
import {defineCommand, noOperands} from '../spec.js';
import {createBackup} from './backup.js';
import {restore} from './restore.js';

export const octoprintBackupCommand = defineCommand({
	name: 'backup:backup',
	summary: 'Make a backup, spelled as OctoPrint spells it',
	details: ['The same as `printkeep backup`, with the options of `octoprint plugins backup:backup`.'],
	operands: noOperands,
	options: {
		exclude: {
			type: 'string',
			multiple: true,
			value: 'KEY',
			description: 'Leave this folder out, by OctoPrint’s name of it.',
		},
		path: {
			type: 'string',
			value: 'FILE',
			description: 'Write to this file instead of putting the backup into the store.',
		},
	},
	examples: [
		{
			command: 'printkeep backup:backup --exclude timelapse --exclude uploads',
			meaning: 'Only settings and plugin data.',
		},
	],
	output: 'events',
	async run(context, {options}) {
		const {settings} = await context.resolve();
		return createBackup(context, {
			...chooseParts(settings, options.exclude, []),
			note: '',
			...(options.path === undefined ? {} : {path: context.absolute(options.path)}),
		});
	},
});

export const octoprintRestoreCommand = defineCommand({
	name: 'backup:restore',
	summary: 'Restore a backup, spelled as OctoPrint spells it',
	details: [
		'The same as `printkeep restore`, with its guards. A relative PATH is looked for in the server’s own backup folder, then in the store.',
	],
	operands: {usage: 'PATH', minimum: 1, maximum: 1},
	options: {},
	examples: [],
	output: 'events',
	async run(context, {operands: [file = '']}) {
		const {instance, target} = await context.resolve();
		const candidates = path.isAbsolute(file)
			? [file]
			: [instance.nativeBackupFolder, target.store].map(folder => path.resolve(folder, file));
		const found = candidates.find(candidate => fs.existsSync(candidate));
		if (found === undefined) {
			throw new PrintkeepError(
				'not-found',
				`There is no file ${candidates.map(each => safeText(each)).join(' or ')}.`,
				{
					hint: 'Run `printkeep list` to see the backups.',
				},
			);
		}

		return restore(context, {
			source: {type: 'file', path: found},
			dryRun: false,
			listFiles: false,
			allowNewer: false,
			evenIfPrinting: false,
			stopServer: true,
		});
	},
});
