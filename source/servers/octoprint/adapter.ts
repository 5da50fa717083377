import type {ServerAdapter} from '../adapter.js';
import {activity} from './activity.js';
import {environmentOf} from './environment.js';
import {find} from './find.js';
import {inspect, proofOf} from './inspect.js';
import {layoutOf} from './layout.js';
import {neverReason} from './left-out.js';
import {leftoversOf} from './leftovers.js';
import {machineSettings, withMachineSettings} from './machine-settings.js';
import {checkMembers, extraMembers, metadataMembers, readMetadata, requiredMembers, toldExcludes} from './members.js';
import {partOf, partTitle} from './parts.js';
import {pluginCommands, pluginRepository} from './plugin-commands.js';
import {afterRestore, restoreDisabled} from './restart.js';
import {restoreTargets} from './restore-targets.js';
import {runBy} from './run-by.js';
import {isRunning} from './running.js';
import {isNewer} from './version.js';

/** OctoPrint 1.3 and newer: its data folder, its configuration, and the archives its own Backup plugin reads and writes. */
export const octoprintAdapter: ServerAdapter = {
	kind: 'octoprint',
	prefix: 'basedir/',
	find,
	inspect,
	isSure: (dataFolder, configFile) => proofOf(dataFolder, configFile) === 'certain',
	layout: layoutOf,
	async pluginPoll(ports, instance) {
		const {pluginPoll} = await import('./plugin-poll.js');
		return pluginPoll(ports, instance);
	},
	toldExcludes,
	environment: environmentOf,
	extraMembers,
	metadataMembers,
	recognises: has => has('metadata.json') && has('basedir/config.yaml'),
	readMetadata,
	requiredMembers,
	checkMembers,
	partOf,
	partTitle,
	neverRestored: target => neverReason(target) !== undefined,
	restoreTargets,
	secretFiles: ['basedir/config.yaml', 'basedir/users.yaml', 'basedir/data/appkeys/keys.yaml'],
	isNewer,
	restoreDisabled,
	pluginCommands,
	pluginRepository,
	reinstallPlugins: async (...call) => (await import('./reinstall/reinstall.js')).reinstallPlugins(...call),
	isRunning: async (ports, instance) => isRunning(ports, instance),
	activity,
	runBy,
	machineSettings,
	withMachineSettings,
	afterRestore,
	leftovers: async instance => leftoversOf(instance),
};
