import type {Result, Target} from '../../client/protocol.js';
import type {EnginePorts} from '../ports.js';

/** Ends an interrupted restore of an instance, unless another printkeep is at work on it. */
export const recoverPending = async (_ports: EnginePorts, _target: Target): Promise<Result<'recover.pending'>> => ({
	type: 'none',
	message: '',
	hint: '',
});
