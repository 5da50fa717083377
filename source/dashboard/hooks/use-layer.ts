import {useEffect, useLayoutEffect, useRef} from 'react';
import {useDashboard} from '../dashboard-context.js';
import type {Layer} from '../keys/layers.js';
import {toHandler} from '../keys/layers.js';

/** What the footer and the help show of a layer; they redraw only when this changes. */
const shapeOf = ({rank, actions, modal, ownKeys, type}: Layer): string =>
	[
		rank,
		modal === true,
		ownKeys === true,
		type !== undefined,
		...Object.entries(actions).map(([action, handler]) =>
			handler ? `${action}=${toHandler(handler).disabled ?? ''}` : '',
		),
	].join('\n');

/**
 * Takes part in the keys while the component is mounted. `active: false` leaves the layer out.
 * The layer may be a new object at every render; the newest one is asked.
 */
export const useLayer = (layer: Layer, {active = true}: {readonly active?: boolean} = {}): void => {
	const {layers} = useDashboard();
	const current = useRef(layer);
	const shape = shapeOf(layer);
	useLayoutEffect(() => {
		current.current = layer;
	});
	useLayoutEffect(() => (active ? layers.add(() => current.current) : undefined), [layers, active]);
	const isFirst = useRef(true);
	// biome-ignore lint/correctness/useExhaustiveDependencies: the shape is what is listened to.
	useEffect(() => {
		if (isFirst.current) {
			isFirst.current = false;
		} else if (active) {
			layers.touch();
		}
	}, [shape, active, layers]);
};
