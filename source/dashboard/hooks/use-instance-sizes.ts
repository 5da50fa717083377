import {useEffect, useState} from 'react';
import type {InstanceRef} from '../../client/protocol.js';
import {defaultStore} from '../../settings/paths.js';
import {useDashboard} from '../dashboard-context.js';

/** Bytes of everything a backup could take in, by data folder; missing while it is measured, null when it cannot be. */
export type InstanceSizes = ReadonlyMap<string, number | null>;

const nothing: InstanceSizes = new Map();

/** Measures instances one after the other, as long as the component is there. */
export const useInstanceSizes = (instances: readonly InstanceRef[]): InstanceSizes => {
	const {actions, paths} = useDashboard();
	const [sizes, setSizes] = useState(nothing);
	const key = instances.map(({dataFolder}) => dataFolder).join('\0');
	// biome-ignore lint/correctness/useExhaustiveDependencies: the folders are what is measured.
	useEffect(() => {
		let isWanted = true;
		const measure = async (instance: InstanceRef): Promise<number | null> => {
			const store = defaultStore(paths, instance.name);
			try {
				let bytes = 0;
				for (const part of await actions.request('parts.list', {instance, store})) {
					if (part.inclusion !== 'never' && isWanted) {
						bytes += (await actions.request('parts.measure', {instance, store, part: part.name})).bytes;
					}
				}

				return bytes;
			} catch {
				return null;
			}
		};

		const measureAll = async (): Promise<void> => {
			for (const instance of instances) {
				const bytes = await measure(instance);
				if (!isWanted) {
					return;
				}

				setSizes(previous => new Map([...previous, [instance.dataFolder, bytes]]));
			}
		};

		void measureAll();
		return () => {
			isWanted = false;
		};
	}, [key]);
	return sizes;
};
