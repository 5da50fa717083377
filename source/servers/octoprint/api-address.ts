import type {InstanceRef, ServiceSettings} from '../../client/protocol.js';
import type {ServerPorts} from '../adapter.js';
import {portOf, readConfiguration} from './configuration.js';
import {type RunningServer, serversOn} from './running.js';

/** Where a server can be asked, and whether its own key may be sent there. */
export type ApiAddress = {
	/** Ends with `/`. More than one where only trying tells: the first that answers is the one. */
	readonly urls: readonly [string, ...string[]];
	/** True when a key goes no further than to this machine, or to where a person wants it. */
	readonly isTrusted: boolean;
};

/** Why there is no address, as the end of a sentence, and what to do. */
export type NoAddress = {readonly why: string; readonly advice: string};

/** What OctoPrint listens on unless it is told otherwise. */
const usualPort = 5000;

const isLoopback = (host: string): boolean =>
	host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(host);

const setAddress = 'Tell where it can be asked with `printkeep config set server-url http://HOST:PORT`.';

const fromSetting = (text: string): ApiAddress | NoAddress => {
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
		return {why: `the address ${text} that is set for it is none`, advice: setAddress};
	}

	url.search = '';
	url.hash = '';
	url.pathname = url.pathname.replace(/\/*$/u, '/');
	return {urls: [url.href], isTrusted: true};
};

const ofProcess = (server: RunningServer, instance: InstanceRef): ApiAddress | NoAddress => {
	if (server.hasOwnNetwork) {
		return {why: 'it runs in a container with a network of its own', advice: setAddress};
	}

	let configured: {readonly host: string | null; readonly port: number | null} = {host: null, port: null};
	try {
		configured = readConfiguration({
			...instance,
			...(server.configFile === null ? {} : {configFile: server.configFile}),
		});
	} catch {
		// What it was started with, or what is usual, may do.
	}

	const port = portOf(server.port) ?? configured.port ?? usualPort;
	const host = (server.host ?? configured.host ?? '').replace(/^\[|\]$/gu, '');
	if (['', '0.0.0.0', '::', '*', 'localhost'].includes(host)) {
		return {urls: [`http://127.0.0.1:${port}/`, `http://[::1]:${port}/`], isTrusted: true};
	}

	const text = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
	return URL.canParse(text) && isLoopback(new URL(text).hostname)
		? {urls: [new URL(text).href], isTrusted: true}
		: // A key is sent over the network only where a person has said so.
			{why: `it listens on the address ${host} only`, advice: setAddress};
};

/**
 * Where the server on an instance's data folder can be asked: where a person says, else where its processes listen, one address for each.
 */
export const apiAddresses = (
	ports: ServerPorts,
	instance: InstanceRef,
	settings: ServiceSettings,
): readonly (ApiAddress | NoAddress)[] =>
	settings.url === undefined
		? (serversOn(ports, instance.dataFolder) ?? []).map(server => ofProcess(server, instance))
		: [fromSetting(settings.url)];
