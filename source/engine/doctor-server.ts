/** The check-up of what a restore needs of the print server: that it can be asked whether it prints, and stopped. */
import type {DoctorCheck, Target} from '../client/protocol.js';
import {safeText} from '../format/safe-text.js';
import {adapterFor} from './adapter-for.js';
import type {EnginePorts} from './ports.js';
import {guardFacts} from './restore/guard.js';

const activityId = {id: 'activity', title: 'Asking the server'} as const;
const serviceId = {id: 'service', title: 'Stopping the server'} as const;

/** Stops nothing, and asks only whether something is printing. */
export const serverChecks = async (
	ports: EnginePorts,
	{instance, service: settings}: Pick<Target, 'instance' | 'service'>,
): Promise<readonly DoctorCheck[]> => {
	const adapter = await adapterFor(ports, instance.kind);
	const {activity, service} = await guardFacts({ports}, {adapter, instance, service: settings});
	const detail = safeText(activity.detail);
	const asked: DoctorCheck =
		activity.state === 'unknown'
			? {
					...activityId,
					state: 'warning',
					finding: `${detail} As long as that is so, restores are refused while it runs.`,
					advice: activity.advice ?? '',
				}
			: {
					...activityId,
					state: 'ok',
					finding: {
						stopped: 'It is not running.',
						idle: 'It runs and does not print.',
						printing: `It prints ${detail}`.trimEnd(),
						paused: `A print is paused: ${detail}`,
					}[activity.state],
					advice: '',
				};
	if (service === null) {
		return [asked];
	}

	return [
		asked,
		service.by === 'none'
			? {
					...serviceId,
					state: 'warning',
					finding: service.reason,
					advice:
						service.stop === ''
							? 'Stop it yourself before a restore.'
							: `Before a restore, stop it with: ${service.stop}`,
				}
			: {
					...serviceId,
					state: 'ok',
					finding: `A restore stops it with: ${service.stop}`,
					advice: '',
				},
	];
};
