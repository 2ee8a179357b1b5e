import { Worker } from 'node:worker_threads'
import { InvalidInputError, InvariantError } from '../../schemas/errors.ts'
import { type ClusteringAnswer, type ClusteringWork, clusterAndPlace } from './cluster-and-place.ts'

/** Fewer rows are clustered at once: sooner than a thread starts. */
const FEWEST_FOR_THREAD = 400

/**
 * `clusterAndPlace` in a thread of its own where it takes long: meanwhile failures come in and rankings go out.
 * @throws InvalidInputError as `clusterFingerprints`.
 */
export const clusterInWorker = async (work: ClusteringWork): Promise<ClusteringAnswer> => {
  if (work.weights.length < FEWEST_FOR_THREAD) return clusterAndPlace(work)
  const answer = await answerOf(work)
  if ('clusters' in answer) return answer
  throw new InvalidInputError('points-invalid', answer.refused)
}

/** In a published package it is compiled, as this file is. */
const WORKER = new URL(
  `./clustering-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
)

const answerOf = (work: ClusteringWork): Promise<ClusteringAnswer | { readonly refused: string }> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: work })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (status) =>
      reject(new InvariantError('invariant-broken', `the clustering thread ended with ${status}`)),
    )
  })
