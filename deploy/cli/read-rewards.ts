import { readFile } from 'node:fs/promises'
import {
  parseRewardTable,
  type RewardTable,
} from '../../controller/regression-tester/rewards/reward-table.ts'
import { InvalidInputError } from '../../schemas/errors.ts'

/** A table of rewards from a file; `-` is standard input. @throws InvalidInputError */
export const readRewards = async (file: string): Promise<RewardTable> => {
  const name = file === '-' ? 'standard input' : file
  try {
    return parseRewardTable(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8'), name)
  } catch (error) {
    if (error instanceof InvalidInputError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new InvalidInputError('argument-invalid', `${name} cannot be read: ${reason}.`)
  }
}
