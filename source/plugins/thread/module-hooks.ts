/** How modules are found in the plugin thread: `printkeep/plugin` is always this printkeep's, and nothing is run that somebody else could have written. */
import type {RegisterHooksOptions} from 'node:module';
import {fileURLToPath} from 'node:url';
import {whyUntrusted} from '../trusted-path.js';
import {childModules} from './guard-children.js';

/**
 * @param apiUrl address of the module behind `printkeep/plugin`.
 * @param ownUrl address of the thread's own program, whose folder is trusted like the program itself.
 * @param onChildren called each time before the module that starts programs is used.
 */
export const refuseUnsafeModules = (
	apiUrl: string,
	ownUrl: string,
	onChildren: () => void = () => undefined,
): RegisterHooksOptions => {
	const ownFolder = new URL('.', ownUrl).href;
	const known = new Map<string, string>();
	const userId = process.getuid?.() ?? 0;
	return {
		resolve(specifier, context, nextResolve) {
			if (specifier === 'printkeep/plugin') {
				return {url: apiUrl, shortCircuit: true};
			}

			if (childModules.has(specifier)) {
				onChildren();
			}

			const resolved = nextResolve(specifier, context);
			if (resolved.url.startsWith('file:') && !resolved.url.startsWith(ownFolder)) {
				let problem = known.get(resolved.url);
				if (problem === undefined) {
					problem = whyUntrusted(fileURLToPath(resolved.url), userId);
					known.set(resolved.url, problem);
				}

				if (problem !== '') {
					throw new Error(`${problem}, so that its code is not run.`);
				}
			}

			return resolved;
		},
	};
};
