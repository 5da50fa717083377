import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {craftZip} from './craft-zip.js';
import {makePythonEnvironment} from './server-ports.js';

/** How the pip of a made-up interpreter takes an archive or a name. */
export type PipBehaviour = {
	readonly exit?: number;
	readonly says?: string;
	/** The plugin that is there afterwards. */
	readonly installs?: readonly [key: string, name: string, version: string];
	/** True hangs until it is interrupted. */
	readonly hangs?: boolean;
	/** Fails like this as long as it is not built with what is installed. */
	readonly failsUnlessLegacy?: boolean;
};

export type FakeInterpreter = {
	readonly prefix: string;
	/** Arguments of every call of pip, oldest first. */
	readonly pipCalls: () => readonly (readonly string[])[];
	/** What the calls of pip had for an environment. */
	readonly pipEnvironments: () => ReadonlyArray<Readonly<Record<string, string>>>;
	/** True while pip hangs. */
	readonly isHanging: () => boolean;
};

const archiveScript = 'zipfile.is_zipfile';

/** The real one, and no program that looks for it each time. */
let realPython: string | undefined;

const findPython = (): string => {
	realPython ??= execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {encoding: 'utf8'}).trim();
	return realPython;
};

const program = (): string => `#!${findPython()} -S
import json, os, signal, sys, time, zipfile
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
def load(name, other):
    try:
        with open(os.path.join(here, name)) as file:
            return json.load(file)
    except FileNotFoundError:
        return other
def save(name, value):
    with open(os.path.join(here, name), "w") as file:
        json.dump(value, file)
facts = load("facts.json", {})
if sys.argv[1] == "-c":
    if ${JSON.stringify(archiveScript)} in sys.argv[2]:
        code, sys.argv = sys.argv[2], ["-c"] + sys.argv[3:]
        exec(code)
    elif facts is None:
        sys.exit("broken interpreter")
    else:
        print("something a site says")
        print(json.dumps(facts))
    sys.exit(0)
assert sys.argv[1:4] == ["-m", "pip", "install"], sys.argv
calls = load("calls.json", [])
save("calls.json", calls + [sys.argv[1:]])
save("environments.json", load("environments.json", []) + [dict(os.environ, CWD=os.getcwd())])
what = sys.argv[-1]
if what.startswith("/"):
    with zipfile.ZipFile(what) as archive:
        behaviour = json.loads(archive.read("pip.json"))
else:
    behaviour = load("index.json", {}).get(what, {"exit": 1, "says": "ERROR: No matching distribution found for " + what})
if behaviour.get("failsUnlessLegacy") and "--no-build-isolation" not in sys.argv:
    behaviour = {"exit": 1, "says": "ModuleNotFoundError: No module named 'octoprint_setuptools'"}
print(behaviour.get("says", ""))
if behaviour.get("hangs"):
    save("hanging", True)
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        sys.exit(1)
if behaviour.get("exit", 0) == 0 and "installs" in behaviour:
    facts["plugins"] = facts["plugins"] + [behaviour["installs"]]
    save("facts.json", facts)
sys.exit(behaviour.get("exit", 0))
`;

const usualFacts = {
	python: '3.11.7',
	platform: 'linux',
	virtual: true,
	writable: true,
	user: false,
	pip: '24.0' as string | null,
	octoprint: '1.11.8',
	plugins: [] as readonly (readonly string[])[],
	own: ['backup', 'announcements'],
};

/**
 * A Python environment whose interpreter is a real program that says what a test wants, and whose pip does what the archive it is given says.
 * @param facts what is other than usual; null is an interpreter that does not work.
 * @param index how pip takes names, by the whole requirement.
 */
export const makeFakeInterpreter = (
	prefix: string,
	facts: Partial<typeof usualFacts> | null = {},
	index: Readonly<Record<string, PipBehaviour>> = {},
): FakeInterpreter => {
	makePythonEnvironment(prefix);
	const file = join(prefix, 'bin/python');
	mkdirSync(join(prefix, 'bin'), {recursive: true});
	writeFileSync(file, program());
	chmodSync(file, 0o755);
	writeFileSync(join(prefix, 'facts.json'), JSON.stringify(facts === null ? null : {...usualFacts, ...facts}));
	writeFileSync(join(prefix, 'index.json'), JSON.stringify(index));
	const read = <Value>(name: string): readonly Value[] =>
		existsSync(join(prefix, name)) ? (JSON.parse(readFileSync(join(prefix, name), 'utf8')) as readonly Value[]) : [];
	return {
		prefix,
		pipCalls: () => read<readonly string[]>('calls.json'),
		pipEnvironments: () => read<Readonly<Record<string, string>>>('environments.json'),
		isHanging: () => existsSync(join(prefix, 'hanging')),
	};
};

/** An archive that tells the made-up pip what to do. `setup` is its `setup.py`. */
export const fakePlugin = (behaviour: PipBehaviour, setup?: string, more: readonly string[] = []): Buffer =>
	craftZip([
		{name: 'pip.json', data: JSON.stringify(behaviour)},
		...(setup === undefined ? [] : [{name: 'setup.py', data: setup}]),
		...more.map(name => ({name, data: 'x'})),
	]);
