import type {ServerAdapter} from '../../servers/adapter.js';

/**
 * Files that hold nothing but passwords or keys, as paths inside the data folder. The configuration is as secret as they are, but every archive must have
 * it, and it is what people compare most: it is shown, with the values of its secrets hidden.
 */
export const secretFilesOf = ({
	secretFiles,
	requiredMembers,
}: Pick<ServerAdapter, 'secretFiles' | 'requiredMembers'>): readonly string[] =>
	secretFiles.filter(name => !requiredMembers.includes(name)).map(name => name.slice(name.indexOf('/') + 1));
