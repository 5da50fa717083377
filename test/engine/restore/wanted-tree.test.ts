import {expect, test} from 'vitest';
import {toBytePath} from '../../../source/engine/restore/byte-path.js';
import {createTree, nodeAt, type WantedFile} from '../../../source/engine/restore/wanted-tree.js';

const fileOf = (name: string): WantedFile => ({type: 'file', target: toBytePath(name), name}) as WantedFile;

test('a tree has its folders before what is in them, and children in the order they were added', () => {
	const {root, folders, builder} = createTree();
	builder.folder(toBytePath('uploads/parts'), 'uploads/parts', null);
	const files = ['uploads/b', 'config.yaml', 'uploads/a', 'Würfel/x'].map(fileOf);
	for (const file of files) {
		builder.add(file);
	}

	builder.check();
	expect(folders.map(({name}) => name)).toEqual(['uploads', 'uploads/parts', 'Würfel']);
	expect([...root.children.keys()]).toEqual(['uploads', 'config.yaml', 'Würfel'].map(toBytePath));
	const uploads = nodeAt(root, toBytePath('uploads'));
	expect(uploads?.type === 'folder' ? [...uploads.children.keys()] : []).toEqual(['parts', 'b', 'a']);
	expect(files.map(({target}) => nodeAt(root, target))).toEqual(files);
	expect(nodeAt(root, toBytePath('uploads/b/c'))).toBeUndefined();
});

test.each([[['a', 'a/b']], [['a/b', 'a']], [['a/b', 'a/b']]])('%j are refused: one place cannot hold both', names => {
	const {builder} = createTree();
	for (const name of names) {
		builder.add(fileOf(name));
	}

	expect(builder.check).toThrow(expect.objectContaining({code: 'archive-refused'}));
});
