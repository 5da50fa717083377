import type {ServerAdapter, ServerHost, ServerPorts} from '../adapter.js';
import {realPathOf} from '../real-path.js';
import {containerId, controlGroup} from './container.js';
import {serversOn} from './running.js';
import {type ServerUnit, serverUnits} from './units.js';

const containerOf = async (ports: ServerPorts, group: string): Promise<ServerHost | null> => {
	const [, engine, id = ''] = containerId.exec(group) ?? [];
	if (engine === undefined || engine === 'cri-containerd') {
		return null;
	}

	const program = engine === 'docker' ? 'docker' : 'podman';
	const list = await ports.run(program, ['ps', '--no-trunc', '--format', '{{.ID}} {{.Names}}'], 5000);
	const named = (list ?? '')
		.split('\n')
		.map(line => line.trim().split(/\s+/u))
		.find(([listed = '']) => listed.startsWith(id.slice(0, 12)))?.[1];
	const name = named !== undefined && /^[\w.-]+$/u.test(named) ? named : id.slice(0, 12);
	return {type: 'container', name, stop: `${program} stop ${name}`, start: `${program} start ${name}`};
};

/** What runs the OctoPrint on an instance's data folder, or would: the unit whose process it is comes before one that only could start it. */
export const runBy: ServerAdapter['runBy'] = async (ports, {dataFolder}) => {
	try {
		const groups = (serversOn(ports, dataFolder) ?? []).map(({pid}) => controlGroup(ports, pid));
		for (const group of groups) {
			const container = await containerOf(ports, group);
			// Seen from within the same container, its processes are like any others.
			if (container !== null && group !== controlGroup(ports, 'self')) {
				return container;
			}
		}

		const base = realPathOf(dataFolder);
		const isFor = (unit: ServerUnit): boolean => unit.dataFolder !== null && realPathOf(unit.dataFolder) === base;
		const units = [...(await serverUnits(ports)), ...(await serverUnits(ports, 'user'))].filter(
			unit => isFor(unit) && /^[\w:.@\\][\w:.@\\-]*\.service$/u.test(unit.name),
		);
		const isIn = (group: string, {name}: ServerUnit): boolean => group.split(/[/\n]/u).includes(name);
		const owns = (unit: ServerUnit): boolean => groups.some(group => isIn(group, unit));
		const unit = units.find(owns) ?? units.find(({active}) => active) ?? units[0];
		if (unit === undefined) {
			return null;
		}

		const {name, scope} = unit;
		// A process that belongs to no unit of that name was started by hand, whatever else the unit does.
		const active = unit.active && (owns(unit) || groups.every(group => group === ''));
		return {type: 'unit', name, scope, active, holdsCaller: isIn(controlGroup(ports, 'self'), unit)};
	} catch {
		return null;
	}
};
