/** Entry of the thread plugins run in. */
import {registerHooks} from 'node:module';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {type MessagePort, workerData} from 'node:worker_threads';
import {builtInPlugins} from '../plugins/built-in/registry.js';
import {longestProgramMilliseconds} from '../plugins/limits.js';
import type {FromHost, HostData} from '../plugins/messages.js';
import {capturePrinting} from '../plugins/thread/capture-printing.js';
import {guardChildren} from '../plugins/thread/guard-children.js';
import {guardProcess, noticeChildren} from '../plugins/thread/guard-process.js';
import {lockGlobals} from '../plugins/thread/lock-globals.js';
import {refuseUnsafeModules} from '../plugins/thread/module-hooks.js';
import {runPluginThread} from '../plugins/thread/plugin-thread.js';
import {watchRunning} from '../plugins/thread/running.js';
import {createVoice} from '../plugins/thread/voice.js';

const data: HostData & {readonly port: MessagePort} = {...workerData};
// Every plugin sees the same object: it has no business with the port, nor with the settings of the others.
for (const key of Object.keys(workerData)) {
	delete workerData[key];
}

const {port} = data;
const send = (message: FromHost): void => port.postMessage(message);
const running = watchRunning(data.running);
const voice = createVoice(send, data.linesPerSecond);
// Only what a plugin says by itself may come up on a screen, as a line of the log.
capturePrinting(line => voice.log(running.current(), 'info', line));
guardProcess();
lockGlobals();
let areChildrenGuarded = false;
const onChildren = (): void => {
	if (!areChildrenGuarded) {
		areChildrenGuarded = true;
		guardChildren((pid, isRunning) => send({type: 'child', pid, isRunning}), longestProgramMilliseconds);
	}
};
noticeChildren(onChildren);
registerHooks(refuseUnsafeModules(data.apiUrl, import.meta.url, onChildren));
let collectGarbage: (() => void) | undefined;
await runPluginThread(port, data, {
	voice,
	running,
	collect() {
		if (!collectGarbage) {
			setFlagsFromString('--expose-gc');
			collectGarbage = runInNewContext('gc') as () => void;
		}

		collectGarbage();
	},
	builtIns: builtInPlugins,
	load: async url => (await import(url)) as Readonly<Record<string, unknown>>,
});
