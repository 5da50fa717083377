/**
 * Draws captured terminal screens as SVG: what `tmux capture-pane -e` gave, character by character, nothing added. Several screens become one
 * picture that shows them in turn.
 */
import stringWidth from 'string-width';

const cellWidth = 8.4;
const cellHeight = 18;
const padding = 12;
const palette = {
	background: '#16181d',
	foreground: '#d7dae0',
	colours: ['#3b4048', '#e0676f', '#8cc265', '#d8a657', '#6aa5ef', '#c37edd', '#57b6c2', '#d7dae0'],
	bright: ['#6f7683', '#f0808a', '#a5d77f', '#e9bd78', '#8dbdf7', '#d59aec', '#78cdd8', '#ffffff'],
};

const plainStyle = {
	foreground: null,
	background: null,
	bold: false,
	dim: false,
	italic: false,
	underline: false,
	inverse: false,
};

const colourOf = index => (index < 8 ? palette.colours[index] : palette.bright[index - 8]);

/** Applies one SGR sequence. Colours beyond the sixteen are not used by printkeep and not known here. */
const applyCodes = (style, codes) => {
	let next = {...style};
	for (const code of codes) {
		if (code === 0) next = {...plainStyle};
		else if (code === 1) next.bold = true;
		else if (code === 2) next.dim = true;
		else if (code === 3) next.italic = true;
		else if (code === 4) next.underline = true;
		else if (code === 7) next.inverse = true;
		else if (code === 22) Object.assign(next, {bold: false, dim: false});
		else if (code === 23) next.italic = false;
		else if (code === 24) next.underline = false;
		else if (code === 27) next.inverse = false;
		else if (code >= 30 && code <= 37) next.foreground = code - 30;
		else if (code === 39) next.foreground = null;
		else if (code >= 40 && code <= 47) next.background = code - 40;
		else if (code === 49) next.background = null;
		else if (code >= 90 && code <= 97) next.foreground = code - 82;
		else if (code >= 100 && code <= 107) next.background = code - 92;
		else throw new Error(`This picture cannot show SGR ${code}`);
	}

	return next;
};

/** Takes one captured row apart into pieces of one style, with their columns. */
const piecesOf = (row, startStyle) => {
	const pieces = [];
	let style = startStyle;
	let column = 0;
	for (const part of row.split(/(\u001b\[[0-9;]*m|[\u000e\u000f])/u)) {
		const sequence = /^\u001b\[([0-9;]*)m$/u.exec(part);
		if (sequence) {
			style = applyCodes(style, (sequence[1] || '0').split(';').map(Number));
		} else if (part !== '' && part !== '\u000e' && part !== '\u000f') {
			// Split at gaps, so that columns stay where they are whatever font draws them.
			for (const text of part.split(/( {2,})/u)) {
				pieces.push({text, column, width: stringWidth(text), style});
				column += stringWidth(text);
			}
		}
	}

	return {pieces, style};
};

const escapeText = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const number = value => String(Math.round(value * 10) / 10);

const drawPiece = ({text, column, width, style}, row) => {
	const x = padding + column * cellWidth;
	const y = padding + row * cellHeight;
	let foreground = style.foreground === null ? palette.foreground : colourOf(style.foreground);
	let background = style.background === null ? null : colourOf(style.background);
	if (style.inverse) {
		[foreground, background] = [background ?? palette.background, foreground];
	}

	const parts = [];
	if (background !== null) {
		parts.push(
			`<rect x="${number(x)}" y="${number(y)}" width="${number(width * cellWidth)}" height="${cellHeight}" fill="${background}"/>`,
		);
	}

	const trimmed = text.trimStart();
	const indent = stringWidth(text) - stringWidth(trimmed);
	const visible = trimmed.trimEnd();
	if (visible !== '') {
		const attributes = [
			`x="${number(x + indent * cellWidth)}"`,
			`y="${number(y + cellHeight * 0.74)}"`,
			`textLength="${number(stringWidth(visible) * cellWidth)}"`,
			'lengthAdjust="spacingAndGlyphs"',
			...(foreground === palette.foreground ? [] : [`fill="${foreground}"`]),
			...(style.bold ? ['font-weight="bold"'] : []),
			...(style.dim ? ['opacity="0.6"'] : []),
			...(style.italic ? ['font-style="italic"'] : []),
			...(style.underline ? ['text-decoration="underline"'] : []),
		];
		parts.push(`<text ${attributes.join(' ')}>${escapeText(visible)}</text>`);
	}

	return parts.join('');
};

/** Draws the rows of one screen. */
const drawScreen = screen => {
	let style = {...plainStyle};
	return screen
		.replace(/\n$/u, '')
		.split('\n')
		.flatMap((line, row) => {
			const result = piecesOf(line, style);
			style = result.style;
			return result.pieces.map(piece => drawPiece(piece, row));
		})
		.join('');
};

/**
 * Draws screens of one size.
 * @param screens texts with their escape sequences
 * @param options.seconds how long each is shown when there are several
 * @param options.title for those who cannot see the picture
 */
export const toSvg = (screens, {columns = 80, rows = 24, seconds = 4, title}) => {
	const width = Math.ceil(columns * cellWidth + 2 * padding);
	const height = Math.ceil(rows * cellHeight + 2 * padding);
	const total = screens.length * seconds;
	const share = 100 / screens.length;
	const animation =
		screens.length === 1
			? ''
			: `.s{opacity:0;animation:show ${total}s infinite step-end}@keyframes show{0%{opacity:1}${number(share)}%{opacity:0}}${screens
					.map((_, index) => `.s${index}{animation-delay:${index * seconds - (index === 0 ? 0 : total)}s}`)
					.join('')}`;
	const groups = screens.map((screen, index) =>
		screens.length === 1 ? drawScreen(screen) : `<g class="s s${index}">${drawScreen(screen)}</g>`,
	);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(title)}"><title>${escapeText(title)}</title><style>rect{shape-rendering:crispEdges}text{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:14px;white-space:pre}${animation}</style><rect width="${width}" height="${height}" rx="8" fill="${palette.background}"/><g fill="${palette.foreground}">${groups.join('\n')}</g></svg>\n`;
};
