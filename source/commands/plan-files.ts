import type {PlanFile} from '../client/protocol.js';
import type {CommandContext} from './context.js';

const pageLength = 200;

/** Every file of a plan or comparison. */
export const allPlanFiles = async (context: CommandContext, planId: string): Promise<readonly PlanFile[]> => {
	const client = await context.client();
	const files: PlanFile[] = [];
	for (let total = 1; files.length < total; ) {
		const page = await client.request('plan.files', {planId, offset: files.length, limit: pageLength});
		total = page.total;
		files.push(...page.items);
		if (page.items.length === 0) {
			break;
		}
	}

	return files;
};
