import { parentPort, workerData } from 'node:worker_threads'
import { NeoSigmaError } from '../../schemas/errors.ts'
import { clusterFingerprints, type FingerprintPoints } from '../clustering/cluster-fingerprints.ts'

/** Clusters what it is started with, answers, and ends. */
const answer = (): unknown => {
  try {
    return { clusters: clusterFingerprints(workerData as FingerprintPoints) }
  } catch (error) {
    // Errors lose their class on the way: what the input was refused for is said by its code.
    if (error instanceof NeoSigmaError) return { refused: error.message, code: error.code }
    throw error
  }
}

parentPort?.postMessage(answer())
