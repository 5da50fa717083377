import type {ArchiveSource, JobRequest, JobResult, ReinstalledPlugin} from '../../client/protocol.js';
import {reinstallCounts, reinstallWords} from '../../client/reinstall-words.js';
import {PrintkeepError} from '../../errors.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {confirm} from '../confirm.js';
import type {CommandContext} from '../context.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {tableLines} from '../printers/table.js';
import type {CommandResult} from '../spec.js';
import {defineSubcommand} from '../subcommands.js';

type ReinstallRequest = Extract<JobRequest, {type: 'reinstall-plugins'}>;
type ReinstallResult = Extract<JobResult, {type: 'reinstall-plugins'}>;

const nameOf = (source: ArchiveSource): string => safeText(source.type === 'backup' ? source.key : source.path);

const resultLines = ({source, repository, plugins}: ReinstallResult): readonly string[] =>
	plugins.length === 0
		? [`${nameOf(source)} has no plugins.`]
		: [
				`Plugins of ${nameOf(source)}, by ${safeText(repository)}:`,
				'',
				...tableLines(
					[{title: 'PLUGIN'}, {title: 'BACKED UP'}, {title: 'NOW'}, {title: 'RESULT'}],
					plugins.map(({key, wanted, version, outcome}) => [
						safeText(key),
						safeText(wanted ?? '?'),
						safeText(version ?? '-'),
						reinstallWords[outcome],
					]),
				),
				'',
				...plugins.filter(({reason}) => reason !== '').map(({key, reason}) => `${safeText(key)}: ${safeText(reason)}`),
			];

const isLacking = ({outcome}: ReinstalledPlugin): boolean => outcome !== 'installed' && outcome !== 'present';

/** Refuses what the engine would refuse anyway, before a person is asked; tells when nothing is known. */
const checkActivity = (context: CommandContext, {activity}: ReinstallResult): void => {
	if (activity?.state === 'printing' || activity?.state === 'paused') {
		throw new PrintkeepError('printing', `A print is ${activity.state === 'paused' ? 'paused' : 'running'}.`, {
			hint: 'Wait until it has ended. --even-if-printing goes on, and may ruin it.',
		});
	}

	if (activity?.state === 'unknown') {
		context.print(`${safeText(activity.detail)} A print that is running may suffer.`);
	}
};

/** Shows what would be done, asks, and does it. `--yes` has nothing to look at first. */
const reinstall = async (
	context: CommandContext,
	request: Omit<ReinstallRequest, 'dryRun' | 'type'>,
	dryRun: boolean,
): Promise<CommandResult> => {
	const run = async (more: Partial<ReinstallRequest>) =>
		context.runJob<'reinstall-plugins'>({type: 'reinstall-plugins', dryRun: false, ...request, ...more});
	const told = (
		result: ReinstallResult,
		outcome: string,
		extra: Readonly<Record<string, unknown>> = {},
	): CommandResult => ({
		exit: !dryRun && result.plugins.some(isLacking) ? 3 : 0,
		json: {...extra, outcome, result},
	});
	let asked: ReinstallResult | undefined;
	let confirmed: Partial<ReinstallRequest> = {};
	if (dryRun || !context.shared.yes) {
		const {outcome, result} = await run({dryRun: true});
		const wanted = result.plugins.filter(plugin => plugin.outcome === 'would-install');
		context.print(...resultLines(result));
		if (dryRun || wanted.length === 0) {
			return told(result, outcome, dryRun ? {dryRun} : {});
		}

		if (!request.evenIfPrinting) {
			checkActivity(context, result);
		}

		await confirm(context, {
			what: `Installing ${plural(wanted.length, 'plugin')}`,
			prompt: `These are programs from the internet, which will run as the server does. Install ${wanted.length === 1 ? 'it' : `these ${wanted.length}`}?`,
		});
		asked = result;
		// What the repository has come to say since was not agreed to.
		confirmed = {source: result.source, only: wanted.map(({key}) => key)};
	}

	const {outcome, result} = await run(confirmed);
	const plugins = asked
		? asked.plugins.map(plugin => result.plugins.find(({key}) => key === plugin.key) ?? plugin)
		: result.plugins;
	const all = {...result, plugins};
	context.print(
		...(asked ? [''] : []),
		...resultLines(all),
		...(plugins.length === 0 ? [] : ['', `${reinstallCounts(plugins)}.`]),
		...result.next.map(step => `Next: ${safeText(step)}`),
	);
	return told(all, outcome);
};

export const pluginsReinstall = defineSubcommand({
	name: 'reinstall',
	operands: {usage: '[KEY|FILE]', minimum: 0, maximum: 1},
	details: [
		'`plugins reinstall` installs the print server’s plugins that a backup lists and that are missing now: of the backup last restored unless another is named, else of the newest good one. Each is taken in the version that was backed up where its repository still has that, else in the newest; each is tried by itself and told of by itself. It is never part of a restore.',
		'The repository says where a plugin is to be had and what it runs on: OctoPrint’s own unless `--repository` names another. A plugin is a program: it can do on this machine whatever the server can.',
	],
	options: {
		repository: {
			type: 'string',
			value: 'URL|FILE',
			description: 'Data of the plugin repository to go by, instead of OctoPrint’s own.',
		},
		only: {
			type: 'string',
			multiple: true,
			value: 'PLUGIN',
			description: 'Only this plugin, by its key; may be given several times.',
		},
		'from-index': {
			type: 'boolean',
			description:
				'Take the version that was backed up from the package index of pip too, by the bare name of its package. Use it where you know whose names these are: on an index, anybody may take a name that is free.',
		},
		'dry-run': {type: 'boolean', description: 'Only show what would be installed.'},
		'even-if-printing': {
			type: 'boolean',
			description: 'Go on although a print is running. Installing takes much of a small board, and may ruin it.',
		},
		origin: originOption,
	},
	examples: [
		{
			command: 'printkeep plugins reinstall --dry-run',
			meaning: 'Which plugins are missing, and where they would come from.',
		},
		{
			command: 'printkeep plugins reinstall --only octolapse --repository ./plugins.json',
			meaning: 'One plugin, by a repository of your own.',
		},
	],
	async run(context, {options, operands: [text]}) {
		const {target} = await context.resolve();
		const origin = parseOrigin(options.origin);
		const {repository} = options;
		return reinstall(
			context,
			{
				target,
				...(text === undefined ? {} : {source: (await findSource(context, text, origin)).source}),
				...(repository === undefined
					? {}
					: {repository: /^https?:\/\//iu.test(repository) ? repository : context.absolute(repository)}),
				...(options.only.length === 0 ? {} : {only: options.only}),
				fromIndex: options['from-index'],
				evenIfPrinting: options['even-if-printing'],
			},
			options['dry-run'],
		);
	},
});
