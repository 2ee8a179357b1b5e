import type { Evaluation } from '../../schemas/evaluation.ts'

/** A scored run of one task; override what matters. */
export const anEvaluation = (overrides: Partial<Evaluation> & { taskId: string }): Evaluation => {
  const score = overrides.score === undefined ? 1 : overrides.score
  return {
    id: `${overrides.taskId}/${overrides.replicate ?? 0}/${overrides.candidate ?? ''}`,
    agent: 'support',
    cycleId: 'cycle',
    stage: 'test',
    candidate: `sha256:${'0'.repeat(64)}`,
    split: 'regression',
    replicate: 0,
    seed: 1,
    epoch: 'e1',
    status: 'ok',
    score,
    passed: score === null ? null : score >= 0.5,
    metrics: { outputTokens: 100 },
    output: null,
    error: null,
    at: '2026-01-01T00:00:00.000Z',
    ...overrides,
  }
}
