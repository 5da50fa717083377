import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parse, stringify} from 'yaml';
import {PrintkeepError} from '../../../source/errors.js';
import {machinePaths} from '../../../source/servers/octoprint/machine-paths.js';
import {machineSettings, withMachineSettings} from '../../../source/servers/octoprint/machine-settings.js';

const allGroups = [...new Set(machinePaths.map(({group}) => group))];

const backup = `# written by hand
accessControl:
  salt: BACKUPSALT   # never shown
api:
  key: BACKUPKEY
plugins:
  classicwebcam:
    stream: http://user:word@camera.local:8080/?action=stream&token=BACKUPTOKEN
  other:
    empty:
    time: 1:30
    exponent: 1e3
    octal: 0o17
    large: 12345678901234567890
    float: 1.10
    truth: yes
    "quoted": "yes"
    folded: >
      several words
      in a row
    list:
    - a
    - b: {x: 1, y: 2}

serial:
  port: /dev/ttyUSB0  # the old printer
  baudrate: 115200
server:
  port: 5000
  secretKey: BACKUPSECRET
  commands:
    serverRestartCommand: sudo service octoprint restart
`;

const present = `
appearance: {name: "Ender\\e[2J 3"}
serial:
  port: /dev/ttyACM0
  additionalPorts: [/dev/serial/*, "on"]
server:
  port: 5001
  secretKey: PRESENTSECRET
  commands:
    serverRestartCommand: sudo systemctl restart ender3
`;

describe('which settings belong to the machine', () => {
	test('only those that differ, in groups, as one safe line each', () => {
		expect(machineSettings(present, backup)).toEqual([
			{group: 'network', title: 'Port it listens on', path: 'server.port', present: '5001', backup: '5000'},
			{group: 'serial', title: 'Serial port', path: 'serial.port', present: '/dev/ttyACM0', backup: '/dev/ttyUSB0'},
			{group: 'serial', title: 'Baud rate', path: 'serial.baudrate', present: null, backup: '115200'},
			{
				group: 'serial',
				title: 'Additional serial ports',
				path: 'serial.additionalPorts',
				present: '/dev/serial/*, on',
				backup: null,
			},
			{group: 'name', title: 'Name of the instance', path: 'appearance.name', present: 'Ender\\x1b[2J 3', backup: null},
			{
				group: 'webcam',
				title: 'Webcam stream',
				path: 'plugins.classicwebcam.stream',
				present: null,
				backup: 'http://…@camera.local:8080/?…',
			},
			{
				group: 'commands',
				title: 'Command that restarts OctoPrint',
				path: 'server.commands.serverRestartCommand',
				present: 'sudo systemctl restart ender3',
				backup: 'sudo service octoprint restart',
			},
		]);
		expect(machineSettings(backup, backup)).toEqual([]);
	});

	test('secrets are shown in neither configuration', () => {
		const cameras = [
			'http://cam/?user=admin&pwd=SECRET1',
			'rtsp://admin:SECRET2@cam/stream',
			'/webcam/?action=stream&key=SECRET3',
			'https://a:SECRET4@b.example/x?y=SECRET5#SECRET6',
		];
		for (const [index, stream] of cameras.entries()) {
			const yaml = stringify({plugins: {classicwebcam: {stream, snapshotPassword: 'SECRET7'}}, api: {key: 'SECRET8'}});
			const shown = JSON.stringify([...machineSettings(yaml, '{}'), ...machineSettings('{}', yaml)]);
			expect(shown, cameras[index]).not.toContain('SECRET');
			expect(shown).toContain('…');
		}
	});

	test('long values are cut, and lists and groups are one line', () => {
		const [setting] = machineSettings(stringify({webcam: {stream: 'x'.repeat(1000)}}), '{}');
		expect(setting?.present).toHaveLength(161);
		const [proxy] = machineSettings('server: {reverseProxy: {prefixHeader: X-A, trustedProxies: [a, b]}}', '{}');
		expect(proxy?.present).toBe('prefixHeader: X-A, trustedProxies: a, b');
	});
});

describe('keeping them', () => {
	test('nothing else in the backup is written in another way', () => {
		expect(withMachineSettings(present, backup, allGroups)).toBe(
			backup
				.replace('salt: BACKUPSALT   #', 'salt: BACKUPSALT #')
				.replace(
					'  classicwebcam:\n    stream: http://user:word@camera.local:8080/?action=stream&token=BACKUPTOKEN\n',
					'  classicwebcam: {}\n',
				)
				.replace('several words\n      in a row', 'several words in a row')
				.replace('/dev/ttyUSB0  #', '/dev/ttyACM0 #')
				.replace('  baudrate: 115200\n', '  additionalPorts: [/dev/serial/*, "on"]\n')
				.replace('port: 5000', 'port: 5001')
				.replace(
					'sudo service octoprint restart\n',
					'sudo systemctl restart ender3\nappearance:\n  name: "Ender\\e[2J 3"\n',
				),
		);
	});

	test('only the groups that were chosen, and nothing at all when none differs', () => {
		const kept: unknown = parse(withMachineSettings(present, backup, ['network']));
		expect(kept).toMatchObject({
			server: {
				port: 5001,
				secretKey: 'BACKUPSECRET',
				commands: {serverRestartCommand: 'sudo service octoprint restart'},
			},
			serial: {port: '/dev/ttyUSB0'},
		});
		expect(withMachineSettings(present, backup, [])).toBe(backup);
		expect(withMachineSettings(backup, backup, allGroups)).toBe(backup);
	});

	test('into an empty configuration, and out of one', () => {
		expect(parse(withMachineSettings('server: {port: 1}', '# nothing\n', ['network']))).toEqual({server: {port: 1}});
		expect(parse(withMachineSettings('server: {port: 1}', 'server:\nx: 2\n', ['network']))).toEqual({
			server: {port: 1},
			x: 2,
		});
		expect(parse(withMachineSettings('{}', 'server: {port: 1}', ['network']))).toEqual({server: {}});
	});

	test('a text that looks like a number stays a text', () => {
		const kept = withMachineSettings(`appearance: {name: '007'}`, 'appearance: {name: x}\n', ['name']);
		expect(kept).toBe(`appearance: {name: '007'}\n`);
	});

	test('a group there is not is refused with those there are', () => {
		expect(() => withMachineSettings(present, backup, ['network', 'pin\u001bk'])).toThrow('pin\\x1bk');
		try {
			withMachineSettings(present, backup, ['x']);
		} catch (error) {
			expect(error).toMatchObject({code: 'usage', hint: `Use one of: ${allGroups.join(', ')}`});
		}
	});
});

describe('what cannot be understood is refused in words, and never guessed', () => {
	const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
		.split('')
		.map((name, index) => `${name}: &${name} [${Array.from({length: 9}, () => `*${'abcdefg'[index]}`).join(', ')}]`)
		.join('\n')}\n`;
	const hostile: Readonly<Record<string, string>> = {
		'no YAML': 'server: [',
		'a list': '- a\n',
		'a text': 'hello',
		'a setting twice': 'server: {port: 1}\nserver: {port: 2}\n',
		'two documents': 'a: 1\n---\nb: 2\n',
		'an alias without an anchor': 'a: *b\n',
		'aliases that grow': bomb,
		'nested too deep': `${'['.repeat(20_000)}`,
		'too large': `# ${'x'.repeat(1_000_001)}\n`,
	};
	test.each(Object.entries(hostile))('%s', (_name, yaml) => {
		for (const [a, b] of [
			[yaml, backup],
			[backup, yaml],
		] as const) {
			expect(machineSettings(a, b)).toEqual([]);
			let thrown: unknown;
			try {
				withMachineSettings(a, b, allGroups);
			} catch (error) {
				thrown = error;
			}

			expect(thrown).toBeInstanceOf(PrintkeepError);
			expect(thrown).toMatchObject({code: 'failed', hint: expect.stringContaining('without keeping')});
		}
	});

	const tangled: Readonly<Record<string, readonly [string, string]>> = {
		'an anchored group that is used elsewhere': ['server: {port: 2}', 'server: &s {port: 1}\nother: *s\n'],
		'a value that refers to another place': ['x: &x /dev/a\nserial: {port: *x}', 'serial: {port: /dev/b}'],
		'a group that is none': ['server: {port: 2}', 'server: 5\n'],
		'a value that would run something': [
			'server: {commands: {serverRestartCommand: !!python/object/apply:os.system [x]}}',
			'a: 1\n',
		],
		'a value that a merge would bring back': ['{}', 'd: &d {port: 1}\nserver: {<<: *d}\n'],
		'a group that is an alias': ['server: {port: 2}', 'a: &a {x: 1}\nserver: *a\n'],
	};
	test.each(Object.entries(tangled))('%s', (_name, [here, there]) => {
		expect(() => withMachineSettings(here, there, allGroups)).toThrow(PrintkeepError);
	});
});

describe('whatever the two configurations hold', () => {
	const scalar = fc.oneof(
		fc.string({unit: 'binary', maxLength: 12}),
		fc.constantFrom(
			'yes',
			'no',
			'null',
			'~',
			'1:30',
			'0o17',
			'1e3',
			'2020-01-01',
			'<<',
			'',
			' x ',
			'a: b',
			'# c',
			'- d',
			'*e',
		),
		fc.integer(),
		fc.double({noNaN: true, noDefaultInfinity: true}),
		fc.boolean(),
		fc.constant(null),
	);
	const value = fc.oneof(
		{weight: 3, arbitrary: scalar},
		fc.array(scalar, {maxLength: 3}),
		fc.dictionary(fc.string({maxLength: 5}), scalar, {maxKeys: 3, noNullPrototype: true}),
	);
	const paths = machinePaths.map(({path}) => path);
	const foreign = [
		['api', 'key'],
		['server', 'secretKey'],
		['plugins', 'x', 'y'],
		['folder', 'uploads'],
		['serial', 'log'],
	];
	const configuration = fc
		.array(fc.tuple(fc.constantFrom(...paths, ...foreign), value), {maxLength: 12})
		.map(entries => {
			const root: Record<string, unknown> = {};
			for (const [path, item] of entries) {
				const keys = [...path];
				const last = keys.pop() ?? '';
				let node = root;
				for (const key of keys) {
					node[key] ??= {};
					node = node[key] as Record<string, unknown>;
				}

				node[last] = item;
			}

			return root;
		});
	const writing = fc.record({
		version: fc.constant('1.1' as const),
		collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
		indentSeq: fc.boolean(),
		defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
	});
	const read = (text: string): unknown => parse(text, {version: '1.1'});
	const get = (node: unknown, path: readonly string[]): unknown =>
		path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], node);

	test('the result is the backup with these values replaced, and nothing else', () => {
		fc.assert(
			fc.property(
				configuration,
				configuration,
				writing,
				writing,
				fc.subarray(allGroups),
				(here, there, writeHere, writeThere, groups) => {
					const [presentYaml, backupYaml] = [stringify(here, writeHere), stringify(there, writeThere)];
					const expected = read(backupYaml) as Record<string, unknown>;
					const now = read(presentYaml);
					for (const {path} of machinePaths.filter(({group}) => groups.includes(group))) {
						const keys = [...path];
						const last = keys.pop() ?? '';
						const wanted = get(now, path);
						let node: Record<string, unknown> | undefined = expected;
						for (const key of keys) {
							if (node !== undefined && wanted !== undefined) {
								node[key] ??= {};
							}

							node = node?.[key] as Record<string, unknown> | undefined;
						}

						if (node && wanted === undefined) {
							delete node[last];
						} else if (node) {
							node[last] = wanted;
						}
					}

					expect(read(withMachineSettings(presentYaml, backupYaml, groups))).toEqual(expected);
				},
			),
			{numRuns: 200},
		);
	});

	test('no text crashes it', () => {
		const text = fc.oneof(
			fc.string({unit: 'binary', maxLength: 60}),
			fc
				.array(
					fc.constantFrom(
						'server:',
						'port',
						': ',
						'\n',
						'  ',
						'- ',
						'&a',
						'*a',
						'!!x',
						'{',
						'}',
						'[',
						']',
						'"',
						'|',
						'>',
						'<<',
						'?',
						'#',
						',',
					),
					{
						maxLength: 25,
					},
				)
				.map(words => words.join('')),
		);
		fc.assert(
			fc.property(text, text, (here, there) => {
				expect(Array.isArray(machineSettings(here, there))).toBe(true);
				try {
					expect(typeof withMachineSettings(here, there, allGroups)).toBe('string');
				} catch (error) {
					expect(error).toBeInstanceOf(PrintkeepError);
				}
			}),
			{numRuns: 500},
		);
	});
});
