import type {Leftover} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import {defineCommand} from '../spec.js';

const remedyWords = {
	clean: 'would be deleted',
	recover: 'would be finished or rolled back',
	none: 'only reported',
} as const satisfies Record<Leftover['remedy'], string>;

export const recoverCommand = defineCommand({
	name: 'recover',
	summary: 'Finish an interrupted restore and clean up leftovers',
	details: [
		'Lists what an interrupted backup or restore left behind, with an id each, and asks before it does something. An interrupted restore is finished or rolled back, whichever is safe; half-written archives and old locks are deleted.',
	],
	operands: {usage: '[ID…]', minimum: 0, maximum: 1000},
	options: {
		'dry-run': {type: 'boolean', description: 'Only show what would be done.'},
	},
	examples: [{command: 'printkeep recover --yes', meaning: 'Everything, without questions; after a power cut.'}],
	output: 'events',
	async run(context, {options, operands}) {
		const {target, settings} = await context.resolve();
		const client = await context.client();
		const {leftovers} = await client.request('status.report', {
			target,
			overdueAfterMilliseconds: settings.overdueAfterHours * 3_600_000,
		});
		const unknown = operands.find(id => !leftovers.some(leftover => leftover.id === id));
		if (unknown !== undefined) {
			throw new PrintkeepError('not-found', `There is no leftover with the id ${safeText(unknown)}.`, {
				hint: 'Run `printkeep recover --dry-run` to see them.',
			});
		}

		const chosen = operands.length === 0 ? leftovers : leftovers.filter(({id}) => operands.includes(id));
		context.print(
			...(chosen.length === 0 ? ['There is nothing to clean up.'] : []),
			...chosen.flatMap(({id, path, bytes, explanation, remedy}) => [
				`${id}  ${safeText(path)} (${formatBytes(bytes)}, ${remedyWords[remedy]})`,
				`  ${safeText(explanation)}`,
			]),
		);
		const actionable = chosen.filter(({remedy}) => remedy !== 'none');
		if (options['dry-run'] || actionable.length === 0) {
			return {exit: 0, json: {dryRun: options['dry-run'], leftovers: chosen}};
		}

		await confirm(context, {
			what: `Cleaning up ${plural(actionable.length, 'leftover')}`,
			prompt: `Clean up ${plural(actionable.length, 'leftover')}?`,
		});
		const {outcome, result} = await context.runJob<'recover'>({
			type: 'recover',
			target,
			leftoverIds: actionable.map(({id}) => id),
		});
		context.print(
			...result.messages.map(message => safeText(message)),
			`Cleaned up ${plural(result.cleaned.length, 'leftover')}, ${formatBytes(result.freedBytes)} freed.`,
		);
		return {exit: 0, json: {outcome, result}};
	},
});
