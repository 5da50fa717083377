import * as path from 'node:path';
import type {InstanceRef, PluginRecord} from '../../client/protocol.js';
import {look} from '../look.js';
import {prefixOf} from '../python-environment.js';

/** OctoPrint's own repository of plugins. */
export const pluginRepository = 'https://plugins.octoprint.org/plugins.json';

/** What comes out of an archive goes into a command a person will paste: only what needs no trust in its form is let through. */
const safePackage = /^[A-Za-z\d](?:[\w.-]{0,98}[A-Za-z\d])?$/u;
const safeVersion = /^\d[\w.+!-]{0,60}$/u;
const gitHubPage = /^https:\/\/github\.com\/([\w.-]{1,60}\/[\w.-]{1,100}?)(?:\.git)?\/?$/u;
const safeArchive = /^https:\/\/[\w./~%+@=&?-]{1,300}$/u;

const quote = (text: string): string => (/^[\w./+-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const interpreterOf = (python: string | undefined): string => {
	if (python === undefined) {
		return '~/oprint/bin/python';
	}

	const prefix = prefixOf(python);
	const isInterpreter = prefix !== python || !look(python)?.isDirectory();
	return quote(isInterpreter ? python : path.join(python, 'bin', 'python'));
};

/** Where a plugin can be had from its home page: GitHub serves any project's newest state as an archive, other addresses are archives themselves or nothing. */
const archiveOf = (url: string | null): string | undefined => {
	const project = gitHubPage.exec(url ?? '')?.[1];
	if (project !== undefined) {
		return `https://github.com/${project}/archive/HEAD.zip`;
	}

	return url !== null && safeArchive.test(url) && /\.(?:zip|tar\.gz|whl)$/u.test(url) ? url : undefined;
};

/**
 * One shell command per plugin: the exact version where it is known and can be had, else the newest from its home page. Plugins that no safe command can be
 * made for get a comment that names them.
 */
export const pluginCommands = ({python}: InstanceRef, plugins: readonly PluginRecord[]): readonly string[] =>
	plugins.map(({key, name, url, version}) => {
		const pip = `${interpreterOf(python)} -m pip install`;
		const archive = archiveOf(url);
		const exact =
			version !== null && safePackage.test(name) && safeVersion.test(version)
				? `${pip} ${quote(`${name}==${version}`)}`
				: undefined;
		const newest = archive === undefined ? undefined : `${pip} ${quote(archive)}`;
		const command = [exact, newest].filter(part => part !== undefined).join(' || ');
		return command === ''
			? `# ${key.replaceAll(/[^\w.-]/gu, '_').slice(0, 100)}: install it with OctoPrint's plugin manager`
			: command;
	});
