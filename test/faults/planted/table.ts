import type {PlantedFault} from './fault.js';
import {archiveFaults} from './faults-archive.js';
import {binaryFaults} from './faults-binary.js';
import {powerFaults} from './faults-power.js';
import {reuseFaults} from './faults-reuse.js';

/** Every planted fault there is. */
export const plantedFaults: readonly PlantedFault[] = [
	...powerFaults,
	...binaryFaults,
	...archiveFaults,
	...reuseFaults,
];
