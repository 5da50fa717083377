/** Which addresses a file is fetched from, and how it is told that one was not. */

export type DownloadFailure = {
	readonly type: 'failure';
	/**
	 * - `missing`: the server says that there is no such thing
	 * - `status`: it answers with another failure
	 * - `unsafe`: it would have to be fetched without encryption, or it leads to this machine from elsewhere
	 */
	readonly reason:
		| 'missing'
		| 'status'
		| 'timeout'
		| 'too-large'
		| 'certificate'
		| 'broken'
		| 'unsafe'
		| 'redirections'
		| 'cancelled';
	/** For a person, as the end of a sentence: "the server answered with 500". */
	readonly why: string;
	/** True when the same may work a little later. */
	readonly mayPass: boolean;
	/** How long the server wants to be left alone. */
	readonly retryAfterMilliseconds?: number;
};

/** A failure in words. */
export const failure = (reason: DownloadFailure['reason'], why: string, mayPass = false): DownloadFailure => ({
	type: 'failure',
	reason,
	why,
	mayPass,
});

/** An address without the name and password that may be in it. */
export const withoutCredentials = (address: string): string => {
	try {
		const url = new URL(address);
		url.username = '';
		url.password = '';
		return url.href;
	} catch {
		return address;
	}
};

/** True for the names and addresses of this very machine. */
export const isLoopback = (host: string): boolean =>
	/^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])\.?$/iu.test(host);

/** Why an address may not be asked; undefined when it may. */
export const refusalOf = (
	url: URL,
	from: URL | undefined,
	{plainHosts}: {readonly plainHosts: 'any' | readonly string[]},
): DownloadFailure | undefined => {
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		return failure('unsafe', `${url.protocol}// is no way to fetch a file`);
	}

	if (from && isLoopback(url.hostname) && !isLoopback(from.hostname)) {
		return failure('unsafe', `${from.host} sends us to this machine itself`);
	}

	if (url.protocol === 'https:') {
		return undefined;
	}

	if (from?.protocol === 'https:') {
		return failure('unsafe', `${from.host} sends us to ${url.host}, without encryption`);
	}

	return isLoopback(url.hostname) || plainHosts === 'any' || plainHosts.includes(url.hostname)
		? undefined
		: failure('unsafe', `${url.host} would be asked without encryption`);
};
