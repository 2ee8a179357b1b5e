import { sha256 } from '../../schemas/canonical-json.ts'
import type { ClusterEvidence } from './cluster-evidence.ts'

/**
 * What a diagnosis of a cluster was made of, as a digest: its kinds of failure with their counts in powers of two, and the
 * values that failures and successes differ by. Equal digests need no second question to a model.
 */
export const membershipDigest = ({ agent, kinds, contrast }: ClusterEvidence): string =>
  sha256(
    JSON.stringify([
      agent,
      kinds
        .map(({ failingStep, template, failures }) =>
          JSON.stringify([failingStep, template, Math.floor(Math.log2(Math.max(1, failures)))]),
        )
        .sort(),
      [contrast.model, contrast.promptVersion, contrast.agentVersion].map((values) =>
        values
          .filter(({ failures }) => failures > 0)
          .map(({ value }) => value)
          .sort(),
      ),
    ]),
  ).slice(0, 32)
