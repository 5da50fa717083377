/** Where a plugin's archive lies, of the version that was backed up and of the newest. */

/** Names of distributions and versions that go into an address or before pip: only what needs no trust in its form. */
const safeName = /^[A-Za-z\d](?:[\w.-]{0,98}[A-Za-z\d])?$/u;
const safeVersion = /^\d[\w.+!-]{0,60}$/u;

/** An archive made of a branch or a tag, as GitHub, Gitea and Forgejo serve it: `/OWNER/REPOSITORY/archive/main.zip`. */
const branchArchive = /^(\/[\w.-]+\/[\w.-]+\/archive\/)(?:refs\/(?:heads|tags)\/)?[\w./+-]+?(\.zip|\.tar\.gz)$/u;

/** A file of the newest release: `/OWNER/REPOSITORY/releases/latest/download/FILE`. */
const latestRelease = /^(\/[\w.-]+\/[\w.-]+\/)releases\/latest\/download\/([\w.+-]+)$/u;

/** Versions are tagged as they are, or with a `v` before them. */
const tagsOf = (version: string): readonly string[] => [version, `v${version}`].map(encodeURIComponent);

/**
 * Where the archive of one version is to be found, judging by where that of the newest is; the first that exists is the one. None where it cannot be told.
 * @param archive address of the newest.
 */
export const exactAddresses = (archive: string, version: string): readonly string[] => {
	if (!safeVersion.test(version) || !URL.canParse(archive)) {
		return [];
	}

	const url = new URL(archive);
	const at = (path: string): string => new URL(path, url).href;
	const tagPrefix = url.hostname === 'github.com' ? 'refs/tags/' : '';
	const branch = branchArchive.exec(url.pathname);
	if (branch) {
		const [, start = '', extension = ''] = branch;
		return tagsOf(version).map(tag => at(`${start}${tagPrefix}${tag}${extension}`));
	}

	const release = latestRelease.exec(url.pathname);
	if (release) {
		const [, start = '', file = ''] = release;
		return [
			...tagsOf(version).map(tag => at(`${start}releases/download/${tag}/${file}`)),
			...tagsOf(version).map(tag => at(`${start}archive/${tagPrefix}${tag}.zip`)),
		];
	}

	return [];
};

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/gu, '-');

/** True when an archive is the file of a package index that has a distribution of this name: then that name there is the plugin's own. */
const isOnIndex = (archive: string, distribution: string): boolean => {
	if (!URL.canParse(archive)) {
		return false;
	}

	const {protocol, hostname, pathname} = new URL(archive);
	const file = pathname.split('/').at(-1) ?? '';
	return (
		protocol === 'https:' &&
		['files.pythonhosted.org', 'pypi.org', 'pypi.io', 'pypi.python.org'].includes(hostname) &&
		plainName(file).startsWith(`${plainName(distribution)}-`)
	);
};

/**
 * What pip is told to take one version of a distribution from a package index; undefined where it must not. Anybody may take a name that is free there, so an
 * index is believed only where the repository itself names a file of it, or when the person says so.
 */
export const indexRequirement = (
	archive: string,
	{name, version}: {readonly name: string; readonly version: string | null},
	isTrusted: boolean,
): string | undefined =>
	version !== null && safeName.test(name) && safeVersion.test(version) && (isTrusted || isOnIndex(archive, name))
		? `${name}==${version}`
		: undefined;
