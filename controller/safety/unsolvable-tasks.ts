import type { Evaluation } from '../../schemas/evaluation.ts'

/**
 * Canary tasks that nobody can solve: a pass is a bug of the scorer, or an agent that games it, and makes every score of that epoch
 * doubtful. Answers the reasons to block, by task.
 */
export const passedUnsolvable = (
  evaluations: readonly Evaluation[],
  unsolvableTaskIds: ReadonlySet<string>,
): readonly string[] => {
  const passed = evaluations.filter(
    ({ taskId, passed: isPassed }) => isPassed === true && unsolvableTaskIds.has(taskId),
  )
  return [...new Set(passed.map(({ taskId }) => taskId))].map(
    (taskId) => `unsolvable-passed: task ${taskId} cannot be solved and was scored as passed`,
  )
}
