import {PrintkeepError} from '../../errors.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import {defineCommand, noOperands} from '../spec.js';

export const undoCommand = defineCommand({
	name: 'undo',
	summary: 'Bring back what the last restore replaced',
	details: [
		'What is there now is exchanged for what was there before, so that a second undo takes the first one back.',
		'The data that a restore replaced is kept until the next restore, or until the days of the setting keep-rollback-days have passed.',
	],
	operands: noOperands,
	options: {
		'even-if-printing': {
			type: 'boolean',
			description: 'Go on although a print is running, or the server could not be asked. It ruins the print.',
		},
		'no-stop': {type: 'boolean', description: 'Leave the server running while the data is exchanged.'},
	},
	examples: [],
	output: 'events',
	async run(context, {options}) {
		const {target, settings} = await context.resolve();
		const client = await context.client();
		const {undo} = await client.request('status.report', {
			target,
			overdueAfterMilliseconds: settings.overdueAfterHours * 3_600_000,
		});
		if (!undo) {
			throw new PrintkeepError('nothing-to-undo', `There is no restore of ${target.instance.name} to undo.`, {
				hint: 'Only the last restore in place can be undone, as long as its copy of the old data is there.',
			});
		}

		context.print(
			undo.takesBack === 'restore'
				? `This would bring back the data that was replaced on ${formatDateTime(undo.restoredAt)} (by ${safeText(undo.key)}).`
				: `This would take back the undo of ${formatDateTime(undo.restoredAt)} (of a restore of ${safeText(undo.key)}).`,
			...(options['no-stop'] ? [] : ['A running server is stopped for it and started again, where that is possible.']),
		);
		await confirm(context, {
			what: `Undoing the restore in ${safeText(target.instance.dataFolder)}`,
			prompt: 'What is there now is kept aside in exchange. Undo?',
		});
		const {outcome, result} = await context.runJob<'undo'>({
			type: 'undo',
			target,
			evenIfPrinting: options['even-if-printing'],
			stopServer: !options['no-stop'],
		});
		context.print(
			`${safeText(result.destination)} is as it was before the ${undo.takesBack} of ${formatDateTime(result.restoredAt)}. Another \`printkeep undo\` takes this back.`,
			...result.next.map(step => `Next: ${safeText(step)}`),
		);
		return {exit: 0, json: {outcome, result}};
	},
});
