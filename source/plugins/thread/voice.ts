/** What plugins say into the log. Each is heard as long as it does not say more than anybody could read. */
import type {FromHost} from '../messages.js';

const maximumLine = 2000;

type Level = Extract<FromHost, {type: 'log'}>['level'];

export type Voice = {
	readonly log: (plugin: number, level: Level, text: unknown) => void;
	/** Something went wrong that nobody waited for. */
	readonly stray: (plugin: number, message: string) => void;
};

/** @param linesPerSecond what a plugin may say; one that says more is told of once and not heard again. */
export const createVoice = (send: (message: FromHost) => void, linesPerSecond: number): Voice => {
	const said = new Map<number, {second: number; lines: number; isSilenced: boolean}>();

	const mayTalk = (plugin: number): boolean => {
		const second = Math.floor(performance.now() / 1000);
		const one = said.get(plugin) ?? {second, lines: 0, isSilenced: false};
		said.set(plugin, one);
		if (one.second !== second) {
			one.second = second;
			one.lines = 0;
		}

		one.lines++;
		if (one.lines > linesPerSecond && !one.isSilenced) {
			one.isSilenced = true;
			send({type: 'flood', plugin});
		}

		return !one.isSilenced;
	};

	return {
		log(plugin, level, text) {
			if (mayTalk(plugin)) {
				send({type: 'log', plugin, level, text: String(text).slice(0, maximumLine)});
			}
		},
		stray(plugin, message) {
			if (mayTalk(plugin)) {
				send({type: 'stray', plugin, message: message.slice(0, maximumLine)});
			}
		},
	};
};
