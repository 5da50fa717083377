/** How small deflate makes a kind of file, as a share of its size. */
const shares: readonly {readonly extensions: readonly string[]; readonly share: number}[] = [
	{extensions: ['gcode', 'gco', 'g', 'ngc', 'nc', 'stl', 'obj'], share: 0.32},
	{
		extensions: ['json', 'yaml', 'yml', 'log', 'txt', 'csv', 'profile', 'md', 'html', 'js', 'css', 'py', 'svg', 'xml'],
		share: 0.25,
	},
	{
		extensions: [
			...['mp4', 'mkv', 'avi', 'mpg', 'mov', 'webm', 'jpg', 'jpeg', 'png', 'gif', 'webp', 'mp3'],
			...['zip', '3mf', 'gz', 'tgz', 'xz', 'bz2', 'zst', '7z', 'whl', 'ufp', 'bgcode'],
		],
		share: 1,
	},
];

const shareOf = new Map(shares.flatMap(({extensions, share}) => extensions.map(extension => [extension, share])));

/** What an entry costs beside its data: two headers, and a line of the manifest. */
const overheadBytes = 350;

/** Expected bytes of a file inside an archive, from its name and its size. */
export const estimateArchiveBytes = (name: string, bytes: number): number => {
	const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
	return overheadBytes + Math.ceil(bytes * (shareOf.get(extension) ?? 0.5));
};
