import {execFileSync} from 'node:child_process';

export type PeerName = 'python3' | 'zip' | 'unzip' | '7z' | 'bsdtar' | 'restic' | 'find' | 'cp';

type Peer = {
	/** What Debian calls the package it is in. */
	readonly package: string;
	readonly versionArgs: readonly string[];
	/** Finds the version in what it says of itself. */
	readonly version: RegExp;
};

const peers: Readonly<Record<PeerName, Peer>> = {
	python3: {package: 'python3', versionArgs: ['--version'], version: /Python (\S+)/u},
	zip: {package: 'zip', versionArgs: ['-v'], version: /This is Zip (\S+)/u},
	unzip: {package: 'unzip', versionArgs: ['-v'], version: /UnZip (\S+)/u},
	'7z': {package: 'p7zip-full', versionArgs: ['i'], version: /7-Zip.*?(\d+\.\d+)/u},
	bsdtar: {package: 'libarchive-tools', versionArgs: ['--version'], version: /bsdtar (\S+)/u},
	restic: {package: 'restic', versionArgs: ['version'], version: /restic (\S+)/u},
	find: {package: 'findutils', versionArgs: ['--version'], version: /\) (\S+)/u},
	cp: {package: 'coreutils', versionArgs: ['--version'], version: /\) (\S+)/u},
};

export type PresentPeers = {
	readonly has: (name: PeerName) => boolean;
	readonly versions: ReadonlyMap<PeerName, string>;
	/** What is not here, and the package it would come with. */
	readonly missing: ReadonlyArray<{readonly name: string; readonly package: string}>;
};

const versionOf = ({versionArgs, version}: Peer, name: string): string | null => {
	try {
		const said = execFileSync(name, [...versionArgs], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
		return version.exec(said)?.[1] ?? 'of unknown version';
	} catch {
		return null;
	}
};

/** Looks which programs to compare with are installed. None is needed but Python; those that are missing are left out of the tables. */
export const findPeers = (): PresentPeers => {
	const versions = new Map<PeerName, string>();
	const missing: {readonly name: string; readonly package: string}[] = [];
	for (const name of Object.keys(peers) as readonly PeerName[]) {
		const version = versionOf(peers[name], name);
		if (version === null) {
			missing.push({name, package: peers[name].package});
		} else {
			versions.set(name, version);
		}
	}

	return {has: name => versions.has(name), versions, missing};
};

/** The Python itself: what is found by its name may be a script that looks for one first, and takes its time. */
export const pythonPath = (): string =>
	execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {encoding: 'utf8'}).trim();
