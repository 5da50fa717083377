/** Real helper threads for engines that run in the tests' own process, from the source as it is. */
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {build} from 'esbuild';

/** Bundles the program of the helper threads into a folder, as the build does. */
export const bundleHelper = async (folder: string): Promise<URL> => {
	const outfile = join(folder, 'helper.mjs');
	await build({
		entryPoints: [fileURLToPath(new URL('../../source/worker/helper.ts', import.meta.url))],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node22',
		logLevel: 'warning',
	});
	return pathToFileURL(outfile);
};
