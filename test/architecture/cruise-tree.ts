import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import configuration, { FLOW } from './dependency-rules.mjs'

/** All imports of a tree, judged by the rules. Without a folder: this tree. */
export const cruiseTree = async (folder?: string): Promise<ICruiseResult> => {
  const { forbidden, options } = configuration
  const { output } = await cruise(
    [...FLOW],
    {
      ...options,
      ...(folder === undefined ? {} : { baseDir: folder }),
      ruleSet: { forbidden: forbidden ?? [] },
      validate: true,
    },
    undefined,
    { tsConfig: extractTSConfig('tsconfig.json') },
  )
  return output as ICruiseResult
}

/** Each violation as `rule: file → import`. */
export const violationsOf = ({ summary }: ICruiseResult): readonly string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
