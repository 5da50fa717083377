import {existsSync, realpathSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {Leftover, Target} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {findRegistered, settingsFor} from '../../settings/resolve-target.js';
import type {Settings} from '../../settings/schema.js';
import {defaultSettings} from '../../settings/schema.js';
import {toTarget} from '../../settings/to-target.js';
import {confirm} from '../confirm.js';
import type {CommandContext} from '../context.js';
import {recoverUnit} from '../recover-unit.js';
import {type CommandResult, defineCommand} from '../spec.js';

const remedyWords = {
	clean: 'would be deleted',
	recover: 'would be finished or rolled back',
	none: 'only reported',
} as const satisfies Record<Leftover['remedy'], string>;

/** True when there is a data folder, or the private folder beside where it was. */
const isThere = (dataFolder: string): boolean =>
	existsSync(dataFolder) || existsSync(join(dirname(dataFolder), `.printkeep-${basename(dataFolder)}`));

/** The instance as every command finds it; one whose data folder is in pieces by the folder's name alone. */
const resolveAnyhow = async (context: CommandContext): Promise<Target> => {
	try {
		return (await context.resolve()).target;
	} catch (error) {
		if (context.shared.basedir === undefined || !isThere(context.absolute(context.shared.basedir))) {
			throw error;
		}

		return targetOf(context);
	}
};

/**
 * The target for work on interrupted restores alone. A named data folder is not looked at first: it may be in pieces. Settings that cannot be read are
 * none.
 */
const targetOf = async (context: CommandContext): Promise<Target> => {
	const {basedir, store, instance: name} = context.shared;
	if (basedir === undefined) {
		return (await context.resolve()).target;
	}

	const dataFolder = context.absolute(basedir);
	if (!isThere(dataFolder)) {
		throw new PrintkeepError('missing-folder', `There is no folder ${safeText(dataFolder)}.`, {
			hint: 'Check the path; if it is on another disk, mount that first.',
		});
	}

	const settings = ((): Settings => {
		try {
			return context.settings.read();
		} catch {
			return defaultSettings;
		}
	})();
	const known = findRegistered(settings, dataFolder);
	const reference = {
		name: known?.name ?? name ?? 'octoprint',
		kind: known?.settings.kind ?? ('octoprint' as const),
		dataFolder,
	};
	return toTarget(
		reference,
		known?.settings ?? settingsFor(reference),
		context.system.paths,
		store === undefined ? known?.settings.store : context.absolute(store),
	);
};

const endInterrupted = async (context: CommandContext): Promise<CommandResult> => {
	const {outcome, result} = await context.runJob<'recover'>({
		type: 'recover',
		target: await targetOf(context),
		leftoverIds: 'interrupted',
	});
	const {messages} = result;
	context.print(...(messages.length === 0 ? ['No restore was interrupted.'] : messages.map(text => safeText(text))));
	return {exit: 0, json: {outcome, result}};
};

const realPath = (path: string): string => {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
};

const printUnit = async (context: CommandContext, before = 'octoprint.service'): Promise<CommandResult> => {
	const {instance} = await targetOf(context);
	const unit = recoverUnit({
		name: instance.name,
		dataFolder: realPath(instance.dataFolder),
		before,
		program: context.system.program,
	});
	if (!context.shared.json) {
		// Not prose: no line of it may be broken.
		context.system.stdout.write(unit);
	}

	return {exit: 0, json: {unit}};
};

export const recoverCommand = defineCommand({
	name: 'recover',
	summary: 'Finish an interrupted restore and clean up leftovers',
	details: [
		'Every command and the dashboard end an interrupted restore by themselves before they do anything else. This one does it by name, and cleans up the rest.',
		'Lists what an interrupted backup or restore left behind, with an id each, and asks before it does something. An interrupted restore is finished or rolled back, whichever is safe; half-written archives and old locks are deleted.',
	],
	operands: {usage: '[ID…]', minimum: 0, maximum: 1000},
	options: {
		'dry-run': {type: 'boolean', description: 'Only show what would be done.'},
		interrupted: {
			type: 'boolean',
			description:
				'Only end an interrupted restore, without questions. With --basedir it needs no settings and no store.',
		},
		'systemd-unit': {
			type: 'boolean',
			description: 'Print a systemd unit that does so before the print server starts; change nothing.',
		},
		before: {type: 'string', value: 'UNIT', description: 'The print server’s unit for it, if not octoprint.service.'},
	},
	examples: [
		{command: 'printkeep recover --yes', meaning: 'Everything, without questions; after a power cut.'},
		{
			command: 'printkeep recover --systemd-unit --basedir ~/.octoprint',
			meaning: 'The unit for OctoPrint’s data there.',
		},
	],
	leavesInterrupted: true,
	output: 'events',
	async run(context, {options, operands}) {
		if (options['systemd-unit']) {
			return printUnit(context, options.before);
		}

		if (options.before !== undefined || (options.interrupted && operands.length > 0)) {
			throw new PrintkeepError(
				'usage',
				options.before === undefined ? '--interrupted takes no ids.' : '--before belongs to --systemd-unit.',
				{hint: 'See: printkeep recover --help'},
			);
		}

		if (options.interrupted && !options['dry-run']) {
			return endInterrupted(context);
		}

		const target = await resolveAnyhow(context);
		const client = await context.client();
		const {leftovers} = await client.request('status.report', {target, overdueAfterMilliseconds: 0});
		const unknown = operands.find(id => !leftovers.some(leftover => leftover.id === id));
		if (unknown !== undefined) {
			throw new PrintkeepError('not-found', `There is no leftover with the id ${safeText(unknown)}.`, {
				hint: 'Run `printkeep recover --dry-run` to see them.',
			});
		}

		const chosen = leftovers
			.filter(({id}) => operands.length === 0 || operands.includes(id))
			.filter(({type}) => !options.interrupted || type === 'interrupted-restore');
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
