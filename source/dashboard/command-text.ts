/** What a dialog does, as a command that can be typed: pure. */
import type {ArchiveSource} from '../client/protocol.js';
import {shellCommand} from '../format/shell-quote.js';

/**
 * A command whose options and operands may be called anything: a value that begins with a dash is joined to its option, and such operands come after `--`.
 * @param options names without dashes; null for those without a value.
 */
export const commandText = (
	verb: string,
	operands: readonly string[],
	options: readonly (readonly [name: string, value: string | null])[] = [],
): string => {
	const words = options.flatMap(([name, value]) =>
		value === null ? [`--${name}`] : value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value],
	);
	return shellCommand(
		operands.some(operand => operand.startsWith('-'))
			? ['printkeep', verb, ...words, '--', ...operands]
			: ['printkeep', verb, ...operands, ...words],
	);
};

/** The option that tells the server's own backups apart, where all of them are the server's. */
export const originOptions = (sources: readonly ArchiveSource[]): readonly (readonly [string, string])[] =>
	sources.length > 0 && sources.every(source => source.type === 'backup' && source.origin === 'server')
		? [['origin', 'server']]
		: [];
