import type { World } from '../simulated-model/world.ts'

/** The world with its agent under another name, or on another model. */
export const withAgent = (
  world: World,
  { agent, model }: { readonly agent?: string | undefined; readonly model?: string | undefined },
): World => {
  const { config } = world.agent
  return {
    ...world,
    agent: {
      ...world.agent,
      name: agent ?? world.agent.name,
      config: model === undefined ? config : { ...config, model: { ...config.model, name: model } },
    },
  }
}
