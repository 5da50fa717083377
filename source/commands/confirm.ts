import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {shellCommand} from '../format/shell-quote.js';
import type {CommandContext} from './context.js';

/** The command line that was typed, with `--yes`. */
export const commandWithYes = (argv: readonly string[]): string => shellCommand(['printkeep', ...argv, '--yes']);

const notConfirmed = (): PrintkeepError =>
	new PrintkeepError('needs-confirmation', 'Not confirmed: nothing was changed.');

const question = async ({system}: CommandContext, text: string): Promise<string> => {
	// Where the connection was lost meanwhile, nobody is there to answer.
	const answer = system.signals.received() === undefined ? await system.stdin.ask(text) : null;
	if (answer === null) {
		system.stderr.write('\n');
		throw new PrintkeepError('cancelled', 'Cancelled: nothing was changed.');
	}

	return answer.trim();
};

/**
 * Asks before something that cannot simply be taken back. `--yes` answers it; without a terminal it is refused with the command that
 * would do it. Errors: needs-confirmation, cancelled.
 * @param what what would be done, as in "Restoring over /home/pi/.octoprint"; starts a sentence.
 * @param exactly when given, this text has to be typed.
 */
export const confirm = async (
	context: CommandContext,
	{what, prompt, exactly}: {readonly what: string; readonly prompt: string; readonly exactly?: string},
): Promise<void> => {
	const {system, shared, argv} = context;
	if (shared.yes) {
		return;
	}

	if (shared.json || !system.stdin.isTerminal || !system.stdout.isTerminal) {
		throw new PrintkeepError(
			'needs-confirmation',
			`${what} needs your confirmation, and there is no terminal to ask on.`,
			{
				hint: `To do it, run: ${commandWithYes(argv)}`,
			},
		);
	}

	if (exactly === undefined) {
		const answer = (await question(context, `${prompt} [y/N] `)).toLowerCase();
		if (answer !== 'y' && answer !== 'yes') {
			throw notConfirmed();
		}

		return;
	}

	for (;;) {
		const shown = safeText(exactly);
		const answer = await question(context, `${prompt}\nType ${shown} to confirm: `);
		if (answer === exactly) {
			return;
		}

		if (answer === '') {
			throw notConfirmed();
		}

		context.print(`That is not it: exactly “${shown}” is expected. Press Enter alone to stop.`);
	}
};
