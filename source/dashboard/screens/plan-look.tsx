import type {PlanFile, PlanPart} from '../../client/protocol.js';
import {type FileKind, PlanFiles} from './plan-files.js';
import {TextDiff} from './text-diff.js';

/** What of a plan is looked at closely: the files of a part, or one of them. */
export type Look = {readonly part: string; readonly kind: FileKind; readonly file?: PlanFile};

/** The files of one part of a plan or comparison, and how one of them differs. */
export const PlanLook = ({
	planId,
	parts,
	look,
	width,
	height,
	onLook,
}: {
	readonly planId: string;
	readonly parts: readonly PlanPart[];
	readonly look: Look;
	readonly width: number;
	readonly height: number;
	/** Null goes back to the parts. */
	readonly onLook: (look: Look | null) => void;
}) => {
	const {part, kind, file} = look;
	return file ? (
		<TextDiff planId={planId} file={file} width={width} height={height} onClose={() => onLook({part, kind})} />
	) : (
		<PlanFiles
			key={`${part} ${kind}`}
			planId={planId}
			parts={parts}
			part={part}
			kind={kind}
			width={width}
			height={height}
			onKind={next => onLook({part, kind: next})}
			onOpen={opened => onLook({part, kind, file: opened})}
			onClose={() => onLook(null)}
		/>
	);
};
