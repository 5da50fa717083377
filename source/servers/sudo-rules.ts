/** What sudo's list of a user's rights says. Source: the output of `sudo -l` of sudo 1.8 and 1.9, in the C locale. */

/** Blanks and wildcards of a rule's arguments as a pattern; `\,` and the like stand for themselves. */
const matchesArguments = (rule: string, given: string): boolean => {
	if (rule === '') {
		return true;
	}

	if (rule === '""') {
		return given === '';
	}

	const pattern = rule
		.replaceAll(/\\(.)/gu, '$1')
		.replaceAll(/[.+^${}()|[\]\\]/gu, '\\$&')
		.replaceAll('*', '.*')
		.replaceAll('?', '.');
	return new RegExp(`^${pattern}$`, 'u').test(given);
};

/**
 * True when a list of rights says that a command needs no password. Of several rules that match, the last counts, as for sudo itself. Rules that are not
 * understood, those of aliases and groups of commands by folder for one, do not match.
 * @param list output of `sudo -l`.
 * @param command program by its name, and arguments.
 */
export const needsNoPassword = (list: string, [program = '', ...arguments_]: readonly string[]): boolean => {
	const given = arguments_.join(' ');
	// A long list goes on in the next line, which is indented further.
	const lines = list.replaceAll(/\n {6,}|\n\t+/gu, ' ').split('\n');
	const defaults = lines.some(line => /^ {4}(?:[^()]*[ ,])?!authenticate(?:,|$)/u.test(line));
	let isFree = false;
	for (const line of lines) {
		const rule = /^ {4}\(([^)]*)\) *(.*)$/u.exec(line);
		const [, as = '', commands = ''] = rule ?? [];
		if (!/^(?:ALL|root)\b/u.test(as)) {
			continue;
		}

		let isTagged = defaults;
		for (const item of commands.split(/(?<!\\), */u)) {
			const [, tags = '', negation = '', file = '', rest = ''] =
				/^((?:[A-Z_]+: *)*)(!?)(\S+) ?(.*)$/u.exec(item.trim()) ?? [];
			if (/\bNOPASSWD:/u.test(tags)) {
				isTagged = true;
			} else if (/\bPASSWD:/u.test(tags)) {
				isTagged = false;
			}

			const isMeant =
				file === 'ALL' || (file.startsWith('/') && file.endsWith(`/${program}`) && matchesArguments(rest, given));
			if (isMeant) {
				isFree = isTagged && negation === '';
			}
		}
	}

	return isFree;
};
