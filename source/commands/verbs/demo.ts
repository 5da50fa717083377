import * as fs from 'node:fs';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {openLogFile} from '../../settings/log-file.js';
import {openSettings} from '../../settings/store.js';
import {buildDemo} from '../demo/build.js';
import type {DemoState} from '../demo/states.js';
import {demoStates} from '../demo/states.js';
import type {SharedValues} from '../shared-options.js';
import {defineCommand} from '../spec.js';
import {prefersPlain, startPlain} from '../start-plain.js';
import {suggest} from '../suggest.js';
import type {System} from '../system.js';
import {wantsColor} from '../wants-color.js';

/** Opens the dashboard on a made-up state, and removes the data when it is left. Resolves with the exit code. */
export const showDemo = async (
	system: System,
	state: DemoState,
	{plain, 'no-color': noColor}: Pick<SharedValues, 'plain' | 'no-color'>,
): Promise<number> => {
	system.stdout.write('Making up data…\n');
	const {folder, paths, environment} = await buildDemo(system, state);
	try {
		if (plain || prefersPlain(system.environment)) {
			// Imported here, since the commands are what this file is one of.
			const {run} = await import('../run.js');
			return await startPlain({...system, paths, environment}, {}, run);
		}

		const settings = openSettings(paths);
		system.signals.release();
		return await system.startDashboard({
			settings,
			paths,
			environment,
			target: {},
			color: wantsColor(environment, settings.read(), noColor),
			log: openLogFile(paths.logFile, system.clock),
		});
	} finally {
		fs.rmSync(folder, {recursive: true, force: true});
	}
};

export const demoCommand = defineCommand({
	name: 'demo',
	summary: 'Open the dashboard on made-up data',
	details: [
		'Makes up a print server, backups and settings in a folder of its own below the temporary folder, opens the real dashboard on them and removes them afterwards. Your own settings and data are not touched.',
		`States: ${demoStates.map(({name, summary}) => `${name} (${summary})`).join(', ')}.`,
	],
	operands: {usage: '[STATE]', minimum: 0, maximum: 1},
	options: {
		'path-only': {type: 'boolean', description: 'Only make the data, print the folder and leave it there.'},
	},
	examples: [{command: 'printkeep demo damaged', meaning: 'How damaged files among the backups are shown.'}],
	output: 'document',
	async run(context, {options, operands: [name = 'default']}) {
		const {system, shared} = context;
		const state = demoStates.find(each => each.name === name);
		if (!state) {
			const names = demoStates.map(each => each.name);
			const meant = suggest(name, names);
			throw new PrintkeepError('usage', `There is no demo called ${safeText(name)}.`, {
				hint: meant === undefined ? `States: ${names.join(', ')}.` : `Did you mean \`printkeep demo ${meant}\`?`,
			});
		}

		const terminal = system.stdin.isTerminal && system.stdout.isTerminal && !shared.json;
		if (options['path-only'] || !terminal) {
			const {folder, paths, environment} = await buildDemo(system, state);
			context.print(folder);
			if (!options['path-only']) {
				const words = [
					'env',
					`PRINTKEEP_CONFIG_DIR=${paths.settingsFolder}`,
					`XDG_DATA_HOME=${environment.XDG_DATA_HOME}`,
				];
				context.print('There is no terminal for the dashboard. Look at the data with:');
				context.print(`  ${shellCommand([...words, 'printkeep', 'status'])}`);
			}

			return {exit: 0, json: {folder, settings: paths.settingsFolder, state: state.name}};
		}

		return {exit: await showDemo(system, state, shared), json: {}};
	},
});
