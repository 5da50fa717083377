import type {Holder, StatusReport, Target} from '../client/protocol.js';
import {adapterFor} from './adapter-for.js';
import type {Catalog} from './catalog.js';
import {clockDoubt} from './clock-doubt.js';
import {describeInstance} from './describe-instance.js';
import {readHistory} from './history.js';
import {findLeftovers} from './leftovers.js';
import type {EnginePorts} from './ports.js';
import {undoInfo} from './restore/undo-info.js';
import {storeInfo} from './space.js';
import {dayStates, lastGoodOf} from './status.js';

/** Gathers what the home screen and `printkeep status` say. */
export const statusReport = async (
	ports: EnginePorts,
	catalog: Catalog,
	{
		target,
		overdueAfterMilliseconds,
		holder,
		jobRunning,
	}: {
		readonly target: Target;
		readonly overdueAfterMilliseconds: number;
		/** Another printkeep at work here. */
		readonly holder: Holder | null;
		readonly jobRunning: boolean;
	},
): Promise<StatusReport> => {
	await catalog.refresh();
	const backups = catalog.list();
	const when = {now: ports.clock.now(), overdueAfterMilliseconds};
	const history = readHistory(ports.stateFolder, target);
	const disabled = target.restoreUnsupported
		? 'Restoring is switched off: the setting restore-unsupported is yes.'
		: await (await adapterFor(ports, target.instance.kind)).restoreDisabled(ports.server, target.instance);
	const doubt = clockDoubt(
		when.now,
		backups.map(({createdAt}) => createdAt),
	);
	return {
		instance: await describeInstance(ports, target.instance),
		store: storeInfo(target),
		total: backups.length,
		totalBytes: backups.reduce((sum, {bytes, origin}) => sum + (origin === 'store' ? bytes : 0), 0),
		bad: backups.filter(({health}) => health.type === 'bad').length,
		...lastGoodOf(backups, history, when),
		...(doubt === '' ? {} : {clockProblem: doubt}),
		days: dayStates(backups, history, when),
		lastJob: history.at(-1) ?? null,
		leftovers: await findLeftovers(ports, target, holder !== null || jobRunning),
		holder,
		undo: undoInfo(target),
		restoreDisabled: disabled === '' ? null : disabled,
	};
};
