/** What root may run as itself: only what nobody else can change. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import {whyUntrusted} from '../plugins/trusted-path.js';

/** Files and folders in a folder that are looked at: where there are more, it is not believed. */
const mostNames = 5000;

const whyNotTree = (folder: string): string => {
	const waiting = [folder];
	for (let looked = 0; looked < mostNames; looked++) {
		const next = waiting.pop();
		if (next === undefined) {
			return '';
		}

		const stats = fs.statSync(next, {throwIfNoEntry: false});
		const problem = stats ? whyUntrusted(next, 0) : '';
		if (problem !== '') {
			return problem;
		}

		if (stats?.isDirectory()) {
			const names = fs.readdirSync(next).filter(name => name !== '__pycache__');
			waiting.push(...names.map(name => path.join(next, name)));
		}
	}

	return `${folder} has more in it than can be looked at`;
};

/**
 * Looks for what somebody else than root could change.
 * @param paths absolute, each with the way to it. What is not there is nobody's.
 * @param folders absolute, each with the way to it and with all that is in it, links followed.
 * @returns why root must not run it, in words, with the path that is at fault; empty when it may.
 */
export const whyNotRoots = (paths: readonly string[], folders: readonly string[] = []): string =>
	paths
		.filter(each => fs.existsSync(each))
		.map(each => whyUntrusted(each, 0))
		.find(Boolean) ??
	folders.map(whyNotTree).find(Boolean) ??
	'';
