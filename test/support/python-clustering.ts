import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What HDBSCAN is compared with; a change of a version makes a new environment. */
const PACKAGES = ['scikit-learn==1.9.1', 'hdbscan==0.8.43', 'fast_hdbscan==0.3.4', 'numpy==2.2.6']

/**
 * A Python with scikit-learn, contrib's hdbscan and fast_hdbscan of pinned versions, made once and kept in the user's
 * cache. Null where Python or its packages cannot be had, after saying so aloud.
 */
export const clusteringPython = (tests: string): string | null => {
  const digest = createHash('sha256').update(PACKAGES.join(' ')).digest('hex').slice(0, 12)
  const folder = join(homedir(), '.cache', 'neosigma', `clustering-python-${digest}`)
  const python = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'complete'))) return python
  rmSync(folder, { recursive: true, force: true })
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '-q', ...PACKAGES]],
    [python, ['-c', 'import sklearn, hdbscan, fast_hdbscan']],
    ['touch', [join(folder, 'unfinished')]],
  ]
  for (const [command, options] of steps) {
    const { status } = spawnSync(command, options, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status === 0) continue
    process.stderr.write(`\n*** NOT RUN: ${tests}: ${command} ${options[1]} failed\n\n`)
    return null
  }
  renameSync(join(folder, 'unfinished'), join(folder, 'complete'))
  return python
}
