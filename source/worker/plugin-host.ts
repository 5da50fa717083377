/** Entry of the thread plugins run in. */
import {registerHooks} from 'node:module';
import {parentPort, workerData} from 'node:worker_threads';
import {builtInPlugins} from '../plugins/built-in/registry.js';
import type {HostData} from '../plugins/messages.js';
import {refuseUnsafeModules} from '../plugins/thread/module-hooks.js';
import {runPluginThread} from '../plugins/thread/plugin-thread.js';

const port = parentPort;
if (!port) {
	throw new Error('The plugin thread has nobody to talk to.');
}

const data = workerData as HostData;
registerHooks(refuseUnsafeModules(data.apiUrl, import.meta.url));
await runPluginThread(port, data, {
	builtIns: builtInPlugins,
	load: async url => (await import(url)) as Readonly<Record<string, unknown>>,
});
