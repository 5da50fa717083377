import {expect, test} from 'vitest';
import {toBytePath} from '../../../source/engine/restore/byte-path.js';
import {
	type Digest,
	forgetDigests,
	rememberDigest,
	rememberedDigest,
} from '../../../source/engine/restore/remembered-digests.js';

const digest: Digest = {
	sha256: '0123456789abcdef'.repeat(4),
	crc32: 0xffff_fffe,
	bytes: Number.MAX_SAFE_INTEGER,
	changedAt: 1_700_000_000_123_456_800,
};

test('digests come back whole, for the path and the stamp they were made for and no other', () => {
	const path = toBytePath('/data/uploads/Würfel.gcode');
	rememberDigest(path, '1:2:3', digest);
	rememberDigest(toBytePath('/data/other'), '1:2:3', {...digest, crc32: 0});
	expect(rememberedDigest(path, '1:2:3')).toEqual(digest);
	expect(rememberedDigest(path, '1:2:4')).toBeUndefined();
	expect(rememberedDigest(toBytePath('/data/missing'), '1:2:3')).toBeUndefined();
	rememberDigest(path, '1:2:4', {...digest, bytes: 7});
	expect(rememberedDigest(path, '1:2:3')).toBeUndefined();
	expect(rememberedDigest(path, '1:2:4')).toEqual({...digest, bytes: 7});
	forgetDigests();
	expect(rememberedDigest(path, '1:2:4')).toBeUndefined();
});
