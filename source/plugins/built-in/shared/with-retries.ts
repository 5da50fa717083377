import {pause} from './pause.js';
import {sendRequest, type WebAnswer, type WebRequest} from './web-request.js';

const firstWait = 1000;

/**
 * Sends a request again and again, with longer and longer waits, until it is taken, will never be, or its time is up. Never throws.
 * @param budgetMilliseconds for all of it.
 */
export const sendWithRetries = async (wanted: WebRequest, budgetMilliseconds: number): Promise<WebAnswer> => {
	const deadline = performance.now() + budgetMilliseconds;
	for (let wait = firstWait; ; wait *= 3) {
		const left = Math.max(1, deadline - performance.now());
		const answer = await sendRequest({
			...wanted,
			timeoutMilliseconds: Math.round(Math.min(wanted.timeoutMilliseconds, left)),
		});
		const isOver = answer.type === 'ok' || answer.isLasting || performance.now() + wait >= deadline;
		if (isOver || !(await pause(wait, wanted.signal))) {
			return answer;
		}
	}
};
