import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {defineCommand} from '../spec.js';

export const exportCommand = defineCommand({
	name: 'export',
	summary: 'Copy a backup, or some files of it, to another place',
	details: [
		'The copy is read back and compared. With --part or --file a small ZIP of its own is written with just these. DEST is a file that does not exist yet, or a folder.',
	],
	operands: {usage: 'KEY|FILE DEST', minimum: 2, maximum: 2},
	options: {
		part: {type: 'string', multiple: true, value: 'PART', description: 'Only this part.'},
		file: {
			type: 'string',
			multiple: true,
			value: 'PATH',
			description: 'Only this file or folder, as `show --files` names it.',
		},
		origin: originOption,
	},
	examples: [
		{command: 'printkeep export latest /mnt/usb/', meaning: 'The newest backup onto a USB stick.'},
		{command: 'printkeep export latest profiles.zip --file printerProfiles', meaning: 'Just the printer profiles.'},
	],
	output: 'events',
	async run(context, {options, operands: [key = '', destination = '']}) {
		const {target} = await context.resolveForArchives();
		const {source} = await findSource(context, key, parseOrigin(options.origin));
		const {outcome, result} = await context.runJob<'export'>({
			type: 'export',
			target,
			source,
			destination: context.absolute(destination),
			parts: options.part,
			files: options.file,
		});
		context.print(
			`Wrote ${safeText(result.path)}: ${plural(result.files, 'entry', 'entries')}, ${formatBytes(result.bytes)}.`,
		);
		return {exit: 0, json: {outcome, result}};
	},
});
