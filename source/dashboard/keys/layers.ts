import type {Action} from './bindings.js';
import {actionsFor} from './bindings.js';
import type {KeyPress} from './key-names.js';

/** What an action does here. `disabled` is the reason it cannot be done now; it is shown instead of doing it. */
export type Handler = {readonly run: (press: KeyPress) => void; readonly disabled?: string | undefined};

export type ActionHandlers = Readonly<Partial<Record<Action, Handler | ((press: KeyPress) => void)>>>;

/** From the bottom to the top: what lies higher gets a key first. */
export const ranks = ['global', 'screen', 'pane', 'field', 'overlay', 'overlay-field', 'top'] as const;

export type Rank = (typeof ranks)[number];

export type Layer = {
	readonly rank: Rank;
	readonly actions: ActionHandlers;
	/** Takes what is typed or pasted; letters are text here. */
	readonly type?: ((text: string) => void) | undefined;
	/** Keys it does not take go no further down, except Ctrl+C, Ctrl+L and Ctrl+Z. */
	readonly modal?: boolean | undefined;
	/** A small menu reads the keys itself: only Esc and the control keys are taken from it. */
	readonly ownKeys?: boolean | undefined;
};

const always: ReadonlySet<Action> = new Set(['interrupt', 'repaint', 'suspend']);

/** A handler in its long form. */
export const toHandler = (handler: Handler | ((press: KeyPress) => void)): Handler =>
	typeof handler === 'function' ? {run: handler} : handler;

/** Layers in the order they get a key: highest rank first, the newest of one rank first. */
export const inOrder = (layers: readonly Layer[]): readonly Layer[] =>
	layers
		.map((layer, index) => ({layer, index}))
		.sort((a, b) => ranks.indexOf(b.layer.rank) - ranks.indexOf(a.layer.rank) || b.index - a.index)
		.map(({layer}) => layer);

export type Resolved =
	| {readonly type: 'action'; readonly action: Action; readonly handler: Handler}
	| {readonly type: 'text'; readonly write: (text: string) => void}
	| {readonly type: 'nothing'};

/** Finds what a key press means in these layers. Pure. */
export const resolveKey = (layers: readonly Layer[], press: KeyPress): Resolved => {
	const candidates = actionsFor(press.name);
	let isBlocked = false;
	for (const layer of inOrder(layers)) {
		if (!isBlocked && layer.type && press.text !== '') {
			return {type: 'text', write: layer.type};
		}

		for (const action of candidates) {
			const handler = layer.actions[action];
			if (handler && (!isBlocked || always.has(action))) {
				return {type: 'action', action, handler: toHandler(handler)};
			}
		}

		isBlocked ||= layer.modal === true || layer.ownKeys === true;
	}

	return {type: 'nothing'};
};

/** The field that takes pasted text, if one is focused. */
export const pasteTarget = (layers: readonly Layer[]): ((text: string) => void) | undefined => {
	for (const layer of inOrder(layers)) {
		if (layer.type) {
			return layer.type;
		}

		if (layer.modal || layer.ownKeys) {
			return undefined;
		}
	}

	return undefined;
};

/** The actions that can be taken now, each with why not if it cannot, from the focused layer down. */
export const availableActions = (layers: readonly Layer[]): ReadonlyMap<Action, string | undefined> => {
	const available = new Map<Action, string | undefined>();
	let isBlocked = false;
	let isTyping = false;
	for (const layer of inOrder(layers)) {
		for (const [name, handler] of Object.entries(layer.actions)) {
			const action = name as Action;
			// While a field is focused, what lies below is not reached by letters.
			if (handler && !available.has(action) && (!isBlocked || always.has(action)) && !(isTyping && action !== 'back')) {
				available.set(action, toHandler(handler).disabled);
			}
		}

		isTyping ||= layer.type !== undefined;
		isBlocked ||= layer.modal === true || layer.ownKeys === true;
	}

	return available;
};
