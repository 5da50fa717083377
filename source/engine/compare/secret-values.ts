/** Finds the values of secrets in YAML (which JSON is, too) by its own grammar: names in any notation, values over several lines, anchors and aliases. */
import {type Document, isAlias, isNode, isScalar, type Node, parseAllDocuments, visit} from 'yaml';
import {isSecretKey} from './secret-keys.js';
import type {TextRange} from './secret-lines.js';

/** Larger files are left to the names in their lines: a small board parses some 30 kB a second. */
const maximumCharacters = 128_000;

export type SecretValues = {readonly ranges: readonly TextRange[]; readonly values: readonly string[]};

const noSecrets: SecretValues = {ranges: [], values: []};

const collect = (document: Document.Parsed, ranges: TextRange[], values: Set<string>): void => {
	const anchored = new Map<string, Node[]>();
	const secrets: Node[] = [];
	visit(document, {
		Pair(_key, {key, value}) {
			if (isScalar(key) && isSecretKey(String(key.value)) && isNode(value)) {
				secrets.push(value);
			}
		},
		Value(_key, node) {
			if (node.anchor !== undefined) {
				anchored.set(node.anchor, [...(anchored.get(node.anchor) ?? []), node]);
			}
		},
	});
	// What a secret refers to is a secret where it stands, and may refer to more.
	for (let node = secrets.pop(); node; node = secrets.pop()) {
		if (node.range) {
			ranges.push([node.range[0], node.range[1]]);
		}

		visit(node, (_key, inner) => {
			if (isAlias(inner)) {
				secrets.push(...(anchored.get(inner.source) ?? []));
				anchored.delete(inner.source);
			} else if (isScalar(inner)) {
				values.add(String(inner.value));
			}
		});
	}
};

/** Where the values of secrets stand in a text, and what they are. Nothing when it is no YAML, or too long to be parsed. */
export const secretValues = (text: string): SecretValues => {
	if (text.length > maximumCharacters) {
		return noSecrets;
	}

	const ranges: TextRange[] = [];
	const values = new Set<string>();
	try {
		const documents = parseAllDocuments(text, {
			uniqueKeys: false,
			prettyErrors: false,
			strict: false,
			logLevel: 'silent',
		});
		for (const document of Array.isArray(documents) ? documents : []) {
			collect(document, ranges, values);
		}
	} catch {
		// Too deep, or not YAML at all: the names in the lines have to do.
	}

	return {ranges, values: [...values]};
};
