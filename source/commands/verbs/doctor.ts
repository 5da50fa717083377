import type {DoctorCheck, Target} from '../../client/protocol.js';
import {isPrintkeepError, toErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {CommandContext} from '../context.js';
import {defineCommand, noOperands} from '../spec.js';

const stateWords = {ok: 'ok', warning: 'warning', error: 'ERROR'} as const satisfies Record<
	DoctorCheck['state'],
	string
>;

const settingsCheck = ({settings}: CommandContext): DoctorCheck => {
	const base = {id: 'settings', title: 'Settings'} as const;
	try {
		settings.read();
		return {...base, state: 'ok', finding: settings.path, advice: ''};
	} catch (error) {
		const {message, hint} = toErrorData(error);
		return {...base, state: 'error', finding: message, advice: hint};
	}
};

/** The target, or null with the reason when there is none; the check-up goes on without. */
const findTarget = async (
	context: CommandContext,
): Promise<{readonly target: Target | null; readonly check: DoctorCheck | null}> => {
	try {
		const {target} = await context.resolve();
		return {target, check: null};
	} catch (error) {
		if (!isPrintkeepError(error)) {
			throw error;
		}

		return {
			target: null,
			check: {id: 'target', title: 'Instance', state: 'error', finding: error.message, advice: error.hint},
		};
	}
};

export const doctorCommand = defineCommand({
	name: 'doctor',
	summary: 'Check everything backups and restores depend on',
	details: [
		'The runtime, the instance, the store, the clock, leftovers and permissions, with what to do about each. The exit code is 1 when something is wrong.',
	],
	operands: noOperands,
	options: {},
	examples: [],
	output: 'document',
	async run(context) {
		const settings = settingsCheck(context);
		const {target, check} = settings.state === 'error' ? {target: null, check: null} : await findTarget(context);
		const client = await context.client();
		const found = await client.request('doctor.run', {target, stateFolder: context.system.paths.stateFolder});
		// The engine only knows that there is no target; here it is known why.
		const checks = [
			settings,
			...found.filter(({id}) => check === null || id !== 'instance'),
			...(check ? [check] : []),
		];
		context.print(
			...checks.flatMap(({title, state, finding, advice}) => [
				`${stateWords[state].padEnd(7)}  ${safeText(title)}: ${safeText(finding)}`,
				...(advice === '' ? [] : [`         ${safeText(advice)}`]),
			]),
		);
		return {exit: checks.some(({state}) => state === 'error') ? 1 : 0, json: {checks}};
	},
});
