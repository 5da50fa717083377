import * as v from 'valibot';

/**
 * Reads what a plugin has answered.
 * @throws TypeError that says where it is not as it should be: "it did not answer as it should (at 0.bytes)."
 */
export const readAnswer = <Schema extends v.GenericSchema>(schema: Schema, answer: unknown): v.InferOutput<Schema> => {
	const parsed = v.safeParse(schema, answer);
	if (parsed.success) {
		return parsed.output;
	}

	const place = v.getDotPath(parsed.issues[0]) ?? '';
	throw new TypeError(`it did not answer as it should${place === '' ? '' : ` (at ${place})`}.`);
};
