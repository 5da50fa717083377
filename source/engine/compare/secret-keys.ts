/** Last words of names that stand for secrets: `api_key`, `secretKey`, `printhost_apikey`, `password`. */
const secretEnds =
	/(?:keys?|secrets?|salt|passwords?|passwd|passphrase|passwort|pwd|tokens?|auth|authorization|hash|hashes|credentials?|cookie)$/;
const secretWords = /password|passwd|passphrase|secret|token|apikey|privatekey|credential|authorization/;
const secretNames: ReadonlySet<string> = new Set(['pass', 'psk', 'auth', 'otp', 'pin']);

/**
 * True for the name of a setting whose value is not to be seen, however it is written: `apikey`, `API-Key`, `secretKey`. Rather once too often than
 * too seldom: `monkey` is taken for a key too.
 */
export const isSecretKey = (name: string): boolean => {
	const letters = name
		.normalize('NFKC')
		.toLowerCase()
		.replaceAll(/[^a-z0-9]/g, '');
	return secretEnds.test(letters) || secretWords.test(letters) || secretNames.has(letters);
};
