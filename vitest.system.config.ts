import { defineConfig } from 'vitest/config'

/** What needs a registry, Kafka, another language or a browser. Each file says loudly what it could not run. */
export default defineConfig({
  test: {
    include: ['test/system/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
