type Environment = Readonly<Record<string, string | undefined>>;

export type Capabilities = {
	/** The window has a title that can be set and put back. */
	readonly title: boolean;
	/** The progress sequence is either understood or ignored. */
	readonly progress: boolean;
};

/** What may be sent besides what Ink sends. The Linux console prints parts of unknown sequences; tmux and screen drop the progress. */
export const capabilitiesOf = (environment: Environment, windowTitle: boolean): Capabilities => {
	const terminal = environment.TERM ?? '';
	const title = windowTitle && terminal !== '' && terminal !== 'dumb' && terminal !== 'linux';
	return {title, progress: title && !environment.TMUX && !/^(?:tmux|screen)/u.test(terminal)};
};
