import { Worker } from 'node:worker_threads'
import { InvalidInputError, InvariantError } from '../../schemas/errors.ts'
import {
  clusterFingerprints,
  type FingerprintClusters,
  type FingerprintPoints,
} from '../clustering/cluster-fingerprints.ts'

/** Fewer rows are clustered at once: sooner than a thread starts. */
const FEWEST_FOR_THREAD = 400

type Answer =
  | { readonly clusters: FingerprintClusters }
  | { readonly refused: string; readonly code: string }

/**
 * `clusterFingerprints` in a thread of its own where it takes long: meanwhile failures come in and rankings go out.
 * @throws InvalidInputError as `clusterFingerprints`.
 */
export const clusterInWorker = async (input: FingerprintPoints): Promise<FingerprintClusters> => {
  if (input.weights.length < FEWEST_FOR_THREAD) return clusterFingerprints(input)
  const answer = await answerOf(input)
  if ('clusters' in answer) return answer.clusters
  throw new InvalidInputError('points-invalid', answer.refused)
}

/** In a published package it is compiled, as this file is. */
const WORKER = new URL(
  `./clustering-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
)

const answerOf = (input: FingerprintPoints): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: input })
    worker.once('message', (answer: Answer) => resolve(answer))
    worker.once('error', reject)
    worker.once('exit', (status) =>
      reject(new InvariantError('invariant-broken', `the clustering thread ended with ${status}`)),
    )
  })
