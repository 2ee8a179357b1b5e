import { defineConfig } from 'vitest/config'

/** Unit, property and contract tests: embedded engines only, nothing from outside the checkout but `node_modules`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/system/**'],
    // chDB is one engine per process: a fork per file keeps stores apart.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
