/** A terminal in memory: what a program writes is interpreted by xterm, and what a person types arrives as bytes. */
import {EventEmitter} from 'node:events';
import xterm from '@xterm/headless';

const keyBytes: Readonly<Record<string, string>> = {
	Up: '\u{1B}[A',
	Down: '\u{1B}[B',
	Right: '\u{1B}[C',
	Left: '\u{1B}[D',
	Home: '\u{1B}[H',
	End: '\u{1B}[F',
	PageUp: '\u{1B}[5~',
	PageDown: '\u{1B}[6~',
	Delete: '\u{1B}[3~',
	Enter: '\r',
	Escape: '\u{1B}',
	Tab: '\t',
	'Shift+Tab': '\u{1B}[Z',
	Space: ' ',
	Backspace: '\u{7F}',
};

/** The bytes of a key: a name from the table, `Ctrl+x`, or the text itself. */
export const bytesOf = (key: string): string => {
	const control = /^Ctrl\+([a-z])$/u.exec(key)?.[1];
	return control === undefined ? (keyBytes[key] ?? key) : String.fromCharCode(control.charCodeAt(0) - 96);
};

class FakeStdout extends EventEmitter {
	readonly isTTY = true;
	readonly writable = true;
	readonly writableEnded = false;
	readonly destroyed = false;

	constructor(
		public columns: number,
		public rows: number,
		private readonly receive: (text: string) => void,
	) {
		super();
	}

	private corks = 0;
	private heldBack = '';
	private readonly callbacks: Array<() => void> = [];

	readonly write = (text: string, ...rest: readonly unknown[]): boolean => {
		const callback = rest.find(argument => typeof argument === 'function') as (() => void) | undefined;
		if (callback) {
			this.callbacks.push(callback);
		}

		this.heldBack += text;
		this.flush();
		return true;
	};

	readonly cork = (): void => {
		this.corks++;
	};

	readonly uncork = (): void => {
		this.corks--;
		this.flush();
	};

	private flush(): void {
		if (this.corks > 0) {
			return;
		}

		this.receive(this.heldBack);
		this.heldBack = '';
		for (const callback of this.callbacks.splice(0)) {
			setImmediate(callback);
		}
	}
}

class FakeStdin extends EventEmitter {
	readonly isTTY = true;
	isRaw = false;
	private readonly chunks: string[] = [];
	readonly setEncoding = (): this => this;
	readonly ref = (): this => this;
	readonly unref = (): this => this;
	readonly pause = (): this => this;
	readonly resume = (): this => this;

	readonly setRawMode = (isRaw: boolean): this => {
		this.isRaw = isRaw;
		return this;
	};

	readonly read = (): string | null => this.chunks.shift() ?? null;

	send(text: string): void {
		this.chunks.push(text);
		this.emit('readable');
	}
}

export type VirtualTerminal = {
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	/** Sends one chunk of raw bytes. */
	readonly send: (bytes: string) => void;
	/** Rows of the screen, all of them, without trailing blanks. */
	readonly screen: () => Promise<readonly string[]>;
	/** Everything written so far. */
	readonly written: () => string;
	/** The same, by the writes that reached the terminal. */
	readonly writes: () => readonly string[];
	readonly isRaw: () => boolean;
	readonly isAlternate: () => Promise<boolean>;
	readonly resize: (columns: number, rows: number) => void;
};

/** Opens a terminal of this size. */
export const openVirtualTerminal = (columns: number, rows: number): VirtualTerminal => {
	const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0, convertEol: true});
	const writes: string[] = [];
	const stdout = new FakeStdout(columns, rows, text => {
		writes.push(text);
		terminal.write(text);
	});
	const stdin = new FakeStdin();
	const settled = async (): Promise<void> => new Promise(resolve => terminal.write('', resolve));
	return {
		stdin: stdin as unknown as NodeJS.ReadStream,
		stdout: stdout as unknown as NodeJS.WriteStream,
		send: bytes => stdin.send(bytes),
		screen: async () => {
			await settled();
			const {active} = terminal.buffer;
			return Array.from({length: terminal.rows}, (_, row) =>
				(active.getLine(active.viewportY + row)?.translateToString(true, 0, terminal.cols) ?? '').trimEnd(),
			);
		},
		written: () => writes.join(''),
		writes: () => writes,
		isRaw: () => stdin.isRaw,
		isAlternate: async () => {
			await settled();
			return terminal.buffer.active.type === 'alternate';
		},
		resize: (newColumns, newRows) => {
			terminal.resize(newColumns, newRows);
			stdout.columns = newColumns;
			stdout.rows = newRows;
			stdout.emit('resize');
		},
	};
};
