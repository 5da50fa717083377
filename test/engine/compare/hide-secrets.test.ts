import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {stringify} from 'yaml';
import {hiddenText, hideSecrets} from '../../../source/engine/compare/hide-secrets.js';
import {isSecretKey} from '../../../source/engine/compare/secret-keys.js';

const shown = (...texts: readonly string[]): readonly string[] =>
	hideSecrets(texts).map(lines => lines.map(({text}) => text).join('\n'));

const only = (text: string): string => shown(text)[0] ?? '';

describe('names of secrets', () => {
	test.each([
		...['key', 'apikey', 'api_key', 'API-Key', 'secret', 'secretKey', 'salt', 'password', 'passwd', 'token', 'auth'],
		...['hash', 'printhost_apikey', 'mqtt.password', 'accessToken', 'app_keys', 'authToken', 'tokenSecret', 'ｋｅｙ'],
	])('%s is one', name => {
		expect(isSecretKey(name)).toBe(true);
	});

	test.each(['keyboard', 'name', 'port', 'author', 'hashtag', 'salty', 'server', 'path', 'passive'])(
		'%s is none',
		name => {
			expect(isSecretKey(name)).toBe(false);
		},
	);
});

describe('what is hidden', () => {
	test.each([
		['a value', 'api:\n  key: 0123\nport: 5000\n', 'api:\n  key: ‹hidden›\nport: 5000'],
		['what follows it on the line', 'salt: ab # was: cd\n', 'salt: ‹hidden›'],
		['a quoted value over lines', 'token: "one\n  two"\nnext: 1\n', 'token: ‹hidden›\n  ‹hidden›\nnext: 1'],
		[
			'a quoted value over lines that are not further in',
			"token: 'one\ntwo'\nnext: 1\n",
			'token: ‹hidden›\n‹hidden›\nnext: 1',
		],
		['a block', 'key: |\n  one\n\n  two\nnext: 1\n', 'key: ‹hidden›\n  ‹hidden›\n\n  ‹hidden›\nnext: 1'],
		['a plain value over lines', 'a:\n  key: one\n    two\n  b: 1\n', 'a:\n  key: ‹hidden›\n    ‹hidden›\n  b: 1'],
		['a list', 'keys:\n- one\n- two\nnext: 1\n', 'keys:\n‹hidden›\n‹hidden›\nnext: 1'],
		['a mapping', 'auth:\n  user: me\n  pass: x\nnext: 1\n', 'auth:\n  ‹hidden›\n  ‹hidden›\nnext: 1'],
		['a list of mappings', '- api_key: one\n  app_id: two\n', '- api_key: ‹hidden›\n  app_id: two'],
		['a flow mapping', 'a: {user: me, token: x, b: 1}\n', 'a: {user: me, token: ‹hidden›'],
		['JSON', '{\n  "token": "x",\n  "port": 1\n}\n', '{\n  "token": ‹hidden›\n  "port": 1\n}'],
		[
			'JSON with the value on the next line',
			'{\n"token":\n"x",\n"port": 1\n}\n',
			'{\n"token":\n‹hidden›\n"port": 1\n}',
		],
		['a list in JSON', '{"token": [\n"x",\n"y"\n], "port": 1}\n', '{"token": ‹hidden›\n‹hidden›\n‹hidden›\n‹hidden›'],
		['INI', '[mqtt]\npassword = x\nhost = y\n', '[mqtt]\npassword = ‹hidden›\nhost = y'],
		['INI over lines', 'password = x\n  y\nhost = z\n', 'password = ‹hidden›\n  ‹hidden›\nhost = z'],
		['a continued line', 'TOKEN=x\\\ny\nHOST=z\n', 'TOKEN=‹hidden›\n‹hidden›\nHOST=z'],
		['a comment of a slicer', '; printhost_apikey = x\nG28\n', '; printhost_apikey = ‹hidden›\nG28'],
		['an option in a command', 'run: tool --password=x\n', 'run: tool --password=‹hidden›'],
		['a password in an address', 'url: http://me:x@host/\n', 'url: http://me:‹hidden›@host/'],
		[
			'a private key',
			'a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\nabc\n-----END RSA PRIVATE KEY-----\nb\n',
			'a\n‹hidden›\n‹hidden›\n‹hidden›\n‹hidden›\nb',
		],
		['what a secret refers to', 'other: &a one\npassword: *a\n', 'other: &a ‹hidden›\npassword: ‹hidden›'],
		['a name in another notation', '"pass\\u0077ord": x\n', '"pass\\u0077ord": ‹hidden›'],
		['a name on a line of its own', '? password\n: x\n', '? password\n: ‹hidden›'],
	])('%s', (_what, text, expected) => {
		expect(only(text)).toBe(expected);
	});

	test('nothing else', () => {
		const text = 'server:\n  host: 0.0.0.0\n  keyboard: de\n\nplugins:\n- a\n- b: {c: 1}\n';
		expect(`${only(text)}\n`).toBe(text);
	});

	test('values that say nothing are shown', () => {
		expect(only('password:\nauth: false\ntoken: null\nkey: ""\n')).toBe('password:\nauth: false\ntoken: null\nkey: ""');
	});

	test('the same value wherever it stands, in the other text too', () => {
		expect(shown('key: 0123456789abcdef\n', '# was 0123456789abcdef once\n')).toEqual([
			`key: ${hiddenText}`,
			`# was ${hiddenText} once`,
		]);
		expect(only('key: default\nprofile: default\n')).toBe(`key: ${hiddenText}\nprofile: default`);
	});

	test('returns at the ends of lines stay', () => {
		expect(only('key: x\r\nport: 1\r\n')).toBe(`key: ${hiddenText}\r\nport: 1\r`);
	});
});

const secret = fc.stringMatching(/^[A-Z0-9]{6}[a-z][0-9]{5}$/);
const plainName = fc.constantFrom('name', 'port', 'host', 'enabled', 'profile', 'größe', 'x y');
const secretName = fc.constantFrom(
	'key',
	'apikey',
	'api_key',
	'secretKey',
	'salt',
	'password',
	'token',
	'auth',
	'hash',
	'Client Secret',
);
const awkward = fc.constantFrom(
	(text: string) => text,
	(text: string) => ` ${text}`,
	(text: string) => `${text}: x`,
	(text: string) => `"${text}'`,
	(text: string) => `one\n${text}\n\n two`,
	(text: string) => `# ${text}`,
	(text: string) => `{${text}`,
	(text: string) => `${'long words '.repeat(12)}${text}`,
	(text: string) => `\\${text}\\`,
);

type Tree = {readonly value: unknown; readonly secrets: readonly string[]};

/** Settings, with the secrets that are somewhere in them. */
const {tree} = fc.letrec<{tree: Tree; leaf: Tree; hidden: Tree; mapping: Tree; list: Tree}>(tie => ({
	leaf: fc
		.oneof(fc.integer(), fc.boolean(), fc.constantFrom('', 'a b', "it's", 'x: y'))
		.map(value => ({value, secrets: []})),
	hidden: fc.oneof(
		fc.tuple(secret, awkward).map(([text, form]) => ({value: form(text), secrets: [text]})),
		fc.array(secret, {maxLength: 3}).map(value => ({value, secrets: value})),
		fc.dictionary(plainName, secret).map(value => ({value, secrets: Object.values(value)})),
	),
	mapping: fc
		.tuple(
			fc.uniqueArray(fc.tuple(plainName, tie('tree')), {selector: ([name]) => name, maxLength: 3}),
			fc.uniqueArray(fc.tuple(secretName, tie('hidden')), {selector: ([name]) => name, maxLength: 3}),
			fc.boolean(),
		)
		.map(([plain, hidden, isFirst]) => {
			const pairs = isFirst ? [...hidden, ...plain] : [...plain, ...hidden];
			return {
				value: Object.fromEntries(pairs.map(([name, {value}]) => [name, value])),
				secrets: pairs.flatMap(([, {secrets}]) => secrets),
			};
		}),
	list: fc.array(tie('tree'), {maxLength: 3}).map(items => ({
		value: items.map(({value}) => value),
		secrets: items.flatMap(({secrets}) => secrets),
	})),
	tree: fc.oneof({maxDepth: 3}, tie('leaf'), tie('mapping'), tie('mapping'), tie('list')),
}));

const ini = (value: unknown, name = ''): string =>
	typeof value === 'object' && value !== null
		? Object.entries(value)
				.map(([key, item]) => ini(item, key))
				.join('')
		: `${name} = ${String(value).replaceAll('\n', '\n    ')}\n`;

const notations: Readonly<Record<string, (value: unknown) => string>> = {
	YAML: value => stringify(value),
	'YAML that breaks lines early': value => stringify(value, {lineWidth: 30}),
	'YAML in flow style': value => stringify(value, {collectionStyle: 'flow'}),
	'YAML in quotes': value => stringify(value, {defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_SINGLE'}),
	'YAML with anchors': value => stringify([value, value, {again: value}]),
	JSON: value => JSON.stringify(value),
	'JSON over lines': value => JSON.stringify(value, null, 2),
	'JSON without indent': value => JSON.stringify(value, null, ' ').replaceAll(/\n +/g, '\n'),
	'something that is no YAML': value => `\t: [\n${stringify(value)}`,
};

describe('no secret is ever shown', () => {
	test.each(Object.entries(notations))('in %s', (_name, write) => {
		fc.assert(
			fc.property(tree, ({value, secrets}) => {
				const text = only(write(value));
				for (const each of secrets) {
					expect(text).not.toContain(each);
				}
			}),
			{numRuns: 150},
		);
	});

	test('in INI', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(secretName, secret), {maxLength: 5}), pairs => {
				const text = only(`[a]\nname = x\n${ini(Object.fromEntries(pairs))}port = 1\n`);
				expect(pairs.some(([, each]) => text.includes(each))).toBe(false);
				expect(text).toContain('name = x');
				expect(text).toContain('port = 1');
			}),
		);
	});

	test('and any text keeps its lines', () => {
		const piece = fc.constantFrom(
			'key',
			':',
			'=',
			' ',
			'\n',
			'"',
			"'",
			'{',
			'[',
			']',
			'}',
			'- ',
			'|',
			'abc',
			'\t',
			'\r',
			'#',
			'&a',
			'*a',
			'\\',
			'é',
		);
		fc.assert(
			fc.property(fc.array(piece, {maxLength: 60}), pieces => {
				const text = pieces.join('');
				const lines = hideSecrets([text])[0] ?? [];
				expect(lines.length).toBe((text.match(/[^\n]*\n|[^\n]+/g) ?? []).length);
				for (const [index, {text: line, isHidden}] of lines.entries()) {
					expect(isHidden || line === text.split('\n')[index]).toBe(true);
				}
			}),
			{numRuns: 1000},
		);
	});
});

test.each([
	['one run of letters', 'a'.repeat(512_000)],
	['letters and dashes', 'a-'.repeat(256_000)],
	['quotes', '"'.repeat(512_000)],
	['both quotes', `"'`.repeat(256_000)],
	['names on one line', 'key='.repeat(128_000)],
	['names and blank lines', `${'key: '.repeat(50_000)}${'\n'.repeat(260_000)}`],
	['unclosed brackets', 'key: ['.repeat(80_000)],
	['unclosed quotes', `key: ' `.repeat(60_000)],
	['blanks', `key:${' '.repeat(500_000)}x`],
	['blanks between letters', `key: x${' '.repeat(250_000)}x${' '.repeat(250_000)}x`],
	['deep blocks', Array.from({length: 1000}, (_, depth) => `${' '.repeat(depth)}key:\n`).join('')],
	['aliases', `a: &a x\n${'key: *a\n'.repeat(15_000)}`],
	[
		'lines of secrets',
		Array.from({length: 20_000}, (_, number) => `key${number}_token: A1b2c3d4e5-${number}`).join('\n'),
	],
	['private keys', '-----BEGIN PRIVATE KEY-----'.repeat(18_000)],
	['addresses', '://a'.repeat(128_000)],
])('%s do not make it slow', (_what, text) => {
	const start = performance.now();
	hideSecrets([text]);
	// Against time in the square of the length, which would be minutes; the machine may be busy with other tests.
	expect(performance.now() - start).toBeLessThan(15_000);
});
