import {truncateEnd} from '../format/truncate.js';
import {displayWidth} from '../format/width.js';

/** The first lines that have room; when some are left out, the last one shown says so. At least one row is taken. */
export const fitLines = (
	lines: readonly string[],
	{room, width, ellipsis}: {readonly room: number; readonly width: number; readonly ellipsis: string},
): readonly string[] => {
	const rows = Math.max(1, room);
	return lines.length <= rows
		? lines
		: lines
				.slice(0, rows)
				.map((line, index) =>
					index === rows - 1
						? `${truncateEnd(line, width - displayWidth(ellipsis) - 1, '').trimEnd()} ${ellipsis}`
						: line,
				);
};
