import {createHash} from 'node:crypto';
import {createServer, type Server} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';

const retryMilliseconds = 15;
const patienceMilliseconds = 2000;

const listen = async (name: string): Promise<Server | NodeJS.ErrnoException> =>
	new Promise(resolve => {
		const server = createServer(socket => {
			socket.destroy();
		});
		server.once('error', resolve);
		server.listen({path: name}, () => {
			server.unref();
			resolve(server);
		});
	});

/**
 * Runs a short action while no other process of this host is in one for the same subject. It rests on a Linux abstract socket (unix(7)), which the
 * kernel frees when its process dies in whatever way. Where there are none (other systems, other network namespaces), and when someone sits on
 * the name for over two seconds, the action runs all the same: the lock file itself is made so that only one can create it.
 */
export const withMutex = async <Value>(subject: string, action: () => Value | Promise<Value>): Promise<Value> => {
	if (process.platform !== 'linux') {
		return action();
	}

	const name = `\0printkeep-${createHash('sha256').update(subject).digest('hex').slice(0, 32)}`;
	for (let waited = 0; ; waited += retryMilliseconds) {
		const server = await listen(name);
		if (!(server instanceof Error)) {
			try {
				return await action();
			} finally {
				await new Promise(resolve => {
					server.close(resolve);
				});
			}
		}

		if (server.code !== 'EADDRINUSE' || waited >= patienceMilliseconds) {
			return action();
		}

		await delay(retryMilliseconds);
	}
};
