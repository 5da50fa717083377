import * as fs from 'node:fs';
import * as path from 'node:path';
import type {ServerPorts} from '../adapter.js';

/** The control group of a process, as one text; empty when it cannot be told. */
export const controlGroup = ({processFolder}: Pick<ServerPorts, 'processFolder'>, pid: number | 'self'): string => {
	try {
		return fs.readFileSync(path.join(processFolder, String(pid), 'cgroup'), 'utf8');
	} catch {
		return '';
	}
};

/** How Docker, Podman and containerd name the control groups of their containers: the engine and the number. */
export const containerId = /(docker|libpod|cri-containerd)[-/]([\da-f]{12,64})(?:\.scope)?(?:\/|$)/mu;

/** True when a process runs in a container that this one does not run in. */
export const isInOtherContainer = (ports: Pick<ServerPorts, 'processFolder'>, pid: number): boolean => {
	const group = controlGroup(ports, pid);
	return containerId.test(group) && group !== controlGroup(ports, 'self');
};
