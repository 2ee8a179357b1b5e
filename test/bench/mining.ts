// Benchmarks of the failure miner: `npm run bench -- mining PART [ARGUMENT…]`; each part says what it takes.
const PARTS: Readonly<Record<string, () => Promise<{ run(options: readonly string[]): void }>>> = {
  hdbscan: () => import('./mining/hdbscan.ts'),
  miner: () => import('./mining/miner.ts'),
  quality: () => import('./mining/quality.ts'),
}

const [part = '', ...options] = process.argv.slice(2)
const open = PARTS[part]
if (open === undefined) {
  process.stdout.write(
    `npm run bench -- mining PART, with one of: ${Object.keys(PARTS).join(', ')}\n`,
  )
  process.exitCode = 2
} else (await open()).run(options)
