import { parentPort, workerData } from 'node:worker_threads'
import { NeoSigmaError } from '../../schemas/errors.ts'
import { type ClusteringWork, clusterAndPlace } from './cluster-and-place.ts'

/** Clusters what it is started with, answers, and ends. */
const answer = (): unknown => {
  try {
    return clusterAndPlace(workerData as ClusteringWork)
  } catch (error) {
    // Errors lose their class on the way: what the input was refused for is said by its text.
    if (error instanceof NeoSigmaError) return { refused: error.detail }
    throw error
  }
}

parentPort?.postMessage(answer())
