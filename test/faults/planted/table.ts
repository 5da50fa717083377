import type {PlantedFault} from './fault.js';
import {powerFaults} from './faults-power.js';

/** Every planted fault there is. */
export const plantedFaults: readonly PlantedFault[] = [...powerFaults];
