import {formatBytes} from '../../format/bytes.js';
import {safeText} from '../../format/safe-text.js';
import {defineCommand} from '../spec.js';

export const importCommand = defineCommand({
	name: 'import',
	summary: 'Check an archive file and copy it into the store',
	details: [
		'The file is read in full and has to be a backup of this kind of server before anything is copied. It keeps its name unless that is taken or cannot be used; the original stays where it is.',
	],
	operands: {usage: 'FILE', minimum: 1, maximum: 1},
	options: {
		as: {type: 'string', value: 'KEY', description: 'Name in the store; .zip is added.'},
	},
	examples: [
		{command: 'printkeep import ~/Downloads/octoprint-backup.zip', meaning: 'A backup made in OctoPrint’s own screen.'},
	],
	output: 'events',
	async run(context, {options, operands: [file = '']}) {
		const {target} = await context.resolveForArchives();
		const {outcome, result} = await context.runJob<'import'>({
			type: 'import',
			target,
			path: context.absolute(file),
			...(options.as === undefined ? {} : {as: options.as}),
		});
		context.print(`Imported as ${safeText(result.backup.key)}, ${formatBytes(result.backup.bytes)}.`);
		return {exit: 0, json: {outcome, result}};
	},
});
