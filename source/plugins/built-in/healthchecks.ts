/** Tells a monitor on another machine that backups are made, so that it can tell a person when they are not: also when this machine is dead. */

import {safeText} from '../../format/safe-text.js';
import {definePlugin, type PluginContext, type PluginData, type PluginInstance, type PluginRecordData} from '../api.js';
import {readSecret} from './shared/private-file.js';
import {
	absolutePath,
	checkSettings,
	isRecord,
	listOf,
	numberAt,
	numberFrom,
	oneOf,
	recordAt,
	textAt,
	textsAt,
} from './shared/read-settings.js';
import {readState, writeState} from './shared/state-file.js';
import {sendWithRetries} from './shared/with-retries.js';

/**
 * For all attempts of one ping together; those of a start and an end fit into what a command waits for at its end. That a backup has begun is worth less
 * than how it ended.
 */
const budgets = {start: 12_000, success: 40_000, fail: 40_000} as const;

const jobs = ['create', 'verify', 'restore', 'undo', 'delete', 'import', 'export'] as const;

/** The file with the address for an instance: its own, else the common one; empty when there is none. */
const fileFor = (context: PluginContext, {name}: PluginInstance): string => {
	const instances = recordAt(context.settings, ['instances']);
	const own = Object.hasOwn(instances, name) ? instances[name] : undefined;
	return typeof own === 'string' ? own : textAt(context.settings, ['urlFile']);
};

type Signal = 'start' | 'success' | 'fail';

const addressOf = (url: string, signal: Signal): string => {
	if (signal === 'success') {
		return url;
	}

	const address = new URL(url);
	address.pathname = `${address.pathname.replace(/\/$/u, '')}/${signal}`;
	return address.href;
};

const ping = async (signal: Signal, body: string, context: PluginContext, instance: PluginInstance): Promise<void> => {
	const file = fileFor(context, instance);
	if (file === '') {
		return;
	}

	const secret = readSecret(file);
	let problem = '';
	if (secret.type === 'refused') {
		problem = secret.why;
	} else if (URL.canParse(secret.value)) {
		const answer = await sendWithRetries(
			{
				url: addressOf(secret.value, signal),
				method: 'POST',
				headers: {'Content-Type': 'text/plain; charset=utf-8'},
				body,
				timeoutMilliseconds:
					1000 * numberAt(context.settings, ['timeoutSeconds'], {least: 0.1, most: 30, otherwise: 10}),
				signal: context.signal,
			},
			budgets[signal],
		);
		problem = answer.type === 'ok' ? '' : `The monitor was not told (${signal}): ${answer.why}.`;
	} else {
		problem = `${file} does not hold an address.`;
	}

	if (problem !== '') {
		context.log('warning', problem);
	}

	writeState(context, instance, {instance: instance.name, last: signal, problem});
};

/** What a finished job is to the monitor; null when that is none of its business. */
const signalOf = (outcome: unknown, partial: string): Signal | null => {
	switch (outcome) {
		case 'done':
			return 'success';
		case 'partial':
			return partial === 'success' ? 'success' : 'fail';
		case 'failed':
			return 'fail';
		default:
			return null;
	}
};

/** A few words on how a job ended, for the monitor's log. */
const bodyOf = ({job, outcome, error, result}: PluginRecordData, {name}: PluginInstance): string => {
	const message = isRecord(error) && typeof error.message === 'string' ? error.message : '';
	const skipped = isRecord(result) && Array.isArray(result.skipped) ? result.skipped.length : 0;
	const words = [
		`${name}: ${String(job)} ${String(outcome)}.`,
		message,
		skipped === 0 ? '' : `Files that are missing: ${skipped}.`,
	];
	return safeText(words.filter(word => word !== '').join(' ')).slice(0, 1000);
};

const onEvent = async (name: string, payload: PluginRecordData, context: PluginContext): Promise<void> => {
	const {instance, settings} = context;
	const isWatched = typeof payload.job === 'string' && textsAt(settings, ['jobs']).includes(payload.job);
	if (instance === null || !isWatched) {
		return;
	}

	if (name === 'job-started') {
		await ping('start', '', context, instance);
	} else if (name === 'job-finished') {
		const error = isRecord(payload.error) ? payload.error.code : null;
		const signal = error === 'busy' ? null : signalOf(payload.outcome, textAt(settings, ['partial']));
		if (signal !== null) {
			await ping(signal, bodyOf(payload, instance), context, instance);
		}
	}
};

const stateOf = (context: PluginContext): {readonly [key: string]: PluginData} => {
	const {instance} = context;
	if (instance === null) {
		return {instance: null, configured: textAt(context.settings, ['urlFile']) !== ''};
	}

	const file = fileFor(context, instance);
	const secret = file === '' ? null : readSecret(file);
	const {last = null, problem = ''} = readState(context, instance);
	return {
		instance: instance.name,
		configured: secret?.type === 'secret',
		file,
		problem: secret?.type === 'refused' ? secret.why : problem,
		last,
	};
};

export const plugin = definePlugin({
	apiVersion: 1,
	id: 'healthchecks',
	name: 'Healthchecks',
	description: 'Pings a monitor like healthchecks.io when backups begin, succeed and fail.',
	timeLimits: {onEvent: 60},
	settings: {
		version: 1,
		defaults: {urlFile: '', instances: {}, jobs: ['create'], partial: 'fail', timeoutSeconds: 10},
		onSave(values) {
			checkSettings(values, {
				urlFile: absolutePath,
				jobs: listOf(...jobs),
				partial: oneOf('fail', 'success'),
				timeoutSeconds: numberFrom(0.1, 30),
				instances: value =>
					isRecord(value) && Object.values(value).every(file => file !== undefined && absolutePath(file) === '')
						? ''
						: 'must be an object of instances and the absolute paths of their files',
			});
			return values;
		},
	},
	onEvent,
	get: stateOf,
	screens: [
		{
			type: 'settings',
			name: 'monitor',
			title: 'Healthchecks',
			content(context) {
				const {configured, problem, last} = stateOf(context);
				const said = typeof problem === 'string' ? problem : '';
				return [
					{type: 'text', text: 'Tells a monitor on another machine when backups begin, succeed and fail.'},
					{
						type: 'fields',
						fields: [
							{label: 'Address', value: configured === true ? 'in a private file' : 'not set', tone: 'plain'},
							{label: 'Last told', value: typeof last === 'string' ? last : 'nothing yet'},
							{label: 'Problem', value: said === '' ? 'none' : said, tone: said === '' ? 'muted' : 'warning'},
						],
					},
				];
			},
		},
	],
});
