/** Reading and changing a configuration in YAML without changing anything else in it. */
import {type Document, isMap, isNode, isScalar, type Node, parseDocument, visit, YAMLMap} from 'yaml';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';

/** OctoPrint's own configurations have some kilobytes; with the largest that was seen, this is still done in a moment. */
const maximumCharacters = 1_000_000;
export type Mapping = ReadonlyMap<unknown, unknown>;

/** A configuration as the values in it, and as a document in which every value is the text it was written as. */
export type Parsed = {readonly document: Document.Parsed; readonly values: Mapping; readonly texts: Mapping};

/** The one refusal there is; `why` is the end of its sentence. */
export const cannot = (why: string, cause?: unknown): PrintkeepError =>
	new PrintkeepError('failed', `The settings of this machine cannot be kept: ${why}.`, {
		hint: 'Restore without keeping them, and set them in OctoPrint afterwards.',
		cause,
	});

const readMapping = (
	text: string,
	{whose, schema}: {readonly whose: string; readonly schema: 'yaml-1.1' | 'failsafe'},
): {readonly document: Document.Parsed; readonly mapping: Mapping} => {
	const document = parseDocument(text, {
		version: '1.1',
		schema,
		// Large whole numbers would lose their last digits as ordinary ones.
		intAsBigInt: true,
		// Silent would read the first of several documents.
		logLevel: 'error',
		prettyErrors: false,
	});
	const [error] = document.errors;
	if (error) {
		const line = text.slice(0, error.pos[0]).split('\n').length;
		throw cannot(
			error.code === 'DUPLICATE_KEY'
				? `${whose} has a setting twice (line ${line})`
				: `${whose} is no valid YAML (line ${line})`,
		);
	}

	// A few hundred bytes of aliases can stand for gigabytes. A file of nothing but comments is an empty configuration.
	const mapping: unknown =
		document.contents === null ? new Map() : document.toJS({mapAsMap: true, maxAliasCount: 1000});
	if (!(mapping instanceof Map)) {
		throw cannot(`${whose} holds no settings`);
	}

	return {document, mapping};
};

/** @throws PrintkeepError failed, when it is no mapping, or one that cannot be changed with certainty. */
export const parse = (text: string, whose: string): Parsed => {
	if (text.length > maximumCharacters) {
		throw cannot(`${whose} is too large`);
	}

	try {
		const {mapping: values} = readMapping(text, {whose, schema: 'yaml-1.1'});
		// What looks like a number, a date or a truth to one reader of YAML is a text to another: what is not changed is written as it was.
		const {document, mapping: texts} = readMapping(text, {whose, schema: 'failsafe'});
		return {document, values, texts};
	} catch (error) {
		throw error instanceof PrintkeepError
			? error
			: cannot(`${whose} is nested too deep or refers to itself too often`, error);
	}
};

/** The value at a path, undefined where there is none. */
export const valueAt = (values: unknown, [key, ...rest]: readonly string[]): unknown =>
	key === undefined ? values : values instanceof Map ? valueAt(values.get(key), rest) : undefined;

/** Python's own tags, which make objects and call functions, begin in the same way. */
const plainTags = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/u;

/** A copy of the present node at a path that can stand by itself; undefined when there is none. */
export const nodeAt = (document: Document.Parsed, path: readonly string[]): Node | undefined => {
	const node: unknown = document.getIn(path, true);
	if (!isNode(node)) {
		return undefined;
	}

	const copy = node.clone() as Node;
	visit(copy, {
		Alias() {
			throw cannot('one of them refers to another place');
		},
		Node(_key, inner) {
			if (typeof inner.tag === 'string' && !plainTags.test(inner.tag)) {
				throw cannot('one of them is not a plain value');
			}

			if ('anchor' in inner) {
				delete inner.anchor;
			}

			inner.comment = null;
			inner.commentBefore = null;
			inner.spaceBefore = false;
		},
	});
	return copy;
};

/** The same values with the one at a path replaced, or removed when it is undefined. */
export const replaced = (values: Mapping, path: readonly string[], value: unknown): Mapping => {
	const [key = '', ...rest] = path;
	const copy = new Map(values);
	if (rest.length === 0) {
		if (value === undefined) {
			copy.delete(key);
		} else {
			copy.set(key, value);
		}

		return copy;
	}

	const inner = values.get(key);
	if (inner instanceof Map) {
		copy.set(key, replaced(inner, rest, value));
	} else if (value !== undefined) {
		copy.set(key, replaced(new Map(), rest, value));
	}

	return copy;
};

/** Puts a node into the document, or takes out what is there. */
export const putInto = (document: Document.Parsed, path: readonly string[], node: Node | undefined): void => {
	if (node === undefined) {
		// What a path leads through may be something else than a group of settings, and is then left alone.
		if (document.hasIn(path)) {
			document.deleteIn(path);
		}

		return;
	}

	for (let length = 0; length < path.length; length++) {
		const parent = path.slice(0, length);
		const found: unknown = length === 0 ? document.contents : document.getIn(parent, true);
		if (found === undefined || found === null || (isScalar(found) && found.value === '')) {
			document.setIn(parent, new YAMLMap(document.schema));
		} else if (!isMap(found)) {
			throw cannot(`${safeText(path.join('.'))} cannot be reached in the backup's configuration`);
		}
	}

	// A comment behind a value is one about the setting.
	const before: unknown = document.getIn(path, true);
	if (isScalar(before) && isScalar(node) && before.comment) {
		node.comment = before.comment;
	}

	document.setIn(path, node);
};

/** How lists are indented: Python's writer, which OctoPrint uses, does not. */
const listsAreFlush = (text: string): boolean => /^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /mu.test(text);

/** The text of a changed document, as close to how it was written as YAML allows. */
export const textOf = (document: Document.Parsed, original: string): string =>
	document.toString({lineWidth: 0, indentSeq: !listsAreFlush(original), flowCollectionPadding: false});
