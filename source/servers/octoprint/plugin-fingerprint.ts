import {createHash} from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import {configurationText} from './configuration.js';
import type {PluginRunner} from './plugin-runner.js';

/** More than anybody has of either; what is beyond is not looked at. */
const mostNames = 5000;

const listed = (folder: string): readonly string[] => {
	try {
		return fs.readdirSync(folder).sort().slice(0, mostNames);
	} catch {
		return [];
	}
};

/** Path, size and time of change of a file or folder; its path alone when it is not there. */
const faceOf = (file: string): string => {
	const stats = fs.statSync(file, {bigint: true, throwIfNoEntry: false});
	return stats ? `${file} ${stats.ino} ${stats.size} ${stats.mtimeNs}` : file;
};

/** Names and faces in a folder and in the folders of that. */
const facesIn = (folder: string, depth = 2): readonly string[] =>
	listed(folder)
		.filter(name => name !== '__pycache__')
		.flatMap(name => {
			const full = path.join(folder, name);
			return [faceOf(full), ...(depth > 1 ? facesIn(full, depth - 1) : [])];
		});

/**
 * A hash of what decides what the plugins of an instance answer, as far as that can be seen without asking: the configuration, the interpreter, what is
 * installed, and the single-file plugins. What is not seen: changes in a plugin that is being developed, and in the files that a plugin looks at.
 */
export const pluginFingerprint = (
	instance: InstanceRef,
	{runner, pluginsFolder}: {readonly runner: PluginRunner; readonly pluginsFolder: string},
): string => {
	const {environment, interpreter, userBase} = runner;
	const hash = createHash('sha256');
	// Without one, OctoPrint runs with what is usual.
	hash.update(configurationText(instance) ?? '');

	for (const line of [
		instance.dataFolder,
		userBase ?? '',
		environment.version,
		faceOf(interpreter),
		...environment.folders.flatMap(folder => [
			faceOf(folder),
			...listed(folder)
				.filter(name => /\.(?:dist-info|egg-info|egg-link|pth)$/iu.test(name))
				.map(name => faceOf(path.join(folder, name))),
		]),
		...facesIn(pluginsFolder),
	]) {
		hash.update(`\0${line}`);
	}

	return hash.digest('hex');
};
