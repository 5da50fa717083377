/** Nothing is restored under a running print: what the server does is asked, it is stopped for the exchange, and started again after it. */
import * as v from 'valibot';
import type {InstanceRef, ServerActivity, ServicePlan, ServiceSettings} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {findService, type Service} from '../../servers/service.js';
import {startServer, stopServer as stopRunning} from '../../servers/service-control.js';
import type {EnginePorts} from '../ports.js';

type GuardPorts = Pick<EnginePorts, 'server' | 'clock'>;

/** Whose server is guarded. */
export type Guarded = {
	readonly adapter: ServerAdapter;
	readonly instance: InstanceRef;
	readonly service: ServiceSettings | undefined;
};

export type GuardFacts = {
	readonly activity: ServerActivity;
	/** Why a restore is not begun, in words; empty when nothing is in its way. */
	readonly activityRefusal: string;
	/** Null when the server does not run. */
	readonly service: ServicePlan | null;
};

/**
 * What a journal keeps of a server that is stopped for a restore, so that a recovery starts it again. It holds no command: how it is started is found out
 * anew, since whoever can write a journal must not choose what is run.
 */
export const serviceRecordSchema = v.object({
	by: v.picklist(['unit', 'command']),
	/** For a person: "octoprint.service", or the command. */
	name: v.pipe(v.string(), v.maxLength(4096)),
});

export type ServiceRecord = v.InferOutput<typeof serviceRecordSchema>;

export type ServerGuard = {
	readonly activity: ServerActivity;
	readonly plan: ServicePlan | null;
	readonly wasRunning: boolean;
	/** What the journal keeps from before `stop` on; null when the server is not going to be stopped. */
	readonly record: ServiceRecord | null;
	/**
	 * Asks once more what the server does, stops it and waits until it is gone; does nothing when it is not running, is to be left running, or cannot
	 * be stopped from here. Call it right before the exchange.
	 * @returns true when it has been stopped.
	 * @throws printing, when a print has begun meanwhile; failed, when it could not be stopped. It runs as before then.
	 */
	readonly stop: () => Promise<boolean>;
	/**
	 * Starts the server again if `stop` has stopped it; calling it again does nothing.
	 * @throws failed, with what a person can do. Never a reason for a restore to fail.
	 */
	readonly start: () => Promise<void>;
};

const inBrackets = (detail: string): string => (detail === '' ? '' : ` (${safeText(detail)})`);

/** Why what the server does forbids a restore, in words; empty when it does not. */
export const refusalOf = ({state, detail}: ServerActivity): string => {
	switch (state) {
		case 'stopped':
		case 'idle': {
			return '';
		}

		case 'printing': {
			return `A print is running${inBrackets(detail)}: restore is blocked.`;
		}

		case 'paused': {
			return `A print is paused${inBrackets(detail)}: restore is blocked.`;
		}

		case 'unknown': {
			return `${safeText(detail)} That counts as printing: restore is blocked.`;
		}
	}
};

const refuse = (activity: ServerActivity): void => {
	const refusal = refusalOf(activity);
	if (refusal !== '') {
		const {state, advice} = activity;
		throw new PrintkeepError('printing', refusal, {
			hint:
				state === 'unknown'
					? `${advice === undefined ? '' : `${advice} `}When you are sure that nothing prints, go on with --even-if-printing.`
					: 'Wait until the print has ended. --even-if-printing goes on, and ruins the print.',
		});
	}
};

const find = async (ports: GuardPorts, {adapter, instance, service}: Guarded): Promise<Service> =>
	findService(ports.server, {adapter, instance, settings: service, purpose: 'stop'});

/** What a plan says about the server. Writes nothing, stops nothing, and never throws. */
export const guardFacts = async ({ports}: {readonly ports: GuardPorts}, guarded: Guarded): Promise<GuardFacts> => {
	const activity = await guarded.adapter.activity(ports.server, guarded.instance, guarded.service);
	const service = activity.state === 'stopped' ? null : (await find(ports, guarded)).plan;
	return {activity, activityRefusal: refusalOf(activity), service};
};

/**
 * Makes sure that nothing is printing, and gives what stops the server for the exchange.
 * @param options.evenIfPrinting a person's own words, never implied by another option.
 * @param options.stopServer false leaves a running server running.
 * @throws printing
 */
export const guardServer = async (
	{ports}: {readonly ports: GuardPorts},
	{
		evenIfPrinting = false,
		stopServer = true,
		...guarded
	}: Guarded & {readonly evenIfPrinting?: boolean | undefined; readonly stopServer?: boolean | undefined},
): Promise<ServerGuard> => {
	const {adapter, instance, service: settings} = guarded;
	const ask = async (): Promise<ServerActivity> => {
		const activity = await adapter.activity(ports.server, instance, settings);
		if (!evenIfPrinting) {
			refuse(activity);
		}

		return activity;
	};

	const activity = await ask();
	const wasRunning = activity.state !== 'stopped';
	const service = wasRunning ? await find(ports, guarded) : null;
	const commands = stopServer ? (service?.commands ?? null) : null;
	const control = commands === null ? null : {ports: ports.server, clock: ports.clock, adapter, instance, commands};
	let isStopped = false;
	return {
		activity,
		plan: service?.plan ?? null,
		wasRunning,
		record: commands === null ? null : {by: commands.by, name: commands.name},
		async stop() {
			const now = await ask();
			if (now.state === 'stopped') {
				return false;
			}

			if (!wasRunning && stopServer && !evenIfPrinting) {
				throw new PrintkeepError('printing', 'The server has been started meanwhile. Nothing has been changed.', {
					hint: 'Try again: then it is stopped for the restore.',
				});
			}

			if (control !== null && !isStopped) {
				await stopRunning(control);
				isStopped = true;
			}

			return isStopped;
		},
		async start() {
			if (control !== null && isStopped) {
				isStopped = false;
				await startServer(control);
			}
		},
	};
};

/**
 * Starts the server that an interrupted restore had stopped; one that is running is left alone.
 * @throws failed, with what a person can do.
 */
export const startFromRecord = async (
	ports: GuardPorts,
	record: ServiceRecord,
	{adapter, instance, service}: Guarded,
): Promise<void> => {
	if ((await adapter.isRunning(ports.server, instance)) === true) {
		return;
	}

	const {commands, plan} = await findService(ports.server, {adapter, instance, settings: service, purpose: 'start'});
	if (commands === null) {
		throw new PrintkeepError('failed', `${safeText(record.name)} was stopped for the restore and is not running.`, {
			hint: plan.start === '' ? 'Start the server yourself.' : `Start it yourself: ${plan.start}`,
		});
	}

	await startServer({ports: ports.server, clock: ports.clock, adapter, instance, commands});
};
