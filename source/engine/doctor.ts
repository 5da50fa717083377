/** The check-up: what could keep backups from being made or restored on this host, and what to do about each. */
import {accessSync, constants, lstatSync, statSync} from 'node:fs';
import type {DoctorCheck, Target} from '../client/protocol.js';
import {kindTitle} from '../client/server-kind.js';
import {toErrorData} from '../errors.js';
import {formatBytes} from '../format/bytes.js';
import {plural} from '../format/plural.js';
import {safeText} from '../format/safe-text.js';
import {adapterFor} from './adapter-for.js';
import type {Catalog} from './catalog.js';
import {builtAt} from './clock-doubt.js';
import {serverChecks} from './doctor-server.js';
import {findLeftovers} from './leftovers.js';
import type {EnginePorts} from './ports.js';
import {storeInfo} from './space.js';
import {targetHolder} from './target-holder.js';
import {trashBytes} from './trash-folder.js';

const ok = (id: string, title: string, finding: string): DoctorCheck => ({id, title, state: 'ok', finding, advice: ''});

const runtimeCheck = (): DoctorCheck =>
	ok('runtime', 'Runtime', `Node ${process.version.slice(1)} on ${process.platform} ${process.arch}`);

const clockCheck = (now: number, newest: number | null): DoctorCheck => {
	const id = 'clock';
	const title = 'Clock';
	const shown = new Date(now).toISOString().slice(0, 16).replace('T', ' ');
	if (now < builtAt) {
		return {
			id,
			title,
			state: 'error',
			finding: `It says ${shown} UTC, which cannot be.`,
			advice:
				'Set the clock (`timedatectl set-ntp true`); backups keep their order meanwhile, but their names and ages are wrong.',
		};
	}

	return newest !== null && newest > now + 60_000
		? {
				id,
				title,
				state: 'warning',
				finding: `It says ${shown} UTC, and there is a backup from after that.`,
				advice: 'Check the clock (`timedatectl`): it was wrong then, or is wrong now.',
			}
		: ok(id, title, `${shown} UTC`);
};

const storeChecks = (target: Target): readonly DoctorCheck[] => {
	const info = storeInfo(target);
	const path = safeText(info.path);
	const checks: DoctorCheck[] = [
		info.writable
			? ok('store-writable', 'Backup folder', `${path}${info.exists ? '' : ' (made with the first backup)'}`)
			: {
					id: 'store-writable',
					title: 'Backup folder',
					state: 'error',
					finding: `${path}: ${info.problem}`,
					advice: 'Give yourself the right to write there, or choose another one with: printkeep config set store DIR',
				},
	];
	if (info.freeBytes !== null && info.totalBytes !== null) {
		const isLow = info.freeBytes < Math.max(target.keepFreeBytes, info.totalBytes / 20);
		const finding = `${formatBytes(info.freeBytes)} of ${formatBytes(info.totalBytes)} free`;
		checks.push(
			isLow
				? {
						id: 'store-free',
						title: 'Free space',
						state: 'warning',
						finding,
						advice: 'Delete old backups, or move the store to a larger disk.',
					}
				: ok('store-free', 'Free space', finding),
		);
	}

	checks.push(
		info.sameDevice
			? {
					id: 'store-device',
					title: 'Another disk',
					state: 'warning',
					finding: 'The backups lie on the same disk as the data: if the card dies, both are gone.',
					advice: 'Keep the store on a USB disk or a network folder: printkeep config set store DIR',
				}
			: ok('store-device', 'Another disk', 'The backups lie on another disk than the data.'),
	);
	const stats = lstatSync(info.path, {throwIfNoEntry: false});
	if (stats && (stats.mode & 0o077) !== 0) {
		checks.push({
			id: 'store-mode',
			title: 'Permissions',
			state: 'warning',
			finding: `Other users of this host may look into ${path} (mode ${(stats.mode & 0o777).toString(8)}); backups hold passwords and keys.`,
			advice: `Close it with: chmod 700 ${path}`,
		});
	} else {
		checks.push(
			ok(
				'store-mode',
				'Permissions',
				stats ? 'Only you can look into the backup folder.' : 'The backup folder will be made for you alone.',
			),
		);
	}

	return checks;
};

const dataCheck = (target: Target): DoctorCheck => {
	const {dataFolder} = target.instance;
	try {
		accessSync(dataFolder, constants.R_OK | constants.X_OK);
	} catch (error) {
		return {
			id: 'data-readable',
			title: 'Data folder',
			state: 'error',
			finding: toErrorData(error, `${safeText(dataFolder)} cannot be read`).message,
			advice: 'Run printkeep as the user the print server runs as.',
		};
	}

	const owner = statSync(dataFolder).uid;
	const self = process.getuid?.() ?? owner;
	return self === owner || self === 0
		? ok('data-readable', 'Data folder', safeText(dataFolder))
		: {
				id: 'data-readable',
				title: 'Data folder',
				state: 'warning',
				finding: `${safeText(dataFolder)} belongs to another user; files only that user may read cannot be backed up.`,
				advice: 'Run printkeep as the user the print server runs as.',
			};
};

/**
 * Runs every check. Never throws: what cannot be found out is a finding too.
 * @param options.target null when no instance was found.
 */
export const runDoctor = async (
	ports: EnginePorts,
	{
		target,
		stateFolder,
		catalog,
	}: {readonly target: Target | null; readonly stateFolder: string; readonly catalog: Catalog | null},
): Promise<readonly DoctorCheck[]> => {
	const checks: DoctorCheck[] = [runtimeCheck()];
	await catalog?.refresh().catch(() => undefined);
	const backups = catalog?.list() ?? [];
	const newest = backups.reduce<number | null>((latest, {createdAt}) => Math.max(latest ?? 0, createdAt), null);
	checks.push(clockCheck(ports.clock.now(), newest));
	if (!target) {
		checks.push({
			id: 'instance',
			title: 'Print server',
			state: 'error',
			finding: 'No print server was found on this host.',
			advice: 'Name its data folder with: printkeep --basedir DIR',
		});
		return checks;
	}

	const adapter = await adapterFor(ports, target.instance.kind);
	try {
		const {configFile, python, dataFolder, name} = target.instance;
		const instance = await adapter.inspect(ports.server, {
			dataFolder,
			name,
			...(configFile === undefined ? {} : {configFile}),
			...(python === undefined ? {} : {python}),
		});
		checks.push(
			ok(
				'instance',
				'Print server',
				`${safeText(kindTitle(instance.kind, instance.kindTitle))} ${instance.version ?? '(version unknown)'} in ${safeText(instance.dataFolder)}`,
			),
		);
		checks.push(
			...instance.problems.map(
				(finding, index): DoctorCheck => ({
					id: `instance-problem-${index + 1}`,
					title: 'Print server',
					state: 'warning',
					finding,
					advice: 'See the finding.',
				}),
			),
		);
		// Only a server whose plugins come from a repository has a Python environment that matters.
		if (adapter.pluginRepository !== '') {
			const environment = await adapter.environment(ports.server, target.instance);
			checks.push(
				environment.plugins === null
					? {
							id: 'environment',
							title: 'Python environment',
							state: 'warning',
							finding: "The server's Python environment was not found, so its plugins cannot be listed in backups.",
							advice: 'Name its interpreter with: printkeep config set python PATH',
						}
					: ok('environment', 'Python environment', `${plural(environment.plugins.length, 'third-party plugin')}`),
			);
		}

		const disabled = await adapter.restoreDisabled(ports.server, target.instance);
		checks.push(
			disabled === '' && !target.restoreUnsupported
				? ok('restore', 'Restore', 'Allowed.')
				: {
						id: 'restore',
						title: 'Restore',
						state: 'warning',
						finding: disabled === '' ? 'Switched off in the settings.' : disabled,
						advice:
							disabled === ''
								? 'Allow it with: printkeep config set restore-unsupported no'
								: 'Unset the variable or change the setting it names, if restoring is to be possible.',
					},
		);
		checks.push(...(await serverChecks(ports, target)));
	} catch (error) {
		const {message, hint} = toErrorData(error, 'The print server could not be looked at');
		checks.push({id: 'instance', title: 'Print server', state: 'error', finding: message, advice: hint});
	}

	checks.push(dataCheck(target), ...storeChecks(target));
	const holder = targetHolder(ports, target);
	const leftovers = await findLeftovers(ports, target, holder !== null).catch(() => []);
	checks.push(
		leftovers.length === 0
			? ok('leftovers', 'Leftovers', 'None.')
			: {
					id: 'leftovers',
					title: 'Leftovers',
					state: leftovers.some(({remedy}) => remedy === 'recover') ? 'error' : 'warning',
					finding: leftovers.map(({path, explanation}) => `${safeText(path)}: ${explanation}`).join(' '),
					advice: 'See and clean them with: printkeep recover',
				},
	);
	const trash = trashBytes(target.store);
	if (trash > 0) {
		checks.push(ok('trash', 'Trash', `Deleted backups take ${formatBytes(trash)}; \`printkeep trash\` shows them.`));
	}

	const badBackups = backups.filter(({health}) => health.type === 'bad');
	checks.push(
		badBackups.length === 0
			? ok('backups', 'Backups', `${plural(backups.length, 'backup')}, none unreadable.`)
			: {
					id: 'backups',
					title: 'Backups',
					state: 'warning',
					finding: `${plural(badBackups.length, 'file')} in the backup folder cannot be used: ${badBackups.map(({key}) => safeText(key)).join(', ')}`,
					advice: 'See why with: printkeep list',
				},
	);
	const stateMode = lstatSync(stateFolder, {throwIfNoEntry: false})?.mode ?? 0o700;
	if ((stateMode & 0o077) !== 0) {
		checks.push({
			id: 'state-mode',
			title: 'State folder',
			state: 'warning',
			finding: `Other users may look into ${safeText(stateFolder)}.`,
			advice: `Close it with: chmod 700 ${safeText(stateFolder)}`,
		});
	}

	return checks;
};
